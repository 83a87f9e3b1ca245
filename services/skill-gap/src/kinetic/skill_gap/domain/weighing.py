"""How surely something is wrong, and whether a missing skill is what explains it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, inf, log
from typing import Final

from kinetic.contracts.ids import CompetencyKey, KpiKey
from kinetic.contracts.skill_gap import CapabilitiesPublished, Explanation
from kinetic.skill_gap.domain.circumstances import NOTICEABLE, Circumstances, Crowd, Staff
from kinetic.skill_gap.domain.coverage import Coverage
from kinetic.skill_gap.domain.days import day_of
from kinetic.skill_gap.domain.departure import MOST_SURE, NONE, Departure, depart, log_sum, voices
from kinetic.skill_gap.domain.peers import NOBODY, Others
from kinetic.skill_gap.domain.slip import Slip
from kinetic.skill_gap.domain.surge import MOST_TOGETHER, STORM_DAYS, Surge
from kinetic.skill_gap.domain.track import Course, Track

ALARMING: Final = 3.0
"""The score in nats with which a slip presses as hard as a signal of full severity: e³ = 20 to 1."""

MOST_PRESSING: Final = 2.0
LATEST: Final = 5
LATEST_SUMMARIES: Final = 3
STILL: Final = 0.5
"""Less than this, in standard deviations over the latest readings, and a slip is over, whatever it was."""

STALE_DAYS: Final = 62
"""What nobody has measured for two months says nothing of today; a monthly KPI still speaks when one month is missing."""

FEWEST_OTHERS: Final = 2
SHARED: Final = 0.5
"""From this share of the other teams on, more signals everywhere are not this team."""

HIT_BY_TOOL: Final = (0.3, 0.6, 0.9)
SLIPS_ANYWAY: Final = 0.05
"""How many of the others a tool hits that some or all use, and how many slip on the same days for reasons of their own."""

HIT_BY_STAFFING: Final = (0.9,)
MOVES_ANYWAY: Final = 0.1
"""How many of a team's other numbers slip when it has too few people, and how many do anyway."""

TOLD: Final = 0.7
"""From so many nats on another explanation is believed: a wrong one costs a delay, a missed one a manager's trust."""

LEFT: Final = 0.2
"""From this share of the people on who left, the others have too much to do."""

RENEWED: Final = 0.4
"""From this share of new people on, what was usual says little about the team of today."""

GO_ALONG: Final = 0.65
"""How often signals go along with a number that slips: where they do not, less is lost than where they do is gained."""

ALONE: Final = 0.5
"""What is left of signals where no KPI can confirm them: they come in bursts and grow with whatever goes wrong."""

UNKNOWN_COVERAGE: Final = 1.5
WHO_LACKS: Final = 0.6
DOUBT_PER_COVERAGE: Final = 20.0
"""Those who lack a skill mostly are half of a team or more, and hold some of it: the more of it a team holds beyond, the less
likely it is what is missing."""


@dataclass(frozen=True)
class Numbers:
    """What the KPIs of a team say about a competency, whatever its signals say: worked out once for many signals.

    `others` are the other teams in which `slip` is measured, `besides` the team's other numbers.
    """

    slip: Slip | None
    departure: Departure
    others: Others
    besides: tuple[Slip, ...]
    is_over: bool
    is_confirmable: bool
    pressure: float

    @cached_property
    def others_share(self) -> float:
        """How much likelier it is, in nats, that the other teams share the slip than that they do not."""
        return self._heard(self.others.courses, HIT_BY_TOOL, SLIPS_ANYWAY)

    @cached_property
    def kpis_share(self) -> float:
        """How much likelier it is, in nats, that the team's other numbers share the slip than that they do not.

        Their other teams are not asked: those of a KPI are at hand only when a batch decides what it is linked to.
        """
        courses = [NOBODY.course(slip.track) for slip in self.besides]
        return self._heard(courses, HIT_BY_STAFFING, MOVES_ANYWAY)

    @property
    def ceiling(self) -> float:
        """The score that no signals beside these numbers come above."""
        if not self.is_confirmable:
            return inf
        return self.departure.score + (MOST_TOGETHER if self.departure.starts else 0.0)

    @property
    def kpis_slipping(self) -> int:
        """How many of the team's other numbers slip."""
        return sum(1 for slip in self.besides if slip.score >= NOTICEABLE)

    def _heard(self, courses: Sequence[Course], hits: Sequence[float], chance: float) -> float:
        return voices(self.departure, courses, hits, chance) if self.departure.since else 0.0


@dataclass(frozen=True, slots=True)
class Weighing:
    """All that a verdict rests on besides pressure and coverage. Scores in nats."""

    surge: float
    numbers: Numbers
    crowd: Crowd
    staff: Staff
    signals: Surge
    today: int
    is_established: bool

    @property
    def score(self) -> float:
        """How surely the work goes worse: signals and numbers are independent witnesses, so their scores add up."""
        return self.surge + self.numbers.departure.score

    def explanation(self) -> Explanation | None:
        """What explains the score better than a missing skill; None when nothing does."""
        if self.staff.share_left > LEFT:
            return Explanation.STAFFING
        if self.staff.share_new >= RENEWED:
            return Explanation.TOO_FEW_DATA
        if self.numbers.others_share > TOLD or self._is_everywhere:
            return Explanation.TOOLING
        if self.numbers.kpis_share > TOLD:
            return Explanation.STAFFING
        return Explanation.INCIDENT_WAVE if self.is_wave else None

    @property
    def is_wave(self) -> bool:
        """Whether it is over, or came all at once while the number has slipped no longer."""
        return self.numbers.is_over or (
            _may_be_storm(self.numbers.departure, self.today) and self.signals.is_storm(self.today)
        )

    @property
    def _is_everywhere(self) -> bool:
        """Whether half of the others complain as well, where signals say more than the number."""
        is_of_signals = self.surge > self.numbers.departure.score
        return is_of_signals and self.crowd.teams >= FEWEST_OTHERS and self.crowd.share >= SHARED


