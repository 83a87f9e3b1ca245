"""What a manager wishes about their nudges. It can only ask for less than the policy allows, whatever the policy becomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Final, Literal

from kinetic.contracts.ids import PersonId
from kinetic.recommendation.domain.attention import MIDNIGHT, Policy, QuietHours

Channel = Literal["slack", "teams", "mail", "webhook", "console"]
Language = Literal["en", "de", "fr"]

URGENT_PRESSURE: Final = 3.0
"""From here on a nudge waits for no daily slot: 95 % of the effect is there to be gained, 1 - exp(-3)."""


@dataclass(frozen=True, slots=True)
class Absence:
    """Nudges go to the delegate until then, as long as the delegate is above the one who is away."""

    until: datetime
    delegate_id: PersonId


@dataclass(frozen=True, slots=True)
class Preferences:
    """The wishes of one manager, on their own clock; None wishes nothing.

    `daily_from` is the time from which the nudges of a day come. `channels` are in the order of the wish, and none means that
    there is no wish. `language` is read instead of that of the directory.
    """

    weekly_budget: int | None = None
    quiet_hours: QuietHours | None = None
    working_days: frozenset[int] | None = None
    daily_from: time | None = None
    language: Language | None = None
    channels: tuple[Channel, ...] = ()
    absence: Absence | None = None


NO_WISHES: Final = Preferences()


def attention_of(policy: Policy, wishes: Preferences, pressure: float) -> Policy:
    """The policy for one manager and a gap under this pressure: never more than what the policy allows.

    A wish that leaves no day or no hour, because the policy has changed since it was made, is left out.
    """
    if wishes == NO_WISHES:
        return policy
    budget = policy.weekly_budget if wishes.weekly_budget is None else min(wishes.weekly_budget, policy.weekly_budget)
    days = policy.working_days if wishes.working_days is None else wishes.working_days & policy.working_days
    also_quiet: tuple[QuietHours, ...] = ()
    for hours in _wished_hours(wishes, pressure):
        if leaves_an_hour((*replace(policy, also_quiet=also_quiet).quiet, hours)):
            also_quiet = (*also_quiet, hours)
    return replace(policy, weekly_budget=budget, working_days=days or policy.working_days, also_quiet=also_quiet)


def slot_of(wishes: Preferences) -> QuietHours | None:
    """The hours of the day before the daily slot."""
    if wishes.daily_from is None or wishes.daily_from == MIDNIGHT:
        return None
    return QuietHours(MIDNIGHT, wishes.daily_from)


def leaves_an_hour(quiet: Sequence[QuietHours]) -> bool:
    """Whether some time of the day is open: then one opens where quiet hours end."""
    return not quiet or any(not any(hours.cover(ending.end) for hours in quiet) for ending in quiet)


def _wished_hours(wishes: Preferences, pressure: float) -> list[QuietHours]:
    slot = slot_of(wishes) if pressure < URGENT_PRESSURE else None
    return [hours for hours in (wishes.quiet_hours, slot) if hours is not None]
