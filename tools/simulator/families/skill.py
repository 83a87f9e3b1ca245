"""Teams that lack a competency, and a role that lacks it in several teams."""

from __future__ import annotations

from random import Random

from tools.simulator.draws import chance, some, stream
from tools.simulator.families.pairs import free_pairs, kpis_of_pair
from tools.simulator.plan import Plan, kinds_of
from tools.simulator.truth import Cause, Episode

SHIFT_SIGMA = (0.75, 2.5)
CORROBORATED = 0.65
RAMPED = 0.4
RAMP_WORKING_DAYS = 10
LEAST_DAYS = 35
SIGNALS_PER_DAY = (0.15, 0.6)
"""How many signals more a working day brings, where signals corroborate."""


def add_skill(plan: Plan, number: int) -> None:
    """One team lacks one competency that a KPI of it tells of."""
    rng = stream(*plan.seed, "skill", number)
    free = free_pairs(plan)
    if free:
        team_id, competency = rng.choice(free)
        people = [p.person_id for p in plan.bones.required(team_id, competency)]
        concerned = some(rng, people, max(1, round(0.5 * len(people))), len(people))
        _lack(plan, rng, team_id, competency, concerned, plan.begin(f"skill {number}", LEAST_DAYS))


def add_skill_of_role(plan: Plan) -> None:
    """A role lacks a competency in two or three teams, from about the same time on."""
    rng = stream(*plan.seed, "skill of role")
    by_role: dict[tuple[str, str], list[str]] = {}
    for team_id, competency in free_pairs(plan):
        for role in sorted({p.position.role for p in plan.bones.required(team_id, competency)}):
            by_role.setdefault((role, competency), []).append(team_id)
    several = sorted(key for key, teams in by_role.items() if len(teams) > 1)
    if not several:
        return
    role, competency = rng.choice(several)
    first = plan.begin("skill of role", LEAST_DAYS + 14)
    for team_id in some(rng, by_role[role, competency], 2, 3):
        concerned = [p.person_id for p in plan.bones.required(team_id, competency) if p.position.role == role]
        _lack(plan, rng, team_id, competency, concerned, first + 7 * rng.randint(0, 2))


def _lack(plan: Plan, rng: Random, team_id: str, competency: str, people: list[str], first: int) -> None:
    size = rng.uniform(*SHIFT_SIGMA)
    kpis = kpis_of_pair(plan, team_id, competency)
    last = first + 7 * rng.randint(7, 24) if chance(rng, 0.4) else plan.bones.days - 1
    episode = Episode(
        team_id,
        competency,
        Cause.SKILL,
        first,
        min(last, plan.bones.days - 1),
        shift_sigma=size,
        kpis=kpis,
        corroborated=chance(rng, CORROBORATED),
        people=tuple(people),
        ramp=RAMP_WORKING_DAYS if chance(rng, RAMPED) else 0,
    )
    at = plan.add(episode)
    plan.lacking |= {(person, competency) for person in people}
    plan.slip_kpis(at, [(kpi, size) for kpi in kpis], is_learnable=True)
    if episode.corroborated:
        plan.complain(at, kinds_of(competency), rng.uniform(*SIGNALS_PER_DAY), is_learnable=True)
