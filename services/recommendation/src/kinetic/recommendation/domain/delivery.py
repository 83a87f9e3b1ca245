"""The ledger of what leaves Kinetic: one entry for each time that a nudge, or a notice, comes before its manager.

An entry is written before anything is sent. It goes through the channels in the manager's order until one takes it, and
through that one alone the manager learns what became of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

from kinetic.contracts.ids import PersonId
from kinetic.recommendation.domain.attention import next_open
from kinetic.recommendation.domain.occasion import About
from kinetic.recommendation.domain.receipt import Channel, Delayed, Receipt, Refused, Sent, Unknown
from kinetic.recommendation.domain.situation import Situation, Way

FIRST_REST: Final = timedelta(seconds=2)
LONGEST_REST: Final = timedelta(minutes=15)
FALLS_BACK_AFTER: Final = timedelta(hours=1)
"""A channel that takes nothing for so long is passed over, while there is another."""
GATHERS: Final = timedelta(seconds=30)
"""How long what comes at the end of quiet hours waits for what else comes then; shorter than any time that is open."""
CLEARS_UP: Final = timedelta(minutes=1)
"""After that it is asked again to whom something goes."""
LOST_AFTER: Final = timedelta(seconds=90)
"""Beyond the longest that its channel takes: whoever began an attempt has ended it by then, or is gone."""


class Standing(StrEnum):
    """What is known of an entry: `unaddressed` stands in the console alone, `moot` ended before it was sent.

    One that is `carried` goes out in the message of another entry, which says what became of it.
    """

    PLANNED = "planned"
    CARRIED = "carried"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    UNADDRESSED = "unaddressed"
    MOOT = "moot"


@dataclass(frozen=True, slots=True)
class Delivery:
    """An entry. `occasion` is the version with which the subject came, or came back, before the manager.

    `shown_version` is the newest that the manager has, `wanted_version` the newest worth sending. `passed` has the channels
    that did not take it, and why. `trying_since` is when the channel at hand was first tried. `carried_by` is the entry whose
    message shows it too.
    """

    delivery_id: str
    about: About
    manager_id: PersonId
    occasion: int
    wanted_version: int
    standing: Standing
    due_at: datetime
    channel: Channel | None = None
    reference: Mapping[str, str] | None = None
    shown_version: int | None = None
    in_doubt: bool = False
    attempts: int = 0
    trying_since: datetime | None = None
    passed: Mapping[str, str] = field(default_factory=dict)
    problem: str | None = None
    carried_by: str | None = None

    @property
    def is_fresh(self) -> bool:
        """Whether nothing was tried yet."""
        untouched = self.standing is Standing.PLANNED and self.reference is None and self.carried_by is None
        return untouched and not (self.attempts or self.in_doubt or self.passed)

    @property
    def is_change(self) -> bool:
        """Whether the manager has a message already, which changes."""
        return self.reference is not None


def advance(delivery: Delivery, situation: Situation, ways: Sequence[Way]) -> Delivery:
    """What becomes of a delivery that is due: it is being sent, or it waits, or it ends.

    What nobody has seen need not be taken back, and nothing new comes in quiet hours, however long it was on its way. A change
    makes no noise. A former manager is sent nothing about the team: it waits until it is withdrawn, or theirs again.
    """
    subject, now = situation.subject, situation.now
    if situation.is_foreign:
        return hold_back(delivery, now)
    lost = _lost(delivery)
    if not lost.is_change:
        if not subject.is_open or subject.rests:
            return end(lost)
        opens_at = comes_at(situation)
        if opens_at > now:
            return postpone(lost, opens_at)
    way = _choose(lost, ways, situation.wished)
    if way is None:
        return unaddressed(lost)
    return postpone(lost, way.opens_at) if way.opens_at > now else _begin(lost, way, now)


def comes_at(situation: Situation) -> datetime:
    """When something new may come: not in quiet hours, and not in the first moments after them.

    In these gathers what was to come at their end, so that it comes together.
    """
    policy, zone, now = situation.policy, situation.zone, situation.now
    opens_at = next_open(policy, zone, now)
    opened_at = next_open(policy, zone, now - GATHERS) if opens_at <= now else opens_at
    return opened_at + GATHERS if opened_at > now - GATHERS else now


def ways_left(delivery: Delivery, ways: Sequence[Way], wished: Sequence[str]) -> list[Way]:
    """The ways that have not passed: those that are wished, in that order, or all. Who wishes for the console has none."""
    left = [way for way in ways if way.channel not in delivery.passed]
    return (
        sorted((way for way in left if way.channel in wished), key=lambda way: wished.index(way.channel))
        if wished
        else left
    )


def unaddressed(delivery: Delivery) -> Delivery:
    """Nobody takes it: it stands in the console. A message that was sent and cannot be changed stays as it is."""
    return end(delivery, Standing.UNADDRESSED)


def hold_back(delivery: Delivery, now: datetime) -> Delivery:
    """Until it is clear whose it is: a minute at a time."""
    return postpone(_lost(delivery), now + CLEARS_UP)


def postpone(delivery: Delivery, until: datetime) -> Delivery:
    """Not now, and for no fault of this message."""
    return replace(delivery, standing=Standing.PLANNED, due_at=until)


def _lost(delivery: Delivery) -> Delivery:
    """With what is known of an attempt that has no end."""
    return replace(delivery, in_doubt=True) if delivery.standing is Standing.SENDING else delivery


def _choose(delivery: Delivery, ways: Sequence[Way], wished: Sequence[str]) -> Way | None:
    """The first way that is left; only the one at hand, when it has the message or may have it, whatever is wished by now."""
    if delivery.is_change or delivery.in_doubt:
        at_hand = next((way for way in ways if way.channel is delivery.channel), None)
        return None if at_hand is None or (delivery.is_change and not at_hand.takes_changes) else at_hand
    return next(iter(ways_left(delivery, ways, wished)), None)


def _begin(delivery: Delivery, way: Way, now: datetime) -> Delivery:
    """The attempt that is about to be made. It is written down before it is made, and is lost when it takes too long."""
    since = delivery.trying_since if way.channel is delivery.channel and delivery.trying_since else now
    return replace(
        delivery,
        standing=Standing.SENDING,
        channel=way.channel,
        attempts=delivery.attempts + 1,
        trying_since=since,
        due_at=now + way.longest + LOST_AFTER,
    )


def end(delivery: Delivery, standing: Standing = Standing.MOOT) -> Delivery:
    """It is not sent (any more). What was sent stays as it is, and what may have been sent is not known."""
    if delivery.is_change:
        return replace(delivery, standing=Standing.SENT)
    in_doubt = delivery.in_doubt or delivery.standing is Standing.SENDING
    return replace(delivery, standing=Standing.UNKNOWN if in_doubt else standing, in_doubt=in_doubt)


def settle(delivery: Delivery, version: int, receipt: Receipt, more_ways: bool, now: datetime) -> Delivery:
    """What is known after an attempt to send `version`; `more_ways` says whether another channel could take it.

    A change can be repeated, so that it is never left unknown.
    """
    match receipt:
        case Sent(reference):
            return _sent(delivery, version, delivery.reference or reference, now)
        case Refused(problem):
            return _passed(delivery, problem, now)
        case Unknown(problem, after_seconds):
            doubted = replace(delivery, in_doubt=not delivery.is_change, problem=problem)
            if delivery.is_change or after_seconds is not None:
                return _later(doubted, problem, after_seconds, now)
            return replace(doubted, standing=Standing.UNKNOWN)
        case Delayed(problem, after_seconds):
            since = delivery.trying_since or now
            if more_ways and not delivery.is_change and not delivery.in_doubt and now - since >= FALLS_BACK_AFTER:
                return _passed(delivery, problem, now)
            return _later(delivery, problem, after_seconds, now)
        case never:
            assert_never(never)


def again(delivery: Delivery, now: datetime) -> Delivery:
    """An operator knows that it did not arrive."""
    return replace(
        delivery, standing=Standing.PLANNED, in_doubt=False, due_at=now, passed={}, trying_since=None, problem=None
    )


def set_aside(delivery: Delivery, problem: str, now: datetime) -> Delivery:
    """Nothing can be made of it for now. It is tried again, ever later, and with no other entry beside it."""
    return _later(replace(_lost(delivery), attempts=delivery.attempts + 1), problem, None, now)


def rest_after(attempts: int) -> timedelta:
    """Doubling with each attempt, and bounded."""
    return min(FIRST_REST * 2.0 ** min(attempts - 1, 20), LONGEST_REST)


def _later(delivery: Delivery, problem: str, after_seconds: float | None, now: datetime) -> Delivery:
    rest = max(rest_after(delivery.attempts), timedelta(seconds=after_seconds or 0))
    return replace(postpone(delivery, now + rest), problem=problem)


def _sent(delivery: Delivery, version: int, reference: Mapping[str, str], now: datetime) -> Delivery:
    """It arrived. What has changed meanwhile is due at once."""
    done = replace(
        delivery,
        due_at=now,
        reference=reference,
        shown_version=version,
        in_doubt=False,
        attempts=0,
        trying_since=None,
        problem=None,
    )
    return replace(done, standing=Standing.PLANNED if delivery.wanted_version > version else Standing.SENT)


def _passed(delivery: Delivery, problem: str, now: datetime) -> Delivery:
    """This channel will not take it. What was sent and cannot be changed any more stays as it is."""
    if delivery.is_change or delivery.channel is None:
        return replace(delivery, standing=Standing.SENT, problem=problem)
    return replace(
        delivery,
        standing=Standing.PLANNED,
        due_at=now,
        in_doubt=False,
        attempts=0,
        trying_since=None,
        passed={**delivery.passed, delivery.channel: problem},
        problem=problem,
    )
