"""When nobody is still learning what a click assigned, its manager is asked to bring it up where the team meets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from kinetic.assignment.domain.assignment import NOT_ASKED, OPEN, Assignment, State, Step
from kinetic.common.events import Emission
from kinetic.contracts.assignment import ReinforcementRequested
from kinetic.contracts.ids import NudgeId
from kinetic.contracts.notices import Urgency

STANDS: Final = timedelta(days=14)
"""Two weekly reviews. After them what was learnt is no news."""


@dataclass(frozen=True, slots=True)
class Class:
    """All assignments of one click: how many there are, how many are completed, and how many are still under way."""

    assigned: int
    completed: int
    under_way: int

    @classmethod
    def of(cls, states: Iterable[State]) -> Class:
        """From where each of the assignments stands."""
        known = list(states)
        under_way = sum(state in NOT_ASKED | OPEN for state in known)
        return cls(len(known), sum(state is State.COMPLETED for state in known), under_way)


def completing(steps: Iterable[Step]) -> dict[NudgeId, Step]:
    """The last completion among `steps` of each click that was an answer to a nudge."""
    return {
        step.assignment.nudge_id: step
        for step in steps
        if step.assignment.nudge_id is not None and step.assignment.state is State.COMPLETED
    }


def decide_reinforcement(
    completions: Mapping[NudgeId, Step], classes: Mapping[NudgeId, Class], now: datetime
) -> Sequence[Emission]:
    """What managers are asked, by the completion that leaves nobody under way. `classes` are as of after it."""
    return [
        Emission(_request(nudge_id, last.assignment, classes[nudge_id], now), last.assignment.cause)
        for nudge_id, last in sorted(completions.items())
        if classes[nudge_id].under_way == 0
    ]


def _request(nudge_id: NudgeId, last: Assignment, known: Class, now: datetime) -> ReinforcementRequested:
    return ReinforcementRequested(
        manager_id=last.assigned_by,
        team_id=last.team_id,
        urgency=Urgency.DAILY_SLOT,
        expires_at=now + STANDS,
        path=f"/?nudge={nudge_id}",
        occurred_at=now,
        nudge_id=nudge_id,
        content_id=last.content_id,
        completed=known.completed,
        assigned=known.assigned,
    )
