"""Events for the tests: one gap of Checkout from its signal to its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from kinetic.common.events import Envelope
from kinetic.contracts import assignment, ingestion, recommendation, skill_gap
from kinetic.contracts.assignment import Origin
from kinetic.contracts.event import Event
from kinetic.contracts.ids import (
    AssignmentId,
    CompetencyKey,
    ContentId,
    EventId,
    GapId,
    NudgeId,
    PersonId,
    TeamId,
)
from kinetic.contracts.recommendation import DeferralReason
from kinetic.contracts.skill_gap import Explanation, GapClosedReason

BEGUN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CHECKOUT, PAYMENTS = TeamId("team-checkout"), TeamId("team-payments")
DANA, AIKO = PersonId("person-dana"), PersonId("person-aiko")
COURSE, GAP, NUDGE = ContentId("course"), GapId("gap-1"), NudgeId("nudge-1")
SKILL = CompetencyKey("release-engineering")
SIGNAL = EventId("signal-1")


def told(data: Event, seconds: float, event_id: str = "", life: EventId = SIGNAL) -> Envelope[Event]:
    """`data` as it was told `seconds` after the beginning, in the life of an event."""
    name = EventId(event_id or f"{data.type}/{seconds}")
    return Envelope(id=name, source="/test", time=BEGUN + timedelta(seconds=seconds), correlation_id=life, data=data)


def signal(team_id: TeamId = CHECKOUT) -> ingestion.SignalObserved:
    """A build failed."""
    return ingestion.SignalObserved(
        source="github",
        kind="delivery.failed",
        team_id=team_id,
        severity=0.5,
        summary="A job failed",
        occurred_at=BEGUN,
    )


def _verdict(team_id: TeamId) -> dict[str, object]:
    return {
        "team_id": team_id,
        "competency": SKILL,
        "competency_name": "Release engineering",
        "goal": None,
        "pressure": 1.2,
        "coverage": 0.3,
        "evidence": (),
        "map_version": 1,
        "decided_at": BEGUN,
    }


def opened(gap_id: GapId = GAP, team_id: TeamId = CHECKOUT) -> skill_gap.GapOpened:
    """A gap of one person."""
    return skill_gap.GapOpened.model_validate(
        {**_verdict(team_id), "gap_id": gap_id, "version": 1, "person_ids": (AIKO,), "required_level": 3}
    )


def closed(gap_id: GapId = GAP) -> skill_gap.GapClosed:
    """The gap is covered."""
    return skill_gap.GapClosed.model_validate(
        {**_verdict(CHECKOUT), "gap_id": gap_id, "version": 2, "reason": GapClosedReason.COVERED}
    )


def ruled_out(reason: Explanation = Explanation.ALREADY_COVERED) -> skill_gap.GapRuledOut:
    """The other team has the skill."""
    return skill_gap.GapRuledOut.model_validate({**_verdict(PAYMENTS), "reason": reason})


def deferred(reason: DeferralReason) -> recommendation.NudgeDeferred:
    """Dana is not to be interrupted."""
    return recommendation.NudgeDeferred(
        gap_id=GapId("gap-2"), team_id=CHECKOUT, manager_id=DANA, reason=reason, due_at=BEGUN, occurred_at=BEGUN
    )


_NUDGE = {
    "nudge_id": NUDGE,
    "gap_id": GAP,
    "team_id": CHECKOUT,
    "manager_id": DANA,
    "content_id": COURSE,
    "version": 1,
    "occurred_at": BEGUN,
    "person_ids": (AIKO,),
}


def composed() -> recommendation.NudgeComposed:
    """A suggestion in Dana's inbox."""
    more = {"competency": SKILL, "title": "Builds fail", "effort_minutes": 45, "expires_at": BEGUN}
    versions = {"map_version": 1, "content_version": 1, "policy_version": 1}
    return recommendation.NudgeComposed.model_validate({**_NUDGE, **more, **versions})


def accepted() -> recommendation.NudgeAccepted:
    """Dana's click."""
    return recommendation.NudgeAccepted.model_validate({**_NUDGE, "accepted_by": DANA, "directory_version": 1})


_ASSIGNMENT = {
    "assignment_id": AssignmentId("assignment-1"),
    "person_id": AIKO,
    "content_id": COURSE,
    "team_id": CHECKOUT,
    "nudge_id": NUDGE,
    "gap_id": GAP,
    "assigned_by": DANA,
    "origin": Origin.CHOSEN,
    "version": 1,
    "occurred_at": BEGUN,
}


def held() -> assignment.AssignmentHeld:
    """It can still be undone."""
    return assignment.AssignmentHeld.model_validate({**_ASSIGNMENT, "undo_until": BEGUN})


def requested() -> assignment.AssignmentRequested:
    """The LMS is asked."""
    lms = {"lms": "example-lms", "lms_person_id": "L-1", "lms_content_id": "C-1", "directory_version": 1}
    return assignment.AssignmentRequested.model_validate({**_ASSIGNMENT, **lms})


def enrolled() -> assignment.AssignmentEnrolled:
    """The LMS has enrolled."""
    return assignment.AssignmentEnrolled.model_validate(_ASSIGNMENT)


def completed() -> assignment.AssignmentCompleted:
    """The learner is done."""
    return assignment.AssignmentCompleted.model_validate({**_ASSIGNMENT, "score": 0.9})


def whole_life() -> list[Envelope[Event]]:
    """From the signal to the closed gap, in order, a second apart."""
    data = [signal(), opened(), composed(), accepted(), held(), requested(), enrolled(), completed(), closed()]
    return [told(event, at, SIGNAL if at == 0 else "") for at, event in enumerate(data)]
