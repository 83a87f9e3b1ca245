"""People and managers move, teams split and merge, and do other work afterwards."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from tools.simulator.draws import chance, some, stream
from tools.simulator.plan import Change, Plan
from tools.simulator.records import Team
from tools.simulator.truth import Cause, Episode


def add_reorganisation(plan: Plan, number: int) -> None:
    """Two teams swap people; or one is split; or one is merged into another. Managers change in half of the teams touched."""
    rng = stream(*plan.seed, "reorganisation", number)
    here = [t for t in plan.bones.teams if t.team_id not in plan.taken and t.team_id not in plan.ends]
    if len(here) < 4:
        return
    one, other = rng.sample(here, 2)
    plan.taken |= {one.team_id, other.team_id}
    day = plan.begin(f"reorganisation {number}", 35)
    kind = rng.random()
    if kind < 0.5:
        _swap(plan, rng, one, other, day)
        touched = [one.team_id, other.team_id]
    elif kind < 0.8:
        touched = [one.team_id, _split(plan, rng, one, other, number, day)]
    else:
        _merge(plan, one, other, day)
        touched = [other.team_id]
    if chance(rng, 0.5):
        _change_manager(plan, rng, touched[0], [t for t in here if t.team_id not in touched], day)
    for team_id in touched:
        _step(plan, rng, team_id, day)


def _swap(plan: Plan, rng: Random, one: Team, other: Team, day: int) -> None:
    for source, target in ((one, other), (other, one)):
        members = [p.person_id for p in plan.bones.members(source.team_id)]
        moving = some(rng, members, max(1, round(0.3 * len(members))), max(1, round(0.6 * len(members))))
        for person_id in moving:
            plan.changes.append(Change(day, person_id, team_id=target.team_id, manager_id=target.manager_id))


def _split(plan: Plan, rng: Random, one: Team, other: Team, number: int, day: int) -> str:
    """Half of the people form a new team, under the manager of another one."""
    fresh = Team(f"{one.team_id}-split-{number}", f"{one.name} B", other.manager_id)
    plan.changes.append(Change(day, team=fresh))
    plan.begins[fresh.team_id], plan.origins[fresh.team_id] = day, one.team_id
    members = [p.person_id for p in plan.bones.members(one.team_id)]
    half = len(members) // 2
    for person_id in some(rng, members, half, half):
        plan.changes.append(Change(day, person_id, team_id=fresh.team_id, manager_id=fresh.manager_id))
    return fresh.team_id


def _merge(plan: Plan, one: Team, other: Team, day: int) -> None:
    for person in plan.bones.members(one.team_id):
        plan.changes.append(Change(day, person.person_id, team_id=other.team_id, manager_id=other.manager_id))
    plan.changes.append(Change(day, team=replace(one, removed=True)))
    plan.ends[one.team_id] = day


def _change_manager(plan: Plan, rng: Random, team_id: str, others: list[Team], day: int) -> None:
    team = next((t for t in plan.bones.teams if t.team_id == team_id), None)
    if team and others:
        manager = rng.choice(others).manager_id
        plan.changes.append(Change(day, team=replace(team, manager_id=manager)))


def _step(plan: Plan, rng: Random, team_id: str, day: int) -> None:
    """Other work, other numbers, for better or worse, and for good."""
    measured = plan.bones.measured[plan.origins.get(team_id, team_id)]
    steps = {kpi: rng.choice((-1, 1)) * rng.uniform(0.5, 2.5) for kpi in measured if chance(rng, 0.7)}
    last, at = plan.bones.days - 1, None
    for competency in plan.bones.capabilities.competencies:
        kpis = tuple(k for k in plan.bones.capabilities.kpis_of(competency.key) if k in steps)
        mean = sum(steps[k] for k in kpis) / len(kpis) if kpis else 0.0
        at = plan.add(Episode(team_id, competency.key, Cause.REORGANISATION, day, last, mean, kpis))
    if at is not None:
        plan.slip_kpis(at, steps.items())
