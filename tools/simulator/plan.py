"""What is going to happen in a company: written by the families, read by the world."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tools.simulator.bones import Bones
from tools.simulator.calendar import is_working
from tools.simulator.draws import chance, poisson, stream
from tools.simulator.records import Team
from tools.simulator.trades import KIND_SOURCES, TRADES
from tools.simulator.truth import Episode


@dataclass(frozen=True, slots=True)
class Slip:
    """A KPI of a team gets worse by `size` standard deviations of a day from `first` to `last`, after `ramp` working days.

    `episode` is set when people who learn can take it away.
    """

    team_id: str
    kpi: str
    first: int
    last: int
    size: float
    ramp: int = 0
    episode: int | None = None


@dataclass(frozen=True, slots=True)
class Complaint:
    """One signal more than usual. It is heard while more than `mark` of the lack behind it is left."""

    day: int
    team_id: str
    kind: str
    source: str
    severity: float
    episode: int | None = None
    mark: float = 0.0


@dataclass(frozen=True, slots=True)
class Silence:
    """A source tells nothing from `first` to `last`, and everything on the day after."""

    source: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Change:
    """The directory changes on a day. What is None stays as it was; `team` is a team whose full state is new."""

    day: int
    person_id: str = ""
    active: bool | None = None
    team_id: str | None = None
    manager_id: str | None = None
    team: Team | None = None


@dataclass(slots=True)
class Plan:
    """All that happens beyond noise.

    `lacking` are people and competencies of which the records show little or nothing, `masters` those that prove them by a
    record of this day. `origins`, `begins` and `ends` are of teams that were split off, or merged into another. Where it
    `is_steady`, KPIs are independent noise about a level that stays where it is.
    """

    bones: Bones
    seed: tuple[object, ...]
    episodes: list[Episode] = field(default_factory=list)
    slips: list[Slip] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    silences: list[Silence] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    lacking: set[tuple[str, str]] = field(default_factory=set)
    masters: dict[tuple[str, str], int] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)
    begins: dict[str, int] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    is_steady: bool = False

    def add(self, episode: Episode) -> int:
        """Note an episode, and get its number."""
        self.episodes.append(episode)
        return len(self.episodes) - 1

    def slip_kpis(self, number: int, sizes: Iterable[tuple[str, float]], is_learnable: bool = False) -> None:
        """The KPIs of an episode get worse."""
        at = self.episodes[number]
        for kpi, size in sizes:
            self.slips.append(Slip(at.team_id, kpi, at.first, at.last, size, at.ramp, number if is_learnable else None))

    def complain(self, number: int, kinds: Iterable[str], per_day: float, is_learnable: bool = False) -> None:
        """Signals of these kinds come more often during an episode, `per_day` on a working day."""
        at = self.episodes[number]
        rng = stream(*self.seed, "complaints", number)
        for kind in kinds:
            for day in range(at.first, min(at.last + 1, self.bones.days)):
                if is_working(day):
                    for _ in range(poisson(rng, per_day)):
                        severity, mark = rng.triangular(0.2, 1.0, 0.6), rng.random()
                        owner = number if is_learnable else None
                        source = KIND_SOURCES[kind]
                        self.complaints.append(Complaint(day, at.team_id, kind, source, severity, owner, mark))

    def begin(self, rng_name: str, least_days: int, earliest: int = 56) -> int:
        """A working day on which something may begin, after eight weeks, with `least_days` left."""
        rng = stream(*self.seed, "begin", rng_name)
        last = max(earliest + 1, self.bones.days - least_days)
        day = rng.randrange(earliest, last)
        return day if is_working(day) else day - day % 7 + (7 if chance(rng, 0.5) and day + 2 < last else 4)


def kinds_of(competency: str) -> tuple[str, ...]:
    """The kinds of signals that ask for a competency."""
    return next(trade.kinds for trade in TRADES if trade.competency == competency)
