"""A company as it would go if nobody did anything about it: everything drawn, nothing decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.simulator.background import background
from tools.simulator.bones import MANAGER, Bones, make_bones
from tools.simulator.calendar import midnight
from tools.simulator.catalogue import Catalogue, make_catalogue
from tools.simulator.draws import stream
from tools.simulator.families import FAMILIES
from tools.simulator.mastery import make_learning
from tools.simulator.plan import Complaint, Plan, Silence
from tools.simulator.policy import Attention, Company
from tools.simulator.records import Learning
from tools.simulator.series import Series, make_series
from tools.simulator.staff import States, replay
from tools.simulator.truth import Truth

MANAGERS = (("acts", 0.35), ("judges", 0.25), ("tires", 0.2), ("ignores", 0.2))


@dataclass(frozen=True, slots=True)
class World:
    """A company, what is really the matter in it, and all that is going to happen unless people learn."""

    company: Company
    truth: Truth
    seed: tuple[object, ...]
    series: Sequence[Series]
    complaints: Mapping[int, Sequence[Complaint]]
    silences: Sequence[Silence]
    learning: Mapping[int, Sequence[Learning]]
    states: States


def make_plan(family: str, seed: int, number: int) -> Plan:
    """What is going to happen in a company."""
    names: tuple[object, ...] = (seed, family, number)
    plan = Plan(make_bones(f"{family}-{seed}-{number}", *names), names)
    FAMILIES[family](plan)
    return plan


def make_world(family: str, seed: int, number: int) -> World:
    """Company `number` of a family under a seed: the same whenever and wherever it is made."""
    plan = make_plan(family, seed, number)
    bones, names = plan.bones, plan.seed
    catalogue = make_catalogue(bones, *names)
    learning = make_learning(plan, catalogue.contents)
    begins = midnight(bones.start, 0)
    return World(
        company=_company(bones, catalogue, [record for record in learning if record.occurred_at < begins]),
        truth=Truth(tuple(plan.episodes), catalogue.gains, _managers(bones, names)),
        seed=names,
        series=make_series(plan),
        complaints=_by_day(plan),
        silences=plan.silences,
        learning=_days_of(bones, [record for record in learning if record.occurred_at >= begins]),
        states=replay(bones, plan.changes),
    )


def _company(bones: Bones, catalogue: Catalogue, learned_before: Sequence[Learning]) -> Company:
    return Company(
        name=bones.name,
        start=bones.start,
        days=bones.days,
        time_zone=bones.time_zone,
        language="en",
        attention=Attention(),
        teams=bones.teams,
        people=bones.people,
        catalogue=catalogue.contents,
        capabilities=bones.capabilities,
        learning=tuple(learned_before),
        reviews=catalogue.reviews,
        effects=catalogue.effects,
    )


def _by_day(plan: Plan) -> dict[int, list[Complaint]]:
    """All signals by the day on which they occur."""
    days: dict[int, list[Complaint]] = {}
    for complaint in (*background(plan), *plan.complaints):
        if complaint.day < plan.ends.get(complaint.team_id, plan.bones.days):
            days.setdefault(complaint.day, []).append(complaint)
    return days


def _days_of(bones: Bones, records: Sequence[Learning]) -> dict[int, list[Learning]]:
    days: dict[int, list[Learning]] = {}
    for record in records:
        days.setdefault((record.occurred_at.date() - bones.start).days, []).append(record)
    return days


def _managers(bones: Bones, names: tuple[object, ...]) -> dict[str, str]:
    """Of which kind each manager is."""
    rng = stream(*names, "managers")
    kinds, weights = [kind for kind, _ in MANAGERS], [weight for _, weight in MANAGERS]
    managers = [person.person_id for person in bones.people if person.position.role == MANAGER]
    return {manager: rng.choices(kinds, weights)[0] for manager in managers}
