"""What rows become when the schema moves; against real Postgres."""

from __future__ import annotations

from functools import partial

from alembic import command
from alembic.config import Config

from kinetic.common.migrate import run_alembic
from kinetic.contracts.ids import CompetencyKey
from kinetic.skill_gap.app import create_service
from tests.support.databases import Templates
from tests.support.skill_gap import NOW, SKILL, TEAM

INSERT = """
    INSERT INTO assessment (team_id, competency, pressure, as_of, standing, version, told, evidence, due_at)
    VALUES ($1, $2, '{}', $3, 'ruled_out', 0, $4, '[]', $3)
"""


async def test_the_version_before_can_read_what_was_ruled_out(templates: Templates) -> None:
    service = create_service()
    told = {"already_covered": SKILL, "tooling": CompetencyKey("x")}
    async with templates.fresh(service.name, service.branches) as database:
        async with database.transaction() as tx:
            await tx.execute_many(
                INSERT,
                [
                    (TEAM, competency, NOW, {"type": "kinetic.gap.ruled_out.v2", "data": {"reason": reason}})
                    for reason, competency in told.items()
                ],
            )
        await run_alembic(database.dsn, service.name, service.branches, partial(downgrade, "skill_gap_0004"))
        async with database.transaction() as tx:
            rows = await tx.fetch("SELECT competency, standing, told->>'type' AS type FROM assessment")
    assert {(row["competency"], row["standing"], row["type"]) for row in rows} == {
        (SKILL, "ruled_out", "kinetic.gap.ruled_out.v1"),
        ("x", "quiet", None),
    }


def downgrade(revision: str, config: Config) -> None:
    command.downgrade(config, revision)
