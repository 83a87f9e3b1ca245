"""The life of a nudge: composed, seen, perhaps snoozed, then accepted, dismissed, expired or withdrawn. It ends once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from kinetic.common.events import Cause, Emission, Envelope
from kinetic.contracts.event import Event
from kinetic.contracts.ids import CompetencyKey, GapId, NudgeId, PersonId, TeamId
from kinetic.contracts.recommendation import (
    DismissalReason,
    NudgeAccepted,
    NudgeComposed,
    NudgeDismissed,
    NudgeExpired,
    NudgeResumed,
    NudgeSeen,
    NudgeSnoozed,
    NudgeWithdrawn,
    SnoozeUntil,
    WithdrawalReason,
)
from kinetic.contracts.skill_gap import Evidence
from kinetic.recommendation.domain.content import Content
from kinetic.recommendation.domain.reckoning import Reckoning


class State(StrEnum):
    """Where a nudge stands. One nudge, one state, whatever the number of channels."""

    COMPOSED = "composed"
    SEEN = "seen"
    SNOOZED = "snoozed"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


OPEN = frozenset({State.COMPOSED, State.SEEN, State.SNOOZED})
ANSWERED = frozenset({State.ACCEPTED, State.DISMISSED, State.EXPIRED})
"""The manager said yes, no, or nothing in time."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The facts of a suggestion; they are worded when they are shown. `team_size` counts the members besides the manager.

    `reckoning` is why this content was chosen, once for the life of the nudge; None when it was composed before there was one.
    """

    content: Content
    competency_name: str
    goal: str | None
    person_ids: tuple[PersonId, ...]
    team_size: int
    evidence: tuple[Evidence, ...]
    map_version: int
    reckoning: Reckoning | None = None
    required_level: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a nudge ended: when, by whom (None when no person acted), for which people, and why."""

    at: datetime
    by: PersonId | None = None
    person_ids: tuple[PersonId, ...] = ()
    reason: DismissalReason | WithdrawalReason | None = None


@dataclass(frozen=True, slots=True)
class Snooze:
    """The manager wants it later: until when they said, since when, and what it is again then.

    `pressure` is that of the gap as it was told last. `due_at` is None while the gap has not moved since.
    """

    until: SnoozeUntil
    at: datetime
    before: State
    pressure: float
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Nudge:
    """`version` counts all changes, `offered_version` is that of the last change of the offer."""

    nudge_id: NudgeId
    gap_id: GapId
    team_id: TeamId
    manager_id: PersonId
    competency: CompetencyKey
    offer: Offer
    state: State
    version: int
    offered_version: int
    policy_version: int
    composed_at: datetime
    expires_at: datetime
    cause: Cause
    outcome: Outcome | None = None
    snooze: Snooze | None = None

    @property
    def is_open(self) -> bool:
        """Whether the manager can still act on it."""
        return self.state in OPEN

    @property
    def rests(self) -> bool:
        """Whether it is snoozed."""
        return self.snooze is not None

    @property
    def settles_gap(self) -> bool:
        """Whether its gap is not brought before a manager again. After a dismissal something else may be, later."""
        return self.state in {State.ACCEPTED, State.EXPIRED}

    def shows(self, version: int) -> bool:
        """Whether whoever acts on `version` has seen the offer as it is now."""
        return self.offered_version <= version <= self.version


@dataclass(frozen=True, slots=True)
class Change:
    """A nudge and what is to be told of it; nothing when what was asked for has happened before."""

    nudge: Nudge
    emissions: tuple[Emission, ...] = ()


@dataclass(frozen=True, slots=True)
class Superseded:
    """The click came too late: the nudge ended in another way, or its offer has changed since it was shown."""

    nudge: Nudge


@dataclass(frozen=True, slots=True)
class NotAssignable:
    """People whom the manager may not assign by this nudge: `strangers` are not in its offer, `moved` not their reports."""

    strangers: frozenset[PersonId]
    moved: frozenset[PersonId]


@dataclass(frozen=True, slots=True)
class Click:
    """A manager acts on a nudge as they saw it."""

    version: int
    by: PersonId
    at: datetime


@dataclass(frozen=True, slots=True)
class Reports:
    """Everybody who reports to the manager, transitively, as of a directory version."""

    person_ids: Set[PersonId]
    directory_version: int


def compose(nudge: Nudge, title: str) -> Change:
    """A new nudge stands in the manager's inbox. The event is read by people of any language: its `title` is English."""
    reckoning = nudge.offer.reckoning
    told = NudgeComposed(
        **about(nudge, nudge.composed_at),
        competency=nudge.competency,
        title=title,
        person_ids=nudge.offer.person_ids,
        effort_minutes=nudge.offer.content.effort_minutes,
        expires_at=nudge.expires_at,
        map_version=nudge.offer.map_version,
        content_version=nudge.offer.content.version,
        policy_version=nudge.policy_version,
        expected_value_hours=reckoning.expected_value_hours if reckoning else None,
        propensity=reckoning.propensity if reckoning else None,
    )
    return Change(nudge, (Emission(told, nudge.cause),))


