"""What the learning records show: for some pairs of team and competency that it is held, for others little or nothing.

Where nobody lacks anything, records and skill have nothing to do with each other: many people can what no record shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from random import Random

from tools.simulator.bones import Bones
from tools.simulator.calendar import midnight, working_day, working_days_before
from tools.simulator.draws import chance, stream
from tools.simulator.plan import Plan
from tools.simulator.records import Content, Learning, Person

COVERED, PARTLY = 0.45, 0.25
"""Shares of pairs whose records show that all, or about half, of those who need it hold it. In the rest nobody was assessed
or all have old records of low levels."""

EVERYDAY_PER_TEAM_WEEK = 0.15


def make_learning(plan: Plan, contents: Sequence[Content]) -> list[Learning]:
    """All completions that happen anyway, before and while the company is watched, in order."""
    found: list[Learning] = []
    for team in plan.bones.teams:
        for competency in plan.bones.capabilities.competencies:
            found += _of_pair(plan, team.team_id, competency.key, contents)
        found += _everyday(plan, team.team_id, contents)
    return sorted(found, key=lambda record: (record.occurred_at, record.id))


def _of_pair(plan: Plan, team_id: str, competency: str, contents: Sequence[Content]) -> list[Learning]:
    rng = stream(*plan.seed, "mastery", team_id, competency)
    teaching = sorted((c for c in contents if c.level_of(competency)), key=lambda c: c.level_of(competency))
    draw, found = rng.random(), []
    for person in plan.bones.required(team_id, competency):
        key = (person.person_id, competency)
        if key in plan.masters:
            found.append(_record(plan.bones, person, teaching[-1], plan.masters[key], rng.uniform(0.95, 1.0)))
        elif key in plan.lacking:
            found += _little(plan.bones, rng, person, teaching[0])
        elif draw < COVERED or (draw < COVERED + PARTLY and chance(rng, 0.5)):
            found.append(_record(plan.bones, person, teaching[-1], -rng.randint(10, 200), rng.uniform(0.85, 1.0)))
        elif draw > 0.85:
            found += _little(plan.bones, rng, person, teaching[0])
    return found


def _little(bones: Bones, rng: Random, person: Person, lowest: Content) -> list[Learning]:
    """Nothing, or an old and poor record."""
    if chance(rng, 0.5):
        return []
    return [_record(bones, person, lowest, -rng.randint(300, 700), rng.uniform(0.3, 0.6))]


def _record(bones: Bones, person: Person, content: Content, day: int, score: float) -> Learning:
    at = midnight(bones.start, day) + timedelta(hours=12)
    name = f"learning-{person.person_id}-{content.content_id}-{day}"
    return Learning(name, person.person_id, content.content_id, "completed", at, round(score, 2))


def _everyday(plan: Plan, team_id: str, contents: Sequence[Content]) -> list[Learning]:
    """Somebody takes a course now and then, whatever it is about, but not one about what they lack."""
    rng, found = stream(*plan.seed, "everyday learning", team_id), []
    members = plan.bones.members(team_id)
    for index in range(working_days_before(plan.bones.days)):
        if chance(rng, EVERYDAY_PER_TEAM_WEEK / 5):
            person, content = rng.choice(members), rng.choice(contents)
            is_lacking = (person.person_id, content.teaches[0].competency) in plan.lacking
            if not is_lacking and not content.retired and content.language == person.language:
                found.append(_record(plan.bones, person, content, working_day(index), rng.uniform(0.6, 1.0)))
    return found
