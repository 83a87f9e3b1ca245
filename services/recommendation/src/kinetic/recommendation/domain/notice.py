"""What another service asks to be brought before a manager: it waits for attention, stands in the inbox, and ends once.

It counts in the same week as nudges do. What finds no attention until it expires ends with what kept it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from kinetic.common.events import Cause, Emission, Envelope
from kinetic.contracts.event import Event
from kinetic.contracts.ids import EventId, NoticeId, PersonId
from kinetic.contracts.notices import NoticeRequested, Urgency
from kinetic.contracts.recommendation import DeferralReason, NoticeComposed, NoticeEnded, NoticeEnding
from kinetic.recommendation.domain.attention import Deferral, Policy, decide_attention
from kinetic.recommendation.domain.gap import RECONSIDER_AFTER
from kinetic.recommendation.domain.picture import Manager
from kinetic.recommendation.domain.preferences import URGENT_PRESSURE, attention_of

PRESSURES: Final = {Urgency.DAILY_SLOT: 0.0, Urgency.IMMEDIATE: URGENT_PRESSURE}
"""What is urgent waits for the daily slot as little as a gap under that pressure does."""

GIVES_WAY: Final = timedelta(seconds=10)
"""So long the last place of a week is left to a gap that waits for it: time to consider it before the message of the morning."""


class State(StrEnum):
    """Where a notice stands."""

    WAITING = "waiting"
    COMPOSED = "composed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Notice:
    """`manager_id` is before whom it stands, or stood; None while it waits. `hindrance` is what it waits for.

    `ending` and `changed_at` say why and when it ended. One request has at most one notice that has not ended.
    """

    notice_id: NoticeId
    request_id: EventId
    told: NoticeRequested
    cause: Cause
    changed_at: datetime
    state: State = State.WAITING
    version: int = 1
    manager_id: PersonId | None = None
    hindrance: NoticeEnding | None = None
    due_at: datetime | None = None
    composed_at: datetime | None = None
    ending: NoticeEnding | None = None

    @property
    def is_open(self) -> bool:
        """Whether it stands before its manager."""
        return self.state is State.COMPOSED

    @property
    def rests(self) -> bool:
        """Never: it cannot be snoozed."""
        return False

    @property
    def pressure(self) -> float:
        """Its urgency, as that of a gap."""
        return PRESSURES[self.told.urgency]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a decision about notices rests on. `managers` has whom each request goes to now, unless there is nobody.

    `pressing` is the greatest pressure of the gaps that wait for each manager's attention.
    """

    now: datetime
    policy: Policy
    managers: Mapping[EventId, Manager]
    pressing: Mapping[PersonId, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """The notices to save, in this order, and the events to tell."""

    notices: tuple[Notice, ...]
    emissions: tuple[Emission, ...]


@dataclass
class _Desk:
    """What lies on the table while one decision is taken."""

    circumstances: Circumstances
    new_id: Callable[[], str]
    spent: dict[PersonId, int]
    notices: list[Notice] = field(default_factory=list)
    emissions: list[Emission] = field(default_factory=list)

    def consider(self, notice: Notice) -> None:
        manager, now = self.circumstances.managers.get(notice.request_id), self.circumstances.now
        if notice.told.expires_at <= now:
            self.end(notice, notice.hindrance or NoticeEnding.EXPIRED)
        elif notice.state is State.WAITING:
            self.wait_or_compose(notice, manager)
        elif manager is None or manager.person_id != notice.manager_id:
            self.end(notice, NoticeEnding.MANAGER_CHANGED)
            anew = Notice(NoticeId(self.new_id()), notice.request_id, notice.told, notice.cause, now)
            self.wait_or_compose(anew, manager)
        else:
            self.notices.append(self.later(notice))

    def wait_or_compose(self, notice: Notice, manager: Manager | None) -> None:
        now, policy = self.circumstances.now, self.circumstances.policy
        if manager is None:
            self.notices.append(self.later(replace(notice, hindrance=NoticeEnding.NO_MANAGER)))
            return
        attention = attention_of(policy, manager.wishes, notice.pressure)
        deferral = decide_attention(attention, manager.zone, self.spent[manager.person_id], now)
        if deferral is None and self.gives_way(notice, manager, attention):
            deferral = Deferral(DeferralReason.WEEKLY_BUDGET, now + GIVES_WAY)
        if deferral is not None:
            hindered = replace(notice, hindrance=NoticeEnding(deferral.reason))
            self.notices.append(self.later(hindered, deferral.until))
            return
        self.spent[manager.person_id] += 1
        self.tell(_composed(notice, manager.person_id, now), NoticeComposed, expires_at=notice.told.expires_at)

    def gives_way(self, notice: Notice, manager: Manager, attention: Policy) -> bool:
        """Whether the last place of the week is left to a gap that waits for it and presses harder."""
        pressure = self.circumstances.pressing.get(manager.person_id, 0.0)
        return self.spent[manager.person_id] + 1 >= attention.weekly_budget and pressure > notice.pressure

    def later(self, notice: Notice, until: datetime | None = None) -> Notice:
        due_at = min(self.circumstances.now + RECONSIDER_AFTER, notice.told.expires_at)
        return replace(notice, due_at=min(due_at, until or due_at))

    def end(self, notice: Notice, why: NoticeEnding) -> None:
        self.tell(_ended(notice, why, self.circumstances.now), NoticeEnded, reason=why)

    def tell(self, notice: Notice, kind: type[Event], **more: object) -> None:
        due = self.later(notice) if notice.is_open else notice
        self.notices.append(due)
        self.emissions.append(_emission(due, kind, self.circumstances.now, more))


def take_request(event: Envelope[NoticeRequested], notice_id: NoticeId, now: datetime) -> Notice:
    """A request that has just been read. It is due at once."""
    return Notice(notice_id, event.id, event.data, event.cause, now, due_at=now)


def decide_notices(notices: Sequence[Notice], circumstances: Circumstances, new_id: Callable[[], str]) -> Decision:
    """What becomes of notices that are due, the one that expires first before the others: attention is scarce."""
    spent = {manager.person_id: manager.spent for manager in circumstances.managers.values()}
    desk = _Desk(circumstances, new_id, spent)
    for notice in sorted(notices, key=lambda one: (one.told.expires_at, one.request_id)):
        desk.consider(notice)
    return Decision(tuple(desk.notices), tuple(desk.emissions))


def close(notice: Notice, now: datetime) -> Decision:
    """The manager is done with it. Nothing when it has ended before."""
    if not notice.is_open:
        return Decision((), ())
    done = _ended(notice, NoticeEnding.DONE, now)
    return Decision((done,), (_emission(done, NoticeEnded, now, {"reason": NoticeEnding.DONE}),))


def follow(notices: Sequence[Notice], told: Sequence[Envelope[Event]]) -> list[Notice]:
    """`notices` with the last event that was told of each as the cause of the next."""
    last = {event.data.notice_id: event.cause for event in told if isinstance(event.data, NoticeComposed | NoticeEnded)}
    return [replace(notice, cause=last.get(notice.notice_id, notice.cause)) for notice in notices]


def _composed(notice: Notice, manager_id: PersonId, now: datetime) -> Notice:
    stands = replace(notice, manager_id=manager_id, hindrance=None, composed_at=now)
    return replace(stands, state=State.COMPOSED, version=notice.version + 1, changed_at=now)


def _ended(notice: Notice, why: NoticeEnding, now: datetime) -> Notice:
    return replace(notice, state=State.ENDED, version=notice.version + 1, ending=why, due_at=None, changed_at=now)


def _emission(notice: Notice, kind: type[Event], now: datetime, more: Mapping[str, object]) -> Emission:
    about = {
        "notice_id": notice.notice_id,
        "request_id": notice.request_id,
        "subject": notice.told.type,
        "manager_id": notice.manager_id or notice.told.manager_id,
        "team_id": notice.told.team_id,
        "version": notice.version,
        "occurred_at": now,
    }
    return Emission(kind.model_validate({**about, **more}), notice.cause)
