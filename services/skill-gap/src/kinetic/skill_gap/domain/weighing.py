"""How surely something is wrong, and whether a missing skill is what explains it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kinetic.contracts.ids import CompetencyKey, KpiKey
from kinetic.contracts.skill_gap import CapabilitiesPublished, Explanation
from kinetic.skill_gap.domain.circumstances import NOTICEABLE, Circumstances, Crowd, Staff
from kinetic.skill_gap.domain.coverage import Coverage
from kinetic.skill_gap.domain.slip import Slip
from kinetic.skill_gap.domain.surge import Surge

ALARMING: Final = 5.0
"""The score in nats with which a slip presses as hard as a signal of full severity: e⁵ = 148 to 1."""

MOST_PRESSING: Final = 2.0
SHARED: Final = 0.5
"""From this share of the other teams on it is not this team."""

STILL: Final = 0.6
"""Less than this, in standard deviations over the last readings, and a slip is over, whatever it was."""

FEWEST_OTHERS: Final = 2
AT_ONCE: Final = 2
"""A tool fails everybody on one day; that two other teams come to lack a skill on one day is chance."""

BROAD: Final = 0.5
"""From this share of the team's other numbers on it is not this skill."""

LEFT: Final = 0.2
"""From this share of the people on who left, the others have too much to do."""

RENEWED: Final = 0.4
"""From this share of new people on, what was usual says little about the team of today."""

UNCONFIRMED: Final = 4.0
"""What signals are worth at most, in nats, while the KPI that should move with them does not."""

UNKNOWN_COVERAGE: Final = 1.0
NEARLY_COVERED: Final = 0.5
DOUBT_PER_COVERAGE: Final = 20.0
"""The more of a skill a team holds, the more it takes to believe that it is what is missing, in nats."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """All that a verdict rests on besides pressure and coverage. Scores in nats; `own` is the part of the slip's score that
    the other teams do not share.
    """

    surge: float
    slip: Slip | None
    own: float
    crowd: Crowd
    staff: Staff
    other_kpis: int
    other_kpis_slipping: int
    is_wave: bool
    is_established: bool

    @property
    def score(self) -> float:
        """How surely the work goes worse: signals and numbers are independent witnesses, so their scores add up."""
        return self.surge + (self.slip.score if self.slip else 0.0)

    @property
    def own_score(self) -> float:
        """The same of this team alone."""
        return self.surge + self.own

    def pressure(self, rules: CapabilitiesPublished, competency: CompetencyKey) -> float:
        """What the slip adds to the pressure of signals: as long as it lasts, and no longer."""
        if self.slip is None:
            return 0.0
        weight = max(r.weight for r in rules.kpi_rules if r.kpi == self.slip.kpi and r.competency == competency)
        return weight * min(MOST_PRESSING, self.slip.score / ALARMING)

    def explanation(self, needed: float) -> Explanation | None:
        """What explains a score of `needed` better than a missing skill; None when nothing does."""
        if self.staff.share_left > LEFT:
            return Explanation.STAFFING
        if self.staff.share_new >= RENEWED:
            return Explanation.TOO_FEW_DATA
        if self.own_score < needed or self._is_shared:
            return Explanation.TOOLING
        if self.other_kpis_slipping and self.other_kpis_slipping >= BROAD * self.other_kpis:
            return Explanation.STAFFING
        return Explanation.INCIDENT_WAVE if self.is_wave else None

    @property
    def _is_shared(self) -> bool:
        """Whether half of the others slip as well, or two of them began to on the same days."""
        if self.crowd.teams < FEWEST_OTHERS:
            return False
        at_once = self.crowd.begun_near(self.slip.since) if self.slip and self.slip.since else 0
        return self.crowd.share >= SHARED or at_once >= AT_ONCE


def weigh(
    competency: CompetencyKey, surge: Surge, circumstances: Circumstances, rules: CapabilitiesPublished, today: int
) -> Weighing:
    """What speaks for a team missing a competency, and what else could explain it. `today` counts days from 0001-01-01."""
    linked = linked_kpis(rules, competency)
    slip = max(circumstances.of(linked), key=lambda slip: slip.score, default=None)
    score = surge.score(today)
    if slip is not None and slip.is_established and slip.score < NOTICEABLE:
        score = min(score, UNCONFIRMED)
    is_over = slip is not None and slip.is_established and slip.latest < STILL
    if slip is not None and slip.score == 0.0:
        slip = None
    others = circumstances.but(linked)
    crowd = circumstances.by_kpi.get(slip.kpi, Crowd()) if slip else Crowd()
    return Weighing(
        surge=score,
        slip=slip,
        own=slip.score * _own_share(slip, crowd) if slip else 0.0,
        crowd=crowd if slip and slip.score >= score else circumstances.by_competency.get(competency, Crowd()),
        staff=circumstances.staff,
        other_kpis=len(others),
        other_kpis_slipping=sum(1 for other in others if other.score >= NOTICEABLE),
        is_wave=surge.is_storm(today) or (is_over and surge.is_over(today)),
        is_established=surge.usual.is_established or (slip is not None and slip.is_established),
    )


def _own_share(slip: Slip, crowd: Crowd) -> float:
    """Which part of a slip the other teams do not share: season, and tools that all use, move all of them at once."""
    if not slip.is_established or slip.drift <= 0.0 or crowd.drift <= 0.0:
        return 1.0
    shared = crowd.drift * crowd.teams / (crowd.teams + 1)
    return max(0.0, 1.0 - shared / slip.drift)


def linked_kpis(rules: CapabilitiesPublished, competency: CompetencyKey) -> list[KpiKey]:
    """The KPIs by which the map tells that a competency is missing."""
    return [rule.kpi for rule in rules.kpi_rules if rule.competency == competency]


def doubt(coverage: Coverage) -> float:
    """What it takes besides, in nats, to believe that a skill is missing of which a team holds so much."""
    if coverage.share is None:
        return UNKNOWN_COVERAGE
    return DOUBT_PER_COVERAGE * max(0.0, coverage.share - NEARLY_COVERED)
