"""What this service keeps of a gap: what was last told of it, and what stands between it and a nudge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from kinetic.common.events import Cause, Envelope
from kinetic.contracts.ids import CompetencyKey, GapId, PersonId, TeamId
from kinetic.contracts.skill_gap import GapChanged, GapClosed, GapOpened

RECONSIDER_AFTER = timedelta(hours=1)
"""An open gap is considered again at least this often, so that no missed change of content or people stays missed."""

ToldGap = GapOpened | GapChanged | GapClosed


class Obstacle(StrEnum):
    """Why an open gap has no nudge. The first five pass with time; the others with the directory, the catalogue or the work."""

    WEEKLY_BUDGET = "weekly_budget"
    QUIET_HOURS = "quiet_hours"
    COOL_DOWN = "cool_down"
    DISMISSED = "dismissed"
    WITHHELD = "withheld"
    NO_MANAGER = "no_manager"
    NO_REPORTS = "no_reports"
    NO_CONTENT = "no_content"
    NOT_WORTH_IT = "not_worth_it"


@dataclass(frozen=True, slots=True)
class Hindrance:
    """The obstacle, whose attention was asked for, and until when it stands if that is known."""

    obstacle: Obstacle
    manager_id: PersonId | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """`cause` keeps the correlation of the signal that opened the gap, whichever event came last.

    `withheld_at` is when it was told that the holdout withholds a nudge about it, which is told once.
    """

    told: ToldGap
    cause: Cause
    hindrance: Hindrance | None = None
    due_at: datetime | None = None
    withheld_at: datetime | None = None

    @property
    def gap_id(self) -> GapId:
        """The id that skill-gap gave it. A gap that opens again is another one."""
        return self.told.gap_id

    @property
    def team_id(self) -> TeamId:
        """The team that misses the competency."""
        return self.told.team_id

    @property
    def competency(self) -> CompetencyKey:
        """What is missing."""
        return self.told.competency

    def hindered(self, hindrance: Hindrance, now: datetime) -> Gap:
        """The gap as long as it may not become a nudge; due when the obstacle passes, or within the hour."""
        due_at = now + RECONSIDER_AFTER
        return replace(self, hindrance=hindrance, due_at=min(due_at, hindrance.until or due_at))

    def suggested(self, now: datetime, resumes_at: datetime | None = None) -> Gap:
        """The gap while its nudge is open; due when the nudge is to come back, or within the hour."""
        due_at = now + RECONSIDER_AFTER
        return replace(self, hindrance=None, due_at=min(due_at, resumes_at or due_at))

    def settled(self) -> Gap:
        """The gap when there is nothing left to suggest: it is closed, or its nudge was answered."""
        return replace(self, hindrance=None, due_at=None)


def take_told(known: Gap | None, event: Envelope[ToldGap]) -> Gap | None:
    """The gap after an event about it; None when something newer is known already.

    A closed gap that was never seen open is kept too, so that a replayed opening cannot bring it back.
    """
    if known is None:
        return Gap(event.data, event.cause)
    if event.data.version <= known.told.version:
        return None
    cause = Cause(event.id, known.cause.correlation_id, known.cause.traceparent)
    return replace(known, told=event.data, cause=cause)
