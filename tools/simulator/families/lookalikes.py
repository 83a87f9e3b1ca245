"""What looks like a missing skill and is not: too few people, a bad tool, a wave of incidents, and a slip of the skilled."""

from __future__ import annotations

from random import Random

from tools.simulator.calendar import next_working
from tools.simulator.draws import chance, some, stream
from tools.simulator.families.pairs import free_pairs, kpis_of_pair
from tools.simulator.plan import Change, Plan, kinds_of
from tools.simulator.truth import Cause, Episode

DELAYED = "delivery.delayed"


def add_staffing(plan: Plan, number: int) -> None:
    """People are away, or the work grows: every KPI of a team gets worse, and everything comes late.

    In 70 % of the cases the directory shows who is missing; in the others it does not, or nobody is.
    """
    rng = stream(*plan.seed, "staffing", number)
    teams = [team.team_id for team in plan.bones.teams if team.team_id not in plan.ends]
    team_id = rng.choice(teams)
    first = plan.begin(f"staffing {number}", 35)
    last = min(first + 7 * rng.randint(4, 16), plan.bones.days - 1)
    kind = rng.random()
    members = [p.person_id for p in plan.bones.members(team_id)]
    missing = some(rng, members, max(1, round(0.25 * len(members))), max(1, round(0.5 * len(members))))
    if kind < 0.7:
        _leave(plan, rng, missing, first, last)
    size = rng.uniform(0.75, 2.0)
    _everywhere(plan, rng, team_id, Cause.STAFFING, first, last, size)


def _leave(plan: Plan, rng: Random, people: list[str], first: int, last: int) -> None:
    for person_id in people:
        gone = max(0, next_working(first - rng.randint(0, 7)))
        plan.changes.append(Change(gone, person_id, active=False))
        if last < plan.bones.days - 1:
            plan.changes.append(Change(last, person_id, active=True))


def _everywhere(plan: Plan, rng: Random, team_id: str, cause: Cause, first: int, last: int, size: float) -> None:
    """All KPIs of the team slip, each by its own amount, and all signals grow."""
    sizes = {kpi: size * rng.uniform(0.6, 1.2) for kpi in plan.bones.measured[team_id]}
    ramp, at = rng.choice((0, 0, 5)), -1
    for trade in plan.bones.trades:
        kpis = tuple(k for k in plan.bones.capabilities.kpis_of(trade.competency) if k in sizes)
        mean = sum(sizes[k] for k in kpis) / len(kpis) if kpis else 0.0
        at = plan.add(Episode(team_id, trade.competency, cause, first, last, mean, kpis, True, ramp=ramp))
        plan.complain(at, trade.kinds, rng.uniform(0.05, 0.25))
    plan.slip_kpis(at, sizes.items())
    plan.complain(at, [DELAYED], rng.uniform(0.2, 0.6))


def add_tooling(plan: Plan, number: int) -> None:
    """A tool that several teams share is bad: one KPI and its signals slip in all of them, whatever they hold."""
    rng = stream(*plan.seed, "tooling", number)
    trade = rng.choice([t for t in plan.bones.trades if t.kpi in plan.bones.yardsticks])
    teams = [team.team_id for team in plan.bones.teams if team.team_id not in plan.ends]
    measured = [team for team in teams if trade.kpi in plan.bones.measured[team]]
    blind = [team for team in teams if team not in measured]
    first = plan.begin(f"tooling {number}", 28)
    last = min(first + 7 * rng.randint(3, 12), plan.bones.days - 1)
    size, per_day = rng.uniform(0.75, 2.5), rng.uniform(0.15, 0.5)
    hit = some(rng, measured, min(3, len(measured)), len(measured)) + some(rng, blind, 0, 2)
    for team_id in hit:
        starts = next_working(first + rng.choice((0, 0, 0, 1, 2)))
        own, kpis = size * rng.uniform(0.7, 1.3), (trade.kpi,) if team_id in measured else ()
        episode = Episode(team_id, trade.competency, Cause.TOOLING, starts, last, own if kpis else 0.0, kpis, True)
        at = plan.add(episode)
        plan.slip_kpis(at, [(kpi, own) for kpi in kpis])
        plan.complain(at, trade.kinds, per_day * rng.uniform(0.7, 1.3))


def add_incidents(plan: Plan, number: int) -> None:
    """For some days everything burns in one to three teams, then it is over."""
    rng = stream(*plan.seed, "incidents", number)
    trade = rng.choice(plan.bones.trades)
    first = plan.begin(f"incidents {number}", 21)
    last = min(first + rng.randint(2, 11), plan.bones.days - 1)
    for team in some(rng, plan.bones.teams, 1, 3):
        if team.team_id in plan.ends:
            continue
        measured = plan.bones.measured[team.team_id]
        kpis = tuple(k for k in plan.bones.capabilities.kpis_of(trade.competency) if k in measured)
        size = rng.uniform(1.0, 3.0) if kpis else 0.0
        at = plan.add(Episode(team.team_id, trade.competency, Cause.INCIDENTS, first, last, size, kpis, True))
        plan.slip_kpis(at, [(kpi, size) for kpi in kpis])
        plan.complain(at, trade.kinds, rng.uniform(1.0, 4.0))


def add_covered(plan: Plan, number: int) -> None:
    """A KPI of a team slips though everybody there holds the skill, and the records say so."""
    rng = stream(*plan.seed, "covered", number)
    free = free_pairs(plan)
    if not free:
        return
    team_id, competency = rng.choice(free)
    kpis = kpis_of_pair(plan, team_id, competency)
    first = plan.begin(f"covered {number}", 35)
    last = min(first + 7 * rng.randint(6, 20), plan.bones.days - 1)
    for person in plan.bones.required(team_id, competency):
        plan.masters[person.person_id, competency] = first - rng.randint(10, 60)
    size, corroborated, ramp = rng.uniform(0.75, 2.5), chance(rng, 0.65), rng.choice((0, 0, 10))
    at = plan.add(Episode(team_id, competency, Cause.NONE, first, last, size, kpis, corroborated, ramp=ramp))
    plan.slip_kpis(at, [(kpi, size) for kpi in kpis])
    if corroborated:
        plan.complain(at, kinds_of(competency), rng.uniform(0.15, 0.6))
