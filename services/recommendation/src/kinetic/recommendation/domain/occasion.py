"""What a change of a nudge or a notice means for what was sent of it: it comes before its manager, or it is news."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from kinetic.common.events import Emission
from kinetic.contracts.ids import NoticeId, NudgeId, PersonId
from kinetic.contracts.recommendation import NudgeComposed, NudgeResumed
from kinetic.recommendation.domain.notice import Notice
from kinetic.recommendation.domain.nudge import Nudge

SETTLES: Final = timedelta(minutes=1)
"""How long new evidence may wait until a message that was sent is brought up to date."""


@dataclass(frozen=True, slots=True)
class About:
    """What comes before a manager: a nudge or a notice, by its id."""

    nudge_id: NudgeId | None = None
    notice_id: NoticeId | None = None


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a change means for deliveries: a new one (`comes`), or news for the newest of them."""

    about: About
    manager_id: PersonId
    version: int
    comes: bool
    waits: timedelta = timedelta(0)


def occasions(nudges: Iterable[Nudge], emissions: Sequence[Emission]) -> list[Occasion]:
    """What the changes of `nudges`, of which `emissions` tell, mean for what was sent of them."""
    coming = {e.data.nudge_id for e in emissions if isinstance(e.data, NudgeComposed | NudgeResumed)}
    return [_occasion(nudge, nudge.nudge_id in coming) for nudge in nudges]


def notice_occasions(notices: Iterable[Notice]) -> list[Occasion]:
    """What the changes of `notices` mean for what was sent of them. What waits, or never came, was sent to nobody."""
    return [
        Occasion(About(notice_id=notice.notice_id), notice.manager_id, notice.version, comes=notice.is_open)
        for notice in notices
        if notice.manager_id is not None
    ]


def _occasion(nudge: Nudge, comes: bool) -> Occasion:
    about = About(nudge.nudge_id), nudge.manager_id
    if comes:
        return Occasion(*about, nudge.version, comes=True)
    if nudge.outcome is not None or nudge.snooze is not None:
        return Occasion(*about, nudge.version, comes=False)
    return Occasion(*about, nudge.offered_version, comes=False, waits=SETTLES)
