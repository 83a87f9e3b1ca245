"""How a KPI goes in the other teams: what all share, and how each of them went. Added up once, whoever of them asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from kinetic.contracts.ids import TeamId
from kinetic.skill_gap.domain.memory import inflation, memory_of
from kinetic.skill_gap.domain.track import Course, Track

FEWEST_PEERS: Final = 3
"""From so many others on, one that goes its own way can be told from the rest."""

OWN_WAY: Final = 0.2
"""How far a level wanders within months though nothing is the matter, in standard deviations of a day."""

ALL_GO: Final = 0.3
"""How far season, month's end and tools move a KPI of all teams, in standard deviations of a day, where no other team tells."""

NEAR: Final = 1.0
"""An other team that goes farther than this from the middle one has a trouble of its own."""


@dataclass(frozen=True, slots=True)
class Shared:
    """How far all others went since a day, and how unsure that is as a variance; in standard deviations of a day."""

    effect: float
    variance: float


@dataclass(frozen=True, slots=True)
class _Since:
    """What all teams tell of a day: of each its precision and its weighted height, and the sums of both."""

    told: Mapping[TeamId, tuple[float, float]]
    precision: float
    weighted: float


class Peers:
    """The teams in which a KPI is measured. What they tell of a day is added up when it is asked for first."""

    __slots__ = ("_courses", "_inflation", "_since")

    def __init__(self, tracks: Mapping[TeamId, Track]) -> None:
        self._inflation = inflation(memory_of(tracks.values()))
        self._courses = {team: self.course(track) for team, track in tracks.items() if track.scores}
        self._since: dict[int, _Since] = {}

    def course(self, track: Track) -> Course:
        """A track added up, beside what all teams tell of the noise of the KPI."""
        return Course(track, self._inflation)

    def but(self, besides: TeamId | None) -> list[Course]:
        """The courses of all teams but one."""
        return [course for team, course in self._courses.items() if team != besides]

    def shared(self, day: int, besides: TeamId | None) -> Shared:
        """How far all but one team went since a day: a random effect, robust against one that goes its own way.

        What got better elsewhere proves nothing here.
        """
        since = self._since.get(day)
        if since is None:
            since = self._since[day] = _add_up(self._courses, day)
        its_precision, its_weighted = since.told.get(besides, _SILENT) if besides else _SILENT
        precision = since.precision - its_precision + 1 / ALL_GO**2
        return Shared(max(0.0, (since.weighted - its_weighted) / precision), 1 / precision)


_SILENT: Final = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Others:
    """All teams but one, as that one sees them."""

    peers: Peers
    besides: TeamId | None = None

    @property
    def courses(self) -> list[Course]:
        """How the KPI went in each of them."""
        return self.peers.but(self.besides)

    def course(self, track: Track) -> Course:
        """One of the KPI's tracks added up."""
        return self.peers.course(track)

    def shared(self, day: int) -> Shared:
        """How far all of them went since a day."""
        return self.peers.shared(day, self.besides)


NOBODY: Final = Others(Peers({}))


def others_of(tracks: Iterable[Track]) -> Others:
    """Other teams of which it does not matter who they are."""
    return Others(Peers({TeamId(str(number)): track for number, track in enumerate(tracks)}))


def mean_variance(readings: int, before: int, inflation: float) -> float:
    """Of the height of a step between so many readings, in squared standard deviations of one."""
    return inflation * (1 / readings + 1 / before)


def variance(readings: int, before: int, unit: float, inflation: float) -> float:
    """The same where levels wander."""
    return mean_variance(readings, before, inflation) + (OWN_WAY * unit) ** 2


def _add_up(courses: Mapping[TeamId, Course], day: int) -> _Since:
    seen = list[tuple[TeamId, float, float]]()
    for team, course in courses.items():
        height, readings, before = course.split(day)
        if readings and before:
            seen.append((team, height / course.unit, _precision(readings, before, course.unit, course.inflation)))
    low, high = _near([height for _, height, _ in seen])
    told = {
        team: (precision, precision * (low if height < low else high if height > high else height))
        for team, height, precision in seen
    }
    return _Since(told, sum([one for one, _ in told.values()]), sum([one for _, one in told.values()]))


@lru_cache(4096)
def _precision(readings: int, before: int, unit: float, inflation: float) -> float:
    """Of a height in standard deviations of a day. Many teams are measured on the same days."""
    return unit * unit / variance(readings, before, unit, inflation)


def _near(heights: list[float]) -> tuple[float, float]:
    """How far a team may go before it goes its own way."""
    if len(heights) <= FEWEST_PEERS:
        return float("-inf"), float("inf")
    ordered, half = sorted(heights), len(heights) // 2
    middle = ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
    return middle - NEAR, middle + NEAR
