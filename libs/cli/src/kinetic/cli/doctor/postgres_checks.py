"""What is checked of Postgres: the server, and what stands in the schemas."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final

from kinetic.cli.doctor.checks import Check, run_checks
from kinetic.cli.doctor.finding import Finding, fine
from kinetic.cli.doctor.gathering import postgres
from kinetic.cli.doctor.judgements.database import judge_dead_letters, judge_schemas, judge_server
from kinetic.cli.doctor.judgements.services import judge_clocks
from kinetic.cli.doctor.judgements.setup import judge_projections
from kinetic.cli.doctor.judgements.waiting import judge_parked, judge_waiting
from kinetic.cli.errors import Unreachable
from kinetic.common.database import DatabaseUnavailable
from kinetic.common.service import Service
from kinetic.common.settings import CommonSettings

_REMEDY: Final = "Start Postgres, or say in KINETIC_POSTGRES where it answers; its schemas were not checked."
_SCHEMAS: Final = "See that the user in KINETIC_POSTGRES may read the schemas of the services."
_WITHIN_SECONDS: Final = 20.0


def postgres_check(dsn: str, services: Sequence[Service], told: CommonSettings) -> Check:
    """Everything about Postgres. `told` are the settings that this installation was told."""
    return Check("Postgres", partial(_examine, dsn, services, told), _REMEDY, _WITHIN_SECONDS)


async def _examine(dsn: str, services: Sequence[Service], told: CommonSettings) -> list[Finding]:
    try:
        server, ahead = await postgres.read_server(dsn)
    except DatabaseUnavailable as error:
        raise Unreachable(str(error)) from error
    judged = [*judge_server(server, told.pool_size), *judge_clocks("Postgres clock", {"Postgres": ahead})]
    schemas = Check("schemas", partial(_schemas, dsn, services, told.inbox_retention_days), _SCHEMAS)
    return [fine("Postgres", "answers"), *judged, *await run_checks([schemas])]


async def _schemas(dsn: str, services: Sequence[Service], inbox_days: int) -> list[Finding]:
    read = await asyncio.gather(*(postgres.read_schema(dsn, service, inbox_days) for service in services))
    migrated = [contents for contents in read if not contents.schema.unmigrated]
    now = datetime.now(UTC)
    waiting = [contents.waiting for contents in migrated if contents.waiting]
    ages = {c.schema.service: c.directory_seconds for c in migrated if c.has_directory}
    parked = [event for contents in migrated for event in contents.parked or ()]
    return [
        *judge_schemas([contents.schema for contents in read], inbox_days),
        *judge_dead_letters({contents.schema.service: contents.dead_letters for contents in migrated}),
        *judge_waiting(waiting, now),
        *judge_parked(parked, now),
        *judge_projections(ages),
    ]
