"""What rows become when the schema moves; against real Postgres."""

from __future__ import annotations

from functools import partial

from alembic import command
from alembic.config import Config

from kinetic.common.events import new_id
from kinetic.common.migrate import run_alembic
from kinetic.recommendation.app import create_service
from services.recommendation.tests.company import SEEN_AT, TEAM
from tests.support.databases import Templates


async def test_the_version_before_knows_every_obstacle(templates: Templates) -> None:
    service = create_service()
    async with templates.fresh(service.name, service.branches) as database:
        async with database.transaction() as tx:
            await tx.execute(
                """INSERT INTO gap (gap_id, team_id, competency, is_open, told, cause, obstacle, changed_at)
                   VALUES ($1, $2, 'x', true, '{}', '[]', 'not_worth_it', $3)""",
                new_id(),
                TEAM,
                SEEN_AT,
            )
        await run_alembic(database.dsn, service.name, service.branches, partial(downgrade, "recommendation_0002"))
        async with database.transaction() as tx:
            assert await tx.fetch_value("SELECT obstacle FROM gap") == "no_content"


def downgrade(revision: str, config: Config) -> None:
    command.downgrade(config, revision)
