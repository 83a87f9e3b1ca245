"""What the topics tell, folded into the lives of gaps: signal → gap → nudge → accepted → assigned → enrolled → completed → closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from kinetic.common.events import Envelope
from kinetic.contracts.assignment import (
    AssignmentCompleted,
    AssignmentEnrolled,
    AssignmentHeld,
    AssignmentRequested,
)
from kinetic.contracts.event import Event
from kinetic.contracts.ids import EventId, GapId, NudgeId, PersonId, TeamId
from kinetic.contracts.ingestion import SignalObserved
from kinetic.contracts.recommendation import DeferralReason, NudgeAccepted, NudgeComposed, NudgeDeferred
from kinetic.contracts.skill_gap import Explanation, GapClosed, GapClosedReason, GapOpened, GapRuledOut


class Stage(StrEnum):
    """What happens in the life of a gap, in this order."""

    SIGNAL = "signal"
    GAP = "gap"
    NUDGE = "nudge"
    ACCEPTED = "accepted"
    ASSIGNED = "assigned"
    ENROLLED = "enrolled"
    COMPLETED = "completed"
    CLOSED = "gap closed"


STAGE_OF: Final[Mapping[type[Event], Stage]] = MappingProxyType(
    {
        GapOpened: Stage.GAP,
        NudgeComposed: Stage.NUDGE,
        NudgeAccepted: Stage.ACCEPTED,
        AssignmentRequested: Stage.ASSIGNED,
        AssignmentEnrolled: Stage.ENROLLED,
        AssignmentCompleted: Stage.COMPLETED,
        GapClosed: Stage.CLOSED,
    }
)


@dataclass(frozen=True, slots=True)
class Life:
    """How far one gap has come. `begun_by` is the event it correlates with: the signal, when one tipped the scales."""

    gap_id: GapId
    team_id: TeamId | None = None
    competency: str = ""
    begun_by: EventId | None = None
    nudge_id: NudgeId | None = None
    held: int = 0
    completed: int = 0
    closed_because: GapClosedReason | None = None
    reached: Mapping[Stage, datetime] = field(default_factory=lambda: MappingProxyType({}))

    def reach(self, stage: Stage, at: datetime) -> Life:
        """The life with `stage` reached. The first time counts."""
        return self if stage in self.reached else replace(self, reached={**self.reached, stage: at})


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that was seen of the loop so far."""

    signals: Mapping[EventId, datetime] = field(default_factory=lambda: MappingProxyType({}))
    lives: Mapping[GapId, Life] = field(default_factory=lambda: MappingProxyType({}))
    ruled_out: tuple[GapRuledOut, ...] = ()
    deferred: tuple[NudgeDeferred, ...] = ()

    def see(self, event: Envelope[Event]) -> Story:
        """The story after one more event. Topics are not ordered against each other, nor does their order matter here."""
        match event.data:
            case SignalObserved():
                return replace(self, signals={**self.signals, event.id: event.time})
            case GapRuledOut():
                return replace(self, ruled_out=(*self.ruled_out, event.data))
            case NudgeDeferred():
                return replace(self, deferred=(*self.deferred, event.data))
        gap_id: GapId | None = getattr(event.data, "gap_id", None)
        if gap_id is None:
            return self
        life = _live(self.lives.get(gap_id, Life(gap_id)), event)
        return replace(self, lives={**self.lives, gap_id: life})

    def life_of(self, team_id: TeamId) -> Life | None:
        """The life that came furthest among the gaps of a team."""
        lives = [self._with_signal(life) for life in self.lives.values() if life.team_id == team_id]
        return max(lives, key=lambda life: len(life.reached), default=None)

    def ruled_out_for(self, team_id: TeamId, competency: str) -> GapRuledOut | None:
        """The ruling that a team holds a competency already."""
        already = Explanation.ALREADY_COVERED
        of_team = (r for r in self.ruled_out if r.team_id == team_id and r.competency == competency)
        return next((ruling for ruling in of_team if ruling.reason is already), None)

    def deferred_for(self, manager_id: PersonId) -> NudgeDeferred | None:
        """A nudge that a manager's weekly budget stopped."""
        budget = DeferralReason.WEEKLY_BUDGET
        return next((d for d in self.deferred if d.manager_id == manager_id and d.reason is budget), None)

    def _with_signal(self, life: Life) -> Life:
        at = self.signals.get(life.begun_by) if life.begun_by else None
        return life.reach(Stage.SIGNAL, at) if at else life


def missing(life: Life | None) -> list[Stage]:
    """The stages that a life has not reached."""
    return [stage for stage in Stage if life is None or stage not in life.reached]


def _live(life: Life, event: Envelope[Event]) -> Life:
    data: Any = event.data
    life = replace(life, team_id=life.team_id or data.team_id, begun_by=life.begun_by or _beginning(event))
    match data:
        case GapOpened():
            life = replace(life, competency=data.competency)
        case NudgeComposed() | NudgeAccepted():
            life = replace(life, nudge_id=data.nudge_id)
        case AssignmentHeld():
            life = replace(life, held=life.held + 1)
        case AssignmentCompleted():
            life = replace(life, completed=life.completed + 1)
        case GapClosed():
            life = replace(life, closed_because=data.reason)
    stage = STAGE_OF.get(type(data))
    return life.reach(stage, event.time) if stage else life


def _beginning(event: Envelope[Event]) -> EventId | None:
    """What tipped the scales; later events of the gap may correlate with a later signal."""
    return event.correlation_id if isinstance(event.data, GapOpened) else None
