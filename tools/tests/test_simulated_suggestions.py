"""What recommendation's decisions do in the simulation after a manager's answer: the same as in the service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest

from kinetic.common.events import Envelope, new_id
from kinetic.contracts.ids import CompetencyKey, ContentId, EventId, GapId, PersonId, TeamId
from kinetic.contracts.ingestion import Teaches
from kinetic.contracts.recommendation import DismissalReason
from kinetic.contracts.skill_gap import Evidence, GapClosed, GapClosedReason, GapOpened
from kinetic.recommendation.domain.attention import Policy
from kinetic.recommendation.domain.content import Content
from kinetic.recommendation.domain.gap import ToldGap
from kinetic.recommendation.domain.nudge import Nudge, State
from tools.simulation.suggestion import Staffing, Suggestion

TEAM, MANAGER, MEMBER, SKILL = TeamId("blue"), PersonId("rita"), PersonId("bob"), CompetencyKey("testing")
STAFFING = {TEAM: Staffing(MANAGER, ZoneInfo("UTC"), frozenset({MEMBER}), {MEMBER: "en"})}
BEGINNING = datetime(2026, 1, 5, 10, tzinfo=UTC)
DAY = timedelta(days=1)
NUMBERS = count()


def suggestion(*content_ids: str) -> Suggestion:
    taught = (Teaches(competency=SKILL, level=3),)
    contents = [Content(ContentId(c), 1, c, "https://lms.example", "en", 30, taught) for c in content_ids]
    return Suggestion(Policy(1, 50, None, frozenset(range(1, 8)), 14), contents)


def opened(seen_at: datetime = BEGINNING) -> GapOpened:
    evidence = Evidence(
        event_id=EventId(new_id()),
        source="ci",
        kind="quality.defect",
        statement="A defect",
        url=None,
        weight=0.8,
        observed_at=seen_at,
    )
    return GapOpened(
        gap_id=GapId(f"gap-{next(NUMBERS)}"),
        team_id=TEAM,
        competency=SKILL,
        competency_name="Testing",
        version=1,
        pressure=1.5,
        coverage=0.2,
        goal="quality",
        evidence=(evidence,),
        map_version=1,
        decided_at=seen_at,
        person_ids=(MEMBER,),
        required_level=3,
    )


def closed(gap: GapOpened) -> GapClosed:
    told = gap.model_dump(exclude={"person_ids", "required_level"})
    return GapClosed(**{**told, "version": 2}, reason=GapClosedReason.COVERED)


def suggested(company: Suggestion, days: float, *told: ToldGap) -> list[Nudge]:
    now = BEGINNING + days * DAY
    sealed = [Envelope(EventId(new_id()), "/skill-gap", now, EventId(new_id()), gap) for gap in told]
    return company.consider(sealed, STAFFING, now)


@pytest.mark.parametrize(
    ("reason", "days", "offered", "content"),
    [
        (DismissalReason.BAD_TIMING, 30, ("one",), "same"),
        (DismissalReason.ALREADY_COVERED, 90, ("one", "two"), "other"),
        (DismissalReason.ALREADY_COVERED, 90, ("one",), None),
        (DismissalReason.WRONG_SKILL, 365, ("one", "two"), "other"),
    ],
)
def test_the_reason_of_a_dismissal_decides_when_something_comes_and_what(
    reason: DismissalReason, days: int, offered: tuple[str, ...], content: str | None
) -> None:
    company = suggestion(*offered)
    (nudge,) = suggested(company, 0, opened())
    company.hear(nudge.nudge_id, State.DISMISSED, BEGINNING, reason)
    assert suggested(company, days - 0.01) == []
    came = [one.offer.content == nudge.offer.content for one in suggested(company, days)]
    assert came == {"same": [True], "other": [False], None: []}[content]


def test_evidence_called_wrong_needs_newer_evidence() -> None:
    company = suggestion("one", "two")
    (nudge,) = suggested(company, 0, gap := opened())
    company.hear(nudge.nudge_id, State.DISMISSED, BEGINNING, DismissalReason.WRONG_EVIDENCE)
    assert suggested(company, 100, closed(gap), opened()) == []
    assert len(suggested(company, 101, opened(seen_at=BEGINNING + DAY))) == 1


def test_a_gap_that_closes_and_opens_again_does_not_nag() -> None:
    company = suggestion("one")
    gap = opened()
    assert len(suggested(company, 0, gap)) == 1
    assert suggested(company, 1, closed(gap), opened()) == []
    assert len(suggested(company, 15)) == 1
