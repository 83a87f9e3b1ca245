"""What came of a nudge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from kinetic.contracts.ids import ContentId, GapId, NudgeId, PersonId, TeamId
from kinetic.contracts.recommendation import (
    DismissalReason,
    NudgeAccepted,
    NudgeComposed,
    NudgeDismissed,
    NudgeExpired,
    NudgeSeen,
    NudgeSnoozed,
    NudgeWithdrawn,
    WithdrawalReason,
)
from kinetic.feedback.domain.tally import NOTHING, Tally

NudgeEvent = NudgeComposed | NudgeAccepted | NudgeDismissed | NudgeExpired | NudgeWithdrawn
Noticed = NudgeSeen | NudgeSnoozed
"""A manager has looked at a nudge, and nothing has come of it yet."""


class NudgeState(StrEnum):
    """Where a nudge ended, or that it has not."""

    COMPOSED = "composed"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class NudgeOutcome:
    """The newest state of one nudge. `composed_at` is None until its beginning was told, `ended_at` until its end was.

    `seen_at` is when its manager first looked at it, as far as that was told.
    """

    nudge_id: NudgeId
    gap_id: GapId
    team_id: TeamId
    manager_id: PersonId | None
    content_id: ContentId
    state: NudgeState
    version: int
    reason: DismissalReason | WithdrawalReason | None = None
    composed_at: datetime | None = None
    ended_at: datetime | None = None
    seen_at: datetime | None = None

    @property
    def tally(self) -> Tally:
        """What it adds to the counts of its content. A nudge that Kinetic took back says nothing about it."""
        match self.state:
            case NudgeState.ACCEPTED:
                return Tally(nudges_accepted=1)
            case NudgeState.DISMISSED:
                return Tally(nudges_dismissed=1)
            case NudgeState.EXPIRED:
                return Tally(nudges_expired=1)
            case NudgeState.COMPOSED | NudgeState.WITHDRAWN:
                return NOTHING


def note_nudge(known: NudgeOutcome | None, event: NudgeEvent | Noticed) -> NudgeOutcome:
    """The outcome after `event`, which may be old or repeated: only a higher version replaces what is known."""
    told = _told(event)
    if known is None:
        return told
    newest = told if told.version > known.version else known
    seen_at = min((at for at in (known.seen_at, told.seen_at) if at is not None), default=None)
    return replace(newest, composed_at=known.composed_at or told.composed_at, seen_at=seen_at)


def _told(event: NudgeEvent | Noticed) -> NudgeOutcome:
    state = _state(event)
    is_open = state is NudgeState.COMPOSED
    return NudgeOutcome(
        nudge_id=event.nudge_id,
        gap_id=event.gap_id,
        team_id=event.team_id,
        manager_id=event.manager_id,
        content_id=event.content_id,
        state=state,
        version=event.version,
        reason=event.reason if isinstance(event, NudgeDismissed | NudgeWithdrawn) else None,
        composed_at=event.occurred_at if isinstance(event, NudgeComposed) else None,
        ended_at=None if is_open else event.occurred_at,
        seen_at=event.occurred_at if isinstance(event, NudgeSeen | NudgeSnoozed) else None,
    )


def _state(event: NudgeEvent | Noticed) -> NudgeState:
    match event:
        case NudgeComposed() | NudgeSeen() | NudgeSnoozed():
            return NudgeState.COMPOSED
        case NudgeAccepted():
            return NudgeState.ACCEPTED
        case NudgeDismissed():
            return NudgeState.DISMISSED
        case NudgeExpired():
            return NudgeState.EXPIRED
        case NudgeWithdrawn():
            return NudgeState.WITHDRAWN