def refresh(nudge: Nudge, offer: Offer) -> Change:
    """An open nudge with the newest people and evidence. A new version, but no news: it costs no attention."""
    if offer == nudge.offer:
        return Change(nudge)
    version = nudge.version + 1
    return Change(replace(nudge, offer=offer, version=version, offered_version=version))


def see(nudge: Nudge, now: datetime) -> Change:
    """The manager has opened the nudge. Only the first time is told."""
    if nudge.state is not State.COMPOSED:
        return Change(nudge)
    seen = replace(nudge, state=State.SEEN, version=nudge.version + 1)
    return tell(seen, NudgeSeen(**about(seen, now)))


def accept(
    nudge: Nudge, click: Click, chosen: Sequence[PersonId] | None, reports: Reports
) -> Change | Superseded | NotAssignable:
    """One click assigns: to `chosen`, or to everybody in the offer. A second click finds what the first one did."""
    if nudge.state is State.ACCEPTED:
        return Change(nudge)
    if not nudge.is_open or not nudge.shows(click.version):
        return Superseded(nudge)
    people = nudge.offer.person_ids if chosen is None else tuple(dict.fromkeys(chosen))
    refused = NotAssignable(
        frozenset(people) - frozenset(nudge.offer.person_ids), frozenset(people) - frozenset(reports.person_ids)
    )
    if refused.strangers or refused.moved:
        return refused
    accepted = _end(nudge, State.ACCEPTED, Outcome(click.at, click.by, people))
    told = NudgeAccepted(
        **about(accepted, click.at),
        person_ids=people,
        accepted_by=click.by,
        directory_version=reports.directory_version,
    )
    return tell(accepted, told)


def dismiss(nudge: Nudge, click: Click, reason: DismissalReason) -> Change | Superseded:
    """The manager says no. A second click finds what the first one did."""
    if nudge.state is State.DISMISSED:
        return Change(nudge)
    if not nudge.is_open or not nudge.shows(click.version):
        return Superseded(nudge)
    dismissed = _end(nudge, State.DISMISSED, Outcome(click.at, click.by, reason=reason))
    return tell(dismissed, NudgeDismissed(**about(dismissed, click.at), reason=reason, dismissed_by=click.by))


def expire(nudge: Nudge, now: datetime) -> Change:
    """Nobody acted in time."""
    if not nudge.is_open or now < nudge.expires_at:
        return Change(nudge)
    expired = _end(nudge, State.EXPIRED, Outcome(now))
    return tell(expired, NudgeExpired(**about(expired, now)))


def withdraw(nudge: Nudge, reason: WithdrawalReason, cause: Cause, now: datetime) -> Change:
    """The reason for an open nudge is gone. `cause` says what took it."""
    withdrawn = _end(nudge, State.WITHDRAWN, Outcome(now, reason=reason))
    return Change(withdrawn, (Emission(NudgeWithdrawn(**about(withdrawn, now), reason=reason), cause),))


def follow(nudges: Iterable[Nudge], told: Sequence[Envelope[Event]]) -> list[Nudge]:
    """`nudges` with the last event that was told of each as the cause of the next."""
    last = {event.data.nudge_id: event.cause for event in told if isinstance(event.data, _ABOUT_NUDGE)}
    return [replace(nudge, cause=last[nudge.nudge_id]) if nudge.nudge_id in last else nudge for nudge in nudges]


_ABOUT_NUDGE = (
    NudgeComposed,
    NudgeSeen,
    NudgeSnoozed,
    NudgeResumed,
    NudgeAccepted,
    NudgeDismissed,
    NudgeExpired,
    NudgeWithdrawn,
)


def _end(nudge: Nudge, state: State, outcome: Outcome) -> Nudge:
    return replace(nudge, state=state, version=nudge.version + 1, outcome=outcome, snooze=None)


def tell(nudge: Nudge, told: Event) -> Change:
    """A nudge and the one event that is told of it, in the life of the last."""
    return Change(nudge, (Emission(told, nudge.cause),))


def about(nudge: Nudge, at: datetime) -> dict[str, Any]:
    """What every event about a nudge carries."""
    return {
        "nudge_id": nudge.nudge_id,
        "gap_id": nudge.gap_id,
        "team_id": nudge.team_id,
        "manager_id": nudge.manager_id,
        "content_id": nudge.offer.content.content_id,
        "version": nudge.version,
        "occurred_at": at,
    }