def read_numbers(
    competency: CompetencyKey, circumstances: Circumstances, rules: CapabilitiesPublished, today: int
) -> Numbers:
    """What the KPIs say that the map links to a competency, held against the other teams and the team's other numbers."""
    linked = linked_kpis(rules, competency)
    slips, besides = (
        [slip for slip in found if today - day_of(slip.measured_at) <= STALE_DAYS]
        for found in (circumstances.of(linked), circumstances.but(linked))
    )
    slip, departure = _surest(slips, circumstances)
    return Numbers(
        slip=slip,
        departure=departure,
        others=_crowd(slip, circumstances).others,
        besides=tuple(besides),
        is_over=slip is not None and bool(slip.track.scores) and _is_over(slip.track),
        is_confirmable=any(one.track.scores for one in slips),
        pressure=_pressure(slip, departure, competency, rules),
    )


def weigh(
    competency: CompetencyKey, surge: Surge, numbers: Numbers, circumstances: Circumstances, today: int
) -> Weighing:
    """What speaks for a team missing a competency, and what else could explain it. `today` counts days from 0001-01-01."""
    departure = numbers.departure
    score = _of_signals(surge, numbers, today)
    is_of_signals = numbers.slip is None or score > departure.score
    by_competency = circumstances.by_competency.get(competency, Crowd())
    return Weighing(
        surge=score,
        numbers=numbers,
        crowd=by_competency if is_of_signals else _crowd(numbers.slip, circumstances),
        staff=circumstances.staff,
        signals=surge,
        today=today,
        is_established=surge.usual.is_established or numbers.is_confirmable,
    )


def _pressure(
    slip: Slip | None, departure: Departure, competency: CompetencyKey, rules: CapabilitiesPublished
) -> float:
    """What a slip adds to the pressure of signals: as long as it lasts, and no longer."""
    if slip is None:
        return 0.0
    weight = max(r.weight for r in rules.kpi_rules if r.kpi == slip.kpi and r.competency == competency)
    return weight * min(MOST_PRESSING, departure.score / ALARMING)


def _surest(slips: list[Slip], circumstances: Circumstances) -> tuple[Slip | None, Departure]:
    """The KPI that has departed most surely. Before there is a usual level, the alarm value of the map speaks alone."""
    slip, departure = None, NONE
    for one in slips:
        others = circumstances.by_kpi.get(one.kpi, Crowd()).others
        its = depart(one.track, others) if one.track.scores else Departure(one.score)
        if (its.score, bool(its.starts)) > (departure.score, bool(departure.starts)):
            slip, departure = (one if its.score else None), its
    return slip, departure


def _of_signals(surge: Surge, numbers: Numbers, today: int) -> float:
    """What signals add to what the number says that should move with them: both are asked since the same day.

    Where the number does not move at all, they add nothing.
    """
    if not numbers.is_confirmable:
        return ALONE * surge.score(today)
    departure = numbers.departure
    if not departure.starts:
        return 0.0
    said = surge.since([start.day for start in departure.starts], today)
    both = [
        start.nats + log(1 - GO_ALONG + GO_ALONG * exp(nats))
        for start, nats in zip(departure.starts, said, strict=True)
    ]
    return max(0.0, min(MOST_SURE, log_sum(both) - departure.spread)) - departure.score


def _may_be_storm(departure: Departure, today: int) -> bool:
    """Whether what slips does so no longer than a storm lasts. One that began before it is no wave."""
    return not departure.since or departure.since >= today - STORM_DAYS


def _is_over(track: Track) -> bool:
    """Whether the latest readings are back, whatever was."""
    return track.latest(LATEST if track.unit == 1.0 else LATEST_SUMMARIES) < STILL


def _crowd(slip: Slip | None, circumstances: Circumstances) -> Crowd:
    return circumstances.by_kpi.get(slip.kpi, Crowd()) if slip else Crowd()


def linked_kpis(rules: CapabilitiesPublished, competency: CompetencyKey) -> list[KpiKey]:
    """The KPIs by which the map tells that a competency is missing."""
    return [rule.kpi for rule in rules.kpi_rules if rule.competency == competency]


def doubt(coverage: Coverage, is_confirmable: bool) -> float:
    """What it takes besides, in nats, to believe that a skill is missing of which a team holds so much.

    Where no number can confirm signals, half of what they say is gone already (`ALONE`): with the doubt about those whom
    nobody assessed as well, no signals whatever could open a gap.
    """
    if coverage.share is None:
        return UNKNOWN_COVERAGE if is_confirmable else 0.0
    return DOUBT_PER_COVERAGE * max(0.0, coverage.share - WHO_LACKS)
