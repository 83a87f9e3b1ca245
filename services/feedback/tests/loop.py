"""One nudge, its assignments and their content, told to feedback as the other services would."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from kinetic.common.database import Database
from kinetic.common.doors import Handle
from kinetic.common.events import Emission, Envelope, new_id, read_envelope, seal
from kinetic.contracts.assignment import AssignmentBlocked, BlockedReason, Origin, RefusalReason
from kinetic.contracts.event import Event
from kinetic.contracts.feedback import ContentAppraised
from kinetic.contracts.ids import AssignmentId, CompetencyKey, ContentId, GapId, NudgeId, PersonId, RoleKey, TeamId
from kinetic.contracts.ingestion import ContentChanged, PersonChanged, Position
from kinetic.contracts.recommendation import (
    DismissalReason,
    NudgeWithdrawn,
    SnoozeUntil,
    WithdrawalReason,
)
from kinetic.contracts.registry import BY_TYPE
from kinetic.feedback import handlers
from kinetic.feedback.domain.assignments import AssignmentEvent
from kinetic.feedback.handlers import AboutNudge

START = datetime(2026, 3, 1, tzinfo=UTC)
TEAM, GAP = TeamId(new_id()), GapId(new_id())
DANA, BEN, CARLA = (PersonId(new_id()) for _ in range(3))
COURSE, OTHER = ContentId(new_id()), ContentId(new_id())
NAMES = {DANA: "dana", BEN: "ben", CARLA: "carla"}


def nudge(
    kind: type[AboutNudge],
    version: int,
    nudge_id: NudgeId,
    content_id: ContentId = COURSE,
    *,
    manager_id: PersonId = DANA,
    team_id: TeamId = TEAM,
    start: datetime = START,
) -> Any:
    """An event of a nudge, told `version` minutes after the start."""
    facts: dict[str, Any] = {
        "nudge_id": nudge_id,
        "gap_id": GAP,
        "team_id": team_id,
        "manager_id": manager_id,
        "content_id": content_id,
        "version": version,
        "occurred_at": start + timedelta(minutes=version),
    }
    versions = {"map_version": 1, "content_version": 1, "policy_version": 1, "directory_version": 1}
    shown = {"competency": CompetencyKey("c"), "title": "t", "person_ids": (BEN, CARLA), "effort_minutes": 30}
    times = {"expires_at": start + timedelta(days=7), "until": SnoozeUntil.MOVED, "due_at": None}
    actors = dict.fromkeys(("accepted_by", "dismissed_by", "snoozed_by"), manager_id)
    reason = WithdrawalReason.GAP_CLOSED if kind is NudgeWithdrawn else DismissalReason.BAD_TIMING
    # each event ignores what it does not know
    return kind(**(facts | versions | shown | times | actors), reason=reason)


def assignment(
    kind: type[AssignmentEvent], version: int, assignment_id: AssignmentId, **differing: Any
) -> AssignmentEvent:
    """An event of Ben's assignment of the course."""
    facts: dict[str, Any] = {
        "assignment_id": assignment_id,
        "person_id": BEN,
        "content_id": COURSE,
        "team_id": TEAM,
        "nudge_id": None,
        "gap_id": GAP,
        "assigned_by": DANA,
        "origin": Origin.CHOSEN,
        "version": version,
        "occurred_at": START,
        "undo_until": START,
        "directory_version": 1,
        "was_requested": True,
        "withdrawn_by": DANA,
        "reason": BlockedReason.NO_LMS_ACCOUNT if kind is AssignmentBlocked else RefusalReason.INACTIVE,
    }
    lms = dict.fromkeys(("lms", "lms_person_id", "lms_content_id"), "L-1")
    return kind(**(facts | lms | differing))  # each event ignores what it does not know


def person(person_id: PersonId) -> PersonChanged:
    """A directory entry of one of the people."""
    position = Position(team_id=TEAM, manager_id=DANA, role=RoleKey("engineer"), effective_from=START)
    return PersonChanged(
        person_id=person_id,
        name=NAMES[person_id],
        email=f"{NAMES[person_id]}@company.example",
        time_zone="UTC",
        positions=(position,),
        version=1,
    )


def content(content_id: ContentId = COURSE) -> ContentChanged:
    """A catalogue entry."""
    return ContentChanged(
        content_id=content_id,
        title="Finding the cause",
        url="https://lms.example/c-1",
        teaches=(),
        effort_minutes=30,
        language="en",
        version=1,
    )


def envelope(event: Event) -> Envelope[Any]:
    """An event as if it had been read from Kafka."""
    return seal(Emission(event), "/test", datetime.now(UTC))


async def hand(database: Database, handle: Handle, *events: Event) -> list[Envelope[Any]]:
    """Hand events to a handler in one transaction; their envelopes."""
    envelopes = [envelope(event) for event in events]
    async with database.transaction() as tx:
        await handle(tx, envelopes)
    return envelopes


async def open_for_business(database: Database) -> None:
    """Everybody and the course are known."""
    await hand(database, handlers.on_directory_changed, *(person(person_id) for person_id in NAMES))
    await hand(database, handlers.on_catalogue_changed, content())


async def told(database: Database) -> list[Envelope[Event]]:
    """Every event in the outbox, oldest first."""
    async with database.transaction() as tx:
        rows = await tx.fetch("SELECT headers, value FROM outbox ORDER BY id")
    read = [read_envelope(row["headers"], row["value"], BY_TYPE) for row in rows]
    return [one for one in read if one is not None]


async def appraised(database: Database) -> list[ContentAppraised]:
    """Every appraisal in the outbox, oldest first."""
    return [one.data for one in await told(database) if isinstance(one.data, ContentAppraised)]
