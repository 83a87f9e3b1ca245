"""What else is going on around a team: other teams, other numbers, people who come and go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from kinetic.contracts.ids import CompetencyKey, KpiKey
from kinetic.skill_gap.domain.peers import NOBODY, Others
from kinetic.skill_gap.domain.slip import Slip

NOTICEABLE: Final = 2.0
"""A score in nats from which on something counts as slipping along: e² = 7.4 to 1, far below what opens a gap."""

STAFFING_LOOKS_BACK: Final = (timedelta(days=60), timedelta(days=120))
"""A chart takes a new level for usual after ninety days; until then those who came or left explain it. The nearer one is for
directories that do not reach back so far.
"""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Of how many other teams the same is observed, in how many of them it slips as well, and how their KPI went."""

    teams: int = 0
    slipping: int = 0
    others: Others = NOBODY

    @property
    def share(self) -> float:
        """The share of the other teams in which it slips; 0 when there is no other."""
        return self.slipping / self.teams if self.teams else 0.0


@dataclass(frozen=True, slots=True)
class Staff:
    """How many people work in the team, how many did some time ago, and how many of today's did then."""

    now: int = 0
    before: int = 0
    stayed: int = 0

    @property
    def share_left(self) -> float:
        """The share of those who worked here that left; 0 when the directory does not reach back so far."""
        return 1.0 - self.stayed / self.before if self.before else 0.0

    @property
    def share_new(self) -> float:
        """The share of today's people that is new; 0 when the directory does not reach back so far."""
        return 1.0 - self.stayed / self.now if self.before and self.now else 0.0


def most_changed(staffs: Iterable[Staff]) -> Staff:
    """Of one team, held against several days before: the one since which the most has changed."""
    return max(staffs, key=lambda staff: staff.share_left + staff.share_new, default=Staff())


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Of one team: its slips, the other teams by KPI and by competency, and its staff."""

    slips: Mapping[KpiKey, Slip] = field(default_factory=dict)
    by_kpi: Mapping[KpiKey, Crowd] = field(default_factory=dict)
    by_competency: Mapping[CompetencyKey, Crowd] = field(default_factory=dict)
    staff: Staff = Staff()

    def of(self, kpis: Iterable[KpiKey]) -> list[Slip]:
        """The slips of those of `kpis` that are measured."""
        return [self.slips[kpi] for kpi in kpis if kpi in self.slips]

    def but(self, kpis: Iterable[KpiKey]) -> list[Slip]:
        """The slips of all other KPIs of the team."""
        left_out = set(kpis)
        return [slip for kpi, slip in self.slips.items() if kpi not in left_out]


UNKNOWN: Final = Circumstances()
