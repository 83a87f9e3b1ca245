"""What is judged: a policy is told what happened, day by day, and answers with its moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Protocol

from tools.simulator.capabilities import CapabilityMap
from tools.simulator.records import Answer, Content, Effect, Learning, Measurement, Person, Review, Signal, Team


@dataclass(frozen=True, slots=True)
class Attention:
    """How often, and when, a manager may be interrupted, in their own time zone. ISO weekdays, Monday = 1. Where quiet hours
    end when they begin there are none.
    """

    weekly_budget: int = 2
    quiet_from: time = time(18)
    quiet_until: time = time(8)
    working_days: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    nudge_ttl_days: int = 14


@dataclass(frozen=True, slots=True)
class Company:
    """What a policy knows when it starts: who works where, what can be learned, what matters, and the past."""

    name: str
    start: date
    days: int
    time_zone: str
    language: str
    attention: Attention
    teams: tuple[Team, ...]
    people: tuple[Person, ...]
    catalogue: tuple[Content, ...]
    capabilities: CapabilityMap
    learning: tuple[Learning, ...] = ()
    reviews: tuple[Review, ...] = ()
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """All that became known on one day, as of `now`. Days off are told as well."""

    date: date
    now: datetime
    teams: tuple[Team, ...] = ()
    people: tuple[Person, ...] = ()
    signals: tuple[Signal, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    learning: tuple[Learning, ...] = ()
    reviews: tuple[Review, ...] = ()
    effects: tuple[Effect, ...] = ()
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """A team and a competency."""

    team_id: str
    competency: str


@dataclass(frozen=True, slots=True)
class RuledOut:
    """Something is wrong, and training is not the answer; `reason` in the policy's own word."""

    team_id: str
    competency: str
    reason: str


@dataclass(frozen=True, slots=True)
class Nudge:
    """A suggestion to a manager. `sent_at` is not before the day's `now`; the id is the policy's own."""

    nudge_id: str
    manager_id: str
    team_id: str
    competency: str
    content_id: str
    person_ids: tuple[str, ...]
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Moves:
    """What a policy did on a day."""

    opened: tuple[Pair, ...] = ()
    closed: tuple[Pair, ...] = ()
    ruled_out: tuple[RuledOut, ...] = ()
    nudges: tuple[Nudge, ...] = ()


NO_MOVES = Moves()


class Policy(Protocol):
    """One company's watcher. It is made with what is known at the start, and told each day in order."""

    def observe(self, day: Day) -> Moves:
        """What the policy does, knowing all days up to this one."""
        ...


PolicyOf = Callable[[Company], Policy]
