"""What rows become when the schema moves; against real Postgres."""

from __future__ import annotations

from functools import partial

import pytest
from alembic import command
from alembic.config import Config

from kinetic.common.events import new_id
from kinetic.common.migrate import run_alembic
from kinetic.recommendation.app import create_service
from services.recommendation.tests.company import SEEN_AT, TEAM
from tests.support.databases import Templates


@pytest.mark.parametrize(
    ("obstacle", "revision", "before"),
    [("not_worth_it", "recommendation_0002", "no_content"), ("withheld", "recommendation_0005", None)],
)
async def test_the_version_before_knows_every_obstacle(
    templates: Templates, obstacle: str, revision: str, before: str | None
) -> None:
    service = create_service()
    async with templates.fresh(service.name, service.branches) as database:
        async with database.transaction() as tx:
            await tx.execute(
                """INSERT INTO gap (gap_id, team_id, competency, is_open, told, cause, obstacle, changed_at)
                   VALUES ($1, $2, 'x', true, '{}', '[]', $3, $4)""",
                new_id(),
                TEAM,
                obstacle,
                SEEN_AT,
            )
        await run_alembic(database.dsn, service.name, service.branches, partial(downgrade, revision))
        async with database.transaction() as tx:
            assert await tx.fetch_value("SELECT obstacle FROM gap") == before


@pytest.mark.parametrize(("shown", "before"), [(2, "unaddressed"), (None, "planned")])
async def test_the_version_before_sends_alone_what_was_to_go_with_another(
    templates: Templates, shown: int | None, before: str
) -> None:
    service = create_service()
    async with templates.fresh(service.name, service.branches) as database:
        async with database.transaction() as tx:
            await tx.execute(
                """INSERT INTO delivery (delivery_id, nudge_id, manager_id, occasion, wanted_version, standing, due_at,
                                         shown_version, in_doubt, attempts, passed, carried_by, changed_at)
                   VALUES ($1, $1, $1, 1, 2, 'carried', now(), $2, false, 0, '{}', $1, now())""",
                new_id(),
                shown,
            )
        revision = partial(downgrade, "recommendation_0012")
        await run_alembic(database.dsn, service.name, service.branches, revision)
        async with database.transaction() as tx:
            assert await tx.fetch_value("SELECT standing FROM delivery") == before


def downgrade(revision: str, config: Config) -> None:
    command.downgrade(config, revision)
