"""A stage with little history and with much: what was handled before may not slow down what comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from benchmarks.company import SKILLS, Company
from benchmarks.consuming import StageRun
from benchmarks.ground import Ground
from benchmarks.measuring import Row, Say, at_least, side_by_side
from benchmarks.stages import Fill, Stage
from kinetic.common.database import Database

TARGET = 0.85
LITTLE, MUCH = 10_000, 1_000_000

_INBOX = "INSERT INTO inbox (event_id) SELECT gen_random_uuid() FROM generate_series(1, $1::int)"

# $1 is a number of lives, $2 teams, $3 their managers, $4 content, $5 skills, $6 people. Nudges lie before this week.
_PARAMETERS = """(SELECT $1::int AS lives, $2::uuid[] AS teams, $3::uuid[] AS managers, $4::uuid[] AS contents,
                         $5::text[] AS skills, $6::uuid[] AS people) AS company, generate_series(0, lives - 1) AS n"""
_GAPS = f"""INSERT INTO gap (gap_id, team_id, competency, is_open, told, cause, changed_at)
            SELECT gen_random_uuid(), teams[1 + n % cardinality(teams)], skills[1 + n % cardinality(skills)], false,
                   '{{"type": "kinetic.gap.closed.v1"}}', '[]', now()
            FROM {_PARAMETERS}"""
_NUDGES = f"""INSERT INTO nudge (nudge_id, gap_id, team_id, manager_id, competency, content_id, offer, state, version,
                                 offered_version, policy_version, composed_at, expires_at, cause)
              SELECT gen_random_uuid(), gen_random_uuid(), teams[1 + n % cardinality(teams)],
                     managers[1 + n % cardinality(managers)], skills[1 + n % cardinality(skills)], contents[1],
                     '{{}}', (ARRAY['accepted', 'dismissed', 'expired', 'withdrawn'])[1 + n / 400 % 4], 2, 1, 1,
                     now() - make_interval(days => 8 + n % 390), now(), '[]'
              FROM {_PARAMETERS}"""
_ASSIGNMENTS = f"""INSERT INTO assignment (assignment_id, person_id, content_id, assigned_by, origin, undo_until, state,
                                           version, cause)
                   SELECT gen_random_uuid(), people[1 + n % cardinality(people)], gen_random_uuid(),
                          managers[1 + n % cardinality(managers)], 'chosen', now(), 'completed', 4, '[]'
                   FROM {_PARAMETERS}"""
_NUDGE_OUTCOMES = f"""INSERT INTO nudge_outcome (nudge_id, gap_id, team_id, manager_id, content_id, state, version)
                      SELECT gen_random_uuid(), gen_random_uuid(), teams[1 + n % cardinality(teams)],
                             managers[1 + n % cardinality(managers)], contents[1 + n % cardinality(contents)],
                             'accepted', 2
                      FROM {_PARAMETERS}"""

EVENTS_IN_A_LIFE = 4
"""Of a gap: opened, changed twice, closed. Of an assignment: asked for, enrolled, started, completed."""

HISTORIES: Final[Mapping[str, tuple[str, ...]]] = {
    "skill-gap signals": (),
    "recommendation gaps": (_GAPS, _NUDGES),
    "assignment learning": (_ASSIGNMENTS,),
    "feedback nudges": (_NUDGE_OUTCOMES,),
}
"""Stage → what its history has left behind, besides the inbox."""


def name_of(stage: str) -> str:
    """The name of the row."""
    return f"{stage} after {MUCH:,} events instead of {LITTLE:,}"


async def measure_history(ground: Ground, stage: Stage, company: Company, count: int, rounds: int, say: Say) -> Row:
    """Ours with much history against ours with little."""
    much, little = (
        StageRun(ground, replace(stage, name=f"{stage.name} after {events}", fill=_after(stage, events)), count)
        for events in (MUCH, LITTLE)
    )
    for run in (much, little):
        await run.prepare(company)
    name = name_of(stage.name)
    ours, floor = await side_by_side(name, much.ours, little.ours, rounds, say)
    return at_least(name, ours, floor, "events/s", TARGET)


def _after(stage: Stage, events: int) -> Fill:
    async def fill_with_history(database: Database, company: Company) -> None:
        await stage.fill(database, company)
        parameters = (company.teams, company.managers, company.contents, SKILLS, company.people)
        async with database.transaction() as tx:
            await tx.execute(_INBOX, events)
            for statement in HISTORIES[stage.name]:
                await tx.execute(statement, events // EVENTS_IN_A_LIFE, *parameters)

    return fill_with_history
