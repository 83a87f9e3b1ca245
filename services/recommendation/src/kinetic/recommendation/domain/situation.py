"""What stands when a message comes due: its subject, its manager and their clock, and the ways to reach them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from kinetic.recommendation.domain.attention import Policy
from kinetic.recommendation.domain.receipt import Channel

LONGEST: Final = timedelta(seconds=30)
"""That most channels take."""


class Subject(Protocol):
    """What a delivery needs to know of what it is about."""

    @property
    def version(self) -> int:
        """Counts its changes."""

    @property
    def is_open(self) -> bool:
        """Whether it stands before its manager."""

    @property
    def rests(self) -> bool:
        """Whether the manager wants it later."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What stands when a delivery comes due: its subject, whether that is still for this manager, and their clock.

    `wished` are the channels that the manager wants, in their order; none when they do not mind.
    """

    subject: Subject
    is_theirs: bool
    policy: Policy
    zone: ZoneInfo
    now: datetime
    wished: Sequence[str] = ()

    @property
    def is_foreign(self) -> bool:
        """Whether somebody else is to see it by now. It is about to be withdrawn."""
        return self.subject.is_open and not self.is_theirs


@dataclass(frozen=True, slots=True)
class Way:
    """A channel on which the manager can be reached. It rests until `opens_at`, and may not take changes.

    `longest` is how long it takes at most until nothing more is to be learnt of a message.
    """

    channel: Channel
    takes_changes: bool
    opens_at: datetime
    longest: timedelta = LONGEST
