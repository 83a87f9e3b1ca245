"""Teams and competencies to which something may happen."""

from __future__ import annotations

from tools.simulator.plan import Plan
from tools.simulator.truth import Cause


def free_pairs(plan: Plan) -> list[tuple[str, str]]:
    """Pairs that somebody's role needs, that a KPI of the team tells of, and that nothing of their own has happened to yet.

    Teams that are reorganised are left out: who lacks what where would be a matter of opinion.
    """
    taken = {(e.team_id, e.competency) for e in plan.episodes if e.cause in (Cause.SKILL, Cause.NONE)}
    return [
        (team.team_id, competency.key)
        for team in plan.bones.teams
        if team.team_id not in plan.taken
        for competency in plan.bones.capabilities.competencies
        if (team.team_id, competency.key) not in taken
        and kpis_of_pair(plan, team.team_id, competency.key)
        and plan.bones.required(team.team_id, competency.key)
    ]


def kpis_of_pair(plan: Plan, team_id: str, competency: str) -> tuple[str, ...]:
    """The KPIs of a team whose slipping asks for a competency."""
    measured = plan.bones.measured[plan.origins.get(team_id, team_id)]
    return tuple(kpi for kpi in plan.bones.capabilities.kpis_of(competency) if kpi in measured)
