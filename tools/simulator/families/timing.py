"""What the calendar and the tools do: strong seasons, and sources that fall silent."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

from tools.simulator.calendar import is_working
from tools.simulator.draws import some, stream
from tools.simulator.plan import Plan, Silence
from tools.simulator.trades import KIND_SOURCES, KPI_SOURCES
from tools.simulator.truth import Cause, Episode


def add_season(plan: Plan, number: int) -> None:
    """Month's end, quarter's end or summer make one KPI or two worse in all teams that have it, every time."""
    rng = stream(*plan.seed, "season", number)
    kind = rng.choice(("month", "quarter", "summer"))
    size = rng.uniform(0.75, 1.5) if kind == "summer" else rng.uniform(1.0, 2.5)
    spans = _SPANS[kind](plan.bones.start, plan.bones.days)
    rules = list(plan.bones.capabilities.kpi_rules)
    for rule in some(rng, rules, 1, 2):
        for team in plan.bones.teams:
            if rule.kpi not in plan.bones.measured[team.team_id] or team.team_id in plan.ends:
                continue
            own = size * rng.uniform(0.7, 1.3)
            for first, last in spans:
                at = plan.add(Episode(team.team_id, rule.competency, Cause.SEASON, first, last, own, (rule.kpi,)))
                plan.slip_kpis(at, [(rule.kpi, own)])


def _months(start: date, days: int) -> list[tuple[int, int]]:
    """The last week of each month."""
    return [(max(0, last - 6), last) for last in _month_ends(start, days)]


def _quarters(start: date, days: int) -> list[tuple[int, int]]:
    """The last two weeks of each quarter."""
    ends = _month_ends(start, days)
    return [(max(0, last - 13), last) for last in ends if (start + timedelta(days=last)).month % 3 == 0]


def _summers(start: date, days: int) -> list[tuple[int, int]]:
    """July and August."""
    summer = [day for day in range(days) if (start + timedelta(days=day)).month in (7, 8)]
    breaks = [at for at in range(1, len(summer)) if summer[at] != summer[at - 1] + 1]
    edges = [0, *breaks, len(summer)]
    return [(summer[a], summer[b - 1]) for a, b in itertools.pairwise(edges) if b > a]


def _month_ends(start: date, days: int) -> list[int]:
    return [day for day in range(days) if (start + timedelta(days=day + 1)).day == 1]


_SPANS = {"month": _months, "quarter": _quarters, "summer": _summers}


def add_outage(plan: Plan, number: int) -> None:
    """A source tells nothing for 3 to 15 working days, and then everything at once."""
    rng = stream(*plan.seed, "outage", number)
    sources = {KPI_SOURCES[kpi] for kpi in plan.bones.yardsticks}
    sources |= {KIND_SOURCES[kind] for trade in plan.bones.trades for kind in trade.kinds}
    source = rng.choice(sorted(sources))
    first = plan.begin(f"outage {number}", 28)
    last = first + round(rng.randint(3, 15) * 7 / 5)
    while not is_working(last + 1):
        last += 1
    plan.silences.append(Silence(source, first, last))
    for team in plan.bones.teams:
        for trade in plan.bones.trades:
            if trade.source == source and team.team_id not in plan.ends:
                until = min(last + 7, plan.bones.days - 1)
                plan.add(Episode(team.team_id, trade.competency, Cause.OUTAGE, first, until, 0.0, ()))
