"""What an answer to one suggestion means for the next about the same team and competency, whichever gap it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from kinetic.contracts.ids import PersonId
from kinetic.contracts.recommendation import DismissalReason, WithdrawalReason
from kinetic.contracts.skill_gap import GapChanged, GapOpened
from kinetic.recommendation.domain.attention import Rests
from kinetic.recommendation.domain.gap import Hindrance, Obstacle
from kinetic.recommendation.domain.nudge import Nudge, State

CONTENT_NOT_REFUSED: Final = frozenset({DismissalReason.BAD_TIMING, DismissalReason.WRONG_PEOPLE})
"""Dismissals for which the content is not to blame: it may be suggested again."""

SAYS_NOTHING: Final = frozenset({WithdrawalReason.MANAGER_CHANGED, WithdrawalReason.CONTENT_RETIRED})
"""Withdrawals that answer nothing about the team and the competency."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How a nudge ended, and for whom it was. `reason` is that of a dismissal."""

    state: State
    at: datetime
    person_ids: tuple[PersonId, ...]
    reason: DismissalReason | None = None

    @classmethod
    def of(cls, nudge: Nudge) -> Answer:
        """From a nudge that has ended."""
        outcome = nudge.outcome
        if outcome is None:
            raise ValueError(f"nudge {nudge.nudge_id} has not ended")
        reason = outcome.reason if isinstance(outcome.reason, DismissalReason) else None
        return cls(nudge.state, outcome.at, nudge.offer.person_ids, reason)


def hindrance_after(
    answers: Sequence[Answer], told: GapOpened | GapChanged, manager_id: PersonId, rests: Rests, now: datetime
) -> Hindrance | None:
    """What earlier answers still stand against another suggestion; None when nothing does.

    Until a time, or, when the evidence was called wrong, until something is observed after that was said.
    """
    last = max(answers, key=lambda answer: _rests_until(answer, rests), default=None)
    if last is not None and (until := _rests_until(last, rests)) > now:
        obstacle = Obstacle.DISMISSED if last.state is State.DISMISSED else Obstacle.COOL_DOWN
        return Hindrance(obstacle, manager_id, until)
    doubted = max((a.at for a in answers if a.reason is DismissalReason.WRONG_EVIDENCE), default=None)
    if doubted is not None and not any(seen.observed_at > doubted for seen in told.evidence):
        return Hindrance(Obstacle.DISMISSED, manager_id)
    return None


def wrong_people(answers: Sequence[Answer], rests: Rests, now: datetime) -> frozenset[PersonId]:
    """Those of whom the manager said lately that they are the wrong people for this competency."""
    since = now - timedelta(days=rests.wrong_people)
    dismissals = [a for a in answers if a.reason is DismissalReason.WRONG_PEOPLE and a.at > since]
    return frozenset(person_id for answer in dismissals for person_id in answer.person_ids)


def _rests_until(answer: Answer, rests: Rests) -> datetime:
    match answer.reason:
        case DismissalReason.ALREADY_COVERED:
            days = rests.already_covered
        case DismissalReason.WRONG_SKILL:
            days = rests.wrong_skill
        case DismissalReason.BAD_TIMING:
            days = rests.bad_timing
        case _:
            days = rests.cool_down
    return answer.at + timedelta(days=days)
