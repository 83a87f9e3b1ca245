"""How a KPI of a team comes out from day to day: what is usual, noise, and what the plan adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import exp, pi, sin

from tools.simulator.bones import Yardstick
from tools.simulator.calendar import is_working, working_days_before
from tools.simulator.draws import chance, noise, stream
from tools.simulator.plan import Plan, Slip
from tools.simulator.trades import LOWER

WEEKLY = 0.2
MISSING = (0.0, 0.06)
MOST_MEMORY = 0.35
GLITCHES = 0.002
"""So many measurements are wrong by 4 to 8 sigma; those below 0 are corrected on the next day."""


@dataclass(frozen=True, slots=True)
class Series:
    """A KPI of a team. `usual` and `fixed` are by day, in sigma, positive is worse; `noise` is by day, in sigma of the value.

    `level` and `sd` are in the unit of the KPI. `learnable` are slips that learning takes away.
    """

    team_id: str
    kpi: str
    source: str
    yardstick: Yardstick
    level: float
    sd: float
    worse: float
    is_weekly: bool
    first: int
    last: int
    usual: Sequence[float]
    noise: Sequence[float]
    counts: Sequence[int]
    glitches: Mapping[int, float]
    learnable: tuple[Slip, ...]

    def value(self, day: int, badness: float) -> float:
        """The value on a day, when the KPI is worse by `badness` sigma on top of what is usual then."""
        mean = self.level + self.worse * self.sd * (self.usual[day] + badness)
        shape = self.yardstick.trade.shape
        if shape == "count":
            return float(max(0, round(mean + self.sd * (max(mean, 0.5) / self.level) ** 0.5 * self.noise[day])))
        value = mean + self.sd * self.noise[day]
        return min(100.0, max(0.0, value)) if shape == "share" else max(0.0, value)


def strength(slip: Slip, day: int) -> float:
    """How much of a slip is there on a day, 0..1."""
    if not slip.first <= day <= slip.last:
        return 0.0
    if not slip.ramp:
        return 1.0
    return min(1.0, (working_days_before(day) - working_days_before(slip.first) + 1) / slip.ramp)


def make_series(plan: Plan) -> list[Series]:
    """All series of a company."""
    slips: dict[tuple[str, str], list[Slip]] = {}
    for slip in plan.slips:
        slips.setdefault((slip.team_id, slip.kpi), []).append(slip)
    teams = [team.team_id for team in plan.bones.teams] + sorted(plan.origins)
    return [
        _series(plan, team_id, kpi, slips.get((team_id, kpi), []))
        for team_id in teams
        for kpi in plan.bones.measured[plan.origins.get(team_id, team_id)]
    ]


def _series(plan: Plan, team_id: str, kpi: str, slips: list[Slip]) -> Series:
    bones, rng = plan.bones, stream(*plan.seed, "series", team_id, kpi)
    yardstick = bones.yardsticks[kpi]
    worse = 1.0 if yardstick.trade.direction == LOWER else -1.0
    level = max(0.6 * yardstick.base, yardstick.base + rng.gauss(0.0, 0.5) * yardstick.sd)
    usual = [0.0] * bones.days if plan.is_steady else _usual(plan, team_id, kpi)
    for slip in slips:
        if slip.episode is None:
            for day in range(slip.first, min(slip.last + 1, bones.days)):
                usual[day] += slip.size * strength(slip, day)
    return Series(
        team_id,
        kpi,
        yardstick.trade.source,
        yardstick,
        level,
        yardstick.sd * rng.uniform(0.8, 1.2),
        worse,
        chance(stream(*plan.seed, "weekly", kpi), WEEKLY),
        plan.begins.get(team_id, 0),
        plan.ends.get(team_id, bones.days) - 1,
        usual,
        *_noise(plan, team_id, kpi, yardstick),
        tuple(slip for slip in slips if slip.episode is not None),
    )


def _usual(plan: Plan, team_id: str, kpi: str) -> list[float]:
    """Weekday, month's end, time of year, and a slow wandering, in sigma, positive is worse."""
    bones = plan.bones
    shared = stream(*plan.seed, "usual", kpi)
    weekday = [shared.gauss(0.0, 0.25) for _ in range(5)] + [0.0, 0.0]
    month_end = shared.uniform(0.0, 0.8) if chance(shared, 0.3) else 0.0
    yearly, phase = shared.uniform(0.0, 0.4), shared.uniform(0.0, 2 * pi)
    own = stream(*plan.seed, "wandering", team_id, kpi)
    step, wandering, days = own.uniform(0.01, 0.05), 0.0, list[float]()
    middle = sum(weekday) / 5
    for day in range(bones.days):
        wandering = 0.98 * wandering + step * own.gauss(0.0, 1.0)
        is_end = month_end and (bones.start + timedelta(days=day + 3)).day <= 3
        value = weekday[day % 7] - middle + yearly * sin(2 * pi * day / 365 + phase) + wandering
        days.append(value + (month_end if is_end else 0.0))
    return days


def _noise(plan: Plan, team_id: str, kpi: str, yardstick: Yardstick) -> tuple[list[float], list[int], dict[int, float]]:
    """Noise, case counts and errors by day; a count of 0 is a day without a measurement."""
    rng = stream(*plan.seed, "noise", team_id, kpi)
    skew = rng.uniform(0.0, 1.0) if yardstick.trade.shape != "share" else 0.0
    memory = rng.uniform(0.0, MOST_MEMORY)
    if plan.is_steady:
        memory = skew = 0.0
    drawn = iter(noise(rng, working_days_before(plan.bones.days), memory, skew))
    missing = rng.uniform(*MISSING)
    values: list[float] = []
    counts: list[int] = []
    glitches: dict[int, float] = {}
    for day in range(plan.bones.days):
        if not is_working(day):
            values.append(0.0)
            counts.append(0)
            continue
        n = max(1, round(yardstick.n * exp(rng.gauss(0.0, 0.25))))
        is_missing = rng.random() < missing
        values.append(next(drawn) * (yardstick.n / n) ** 0.5 if yardstick.n > 3 else next(drawn))
        counts.append(0 if is_missing else n)
        if rng.random() < GLITCHES:
            glitches[day] = rng.uniform(4.0, 8.0) * rng.choice((-1, 1))
    return values, counts, glitches
