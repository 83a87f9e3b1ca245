"""The signals that come anyway: each team and kind at a rate of its own, with busy days and bursts."""

from __future__ import annotations

from math import exp

from tools.simulator.calendar import WEEK, WORKING
from tools.simulator.draws import chance, poisson, stream
from tools.simulator.plan import Complaint, Plan
from tools.simulator.trades import KIND_SOURCES

MEDIAN_PER_DAY = 0.12
RATE_SPREAD = 0.9
BURSTY = 0.25
"""So many team-kinds have bursts, one in `BURST_EVERY` working days."""

BURST_EVERY = 60
WEEKEND = 0.15


def background(plan: Plan) -> list[Complaint]:
    """All signals that mean nothing."""
    teams = [team.team_id for team in plan.bones.teams] + sorted(plan.origins)
    found: list[Complaint] = []
    for team_id in teams:
        for trade in plan.bones.trades:
            for kind in trade.kinds:
                found += _of_team(plan, team_id, kind)
    return found


def _of_team(plan: Plan, team_id: str, kind: str) -> list[Complaint]:
    rng = stream(*plan.seed, "background", team_id, kind)
    rate = MEDIAN_PER_DAY * rng.lognormvariate(0.0, RATE_SPREAD)
    is_bursty, spread = chance(rng, BURSTY), rng.uniform(0.0, 0.8)
    middle = -spread * spread / 2
    found: list[Complaint] = []
    for day in range(plan.begins.get(team_id, 0), plan.ends.get(team_id, plan.bones.days)):
        mean = rate * exp(rng.gauss(middle, spread))
        if day % WEEK >= WORKING:
            mean *= WEEKEND
        elif is_bursty and rng.random() < 1 / BURST_EVERY:
            mean += rng.uniform(2.0, 6.0)
        for _ in range(poisson(rng, min(mean, 20.0))):
            found.append(Complaint(day, team_id, kind, KIND_SOURCES[kind], rng.triangular(0.1, 1.0, 0.5)))
    return found
