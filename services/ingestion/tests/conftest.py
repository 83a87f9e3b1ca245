"""The service under test: real doors over a real Postgres. Tokens are names of roles and, where it matters, of callers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from kinetic.common.auth import Principal, Role
from kinetic.common.batches import BatchLoop
from kinetic.common.database import Database
from kinetic.common.service import Service, build_app
from kinetic.contracts.ids import IntegrationId
from kinetic.ingestion.app import create_service
from kinetic.ingestion.intake_door import IntakeDoor
from kinetic.ingestion.reports import TYPES
from kinetic.ingestion.settings import Settings
from kinetic.ingestion.store.integrations import Intake, Integration, create
from services.ingestion.tests.maps import tell_map
from tests.support.databases import Templates


class RoleVerifier:
    """Takes ``role`` or ``role/caller`` as a token. What a token must look like is tested where tokens are verified."""

    async def verify(self, token: str) -> Principal:
        role, _, caller = token.partition("/")
        return Principal(caller or "somebody", "somebody@x.example", frozenset({Role(role)}))


@pytest.fixture
def settings() -> Settings:
    return Settings(secret_keys=SecretStr(Fernet.generate_key().decode()))


@pytest.fixture
def service(settings: Settings) -> Service:
    return create_service(settings)


@pytest.fixture
async def database(templates: Templates, service: Service) -> AsyncIterator[Database]:
    async with templates.fresh(service.name, service.branches) as fresh:
        yield fresh


@pytest.fixture
async def admin(service: Service, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """An administrator's client. The writers behind the doors run; timers are fired, and feeds read, by the tests."""
    async with open_doors(service, database) as client:
        yield client


@asynccontextmanager
async def open_doors(service: Service, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """The same for tests that open the doors themselves."""
    app = build_app(service)
    app.state.database, app.state.verifier = database, RoleVerifier()
    loops = [loop for loop in service.loops if loop.name != "feeds"]
    writers = [asyncio.create_task(loop.run(database, lambda: None)) for loop in loops]
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://door", headers=bearer(Role.ADMIN)) as client:
        yield client
    for writer in writers:
        writer.cancel()
    await asyncio.gather(*writers, return_exceptions=True)


@pytest.fixture
async def sender(admin: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """A service's client of the same doors."""
    transport = admin._transport
    async with httpx.AsyncClient(transport=transport, base_url="http://door", headers=bearer(Role.SERVICE)) as client:
        yield client


def bearer(role: Role) -> dict[str, str]:
    return {"authorization": f"Bearer {role}"}


class Ledger:
    """What the service has told and signed for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def told(self) -> list[dict[str, Any]]:
        """The outbox in its order: topic, key, headers and data."""
        async with self._database.transaction() as tx:
            return [dict(row) for row in await tx.fetch("SELECT topic, key, headers, value FROM outbox ORDER BY id")]

    async def told_ids(self, topic: str) -> list[str]:
        """The ids of the events of one topic, in order."""
        return [row["headers"]["ce_id"] for row in await self.told() if row["topic"] == topic]

    async def count(self, table: str) -> int:
        async with self._database.transaction() as tx:
            rows: int = await tx.fetch_value(f"SELECT count(*) FROM {table}")
            return rows

    async def run(self, statement: str, *arguments: Any) -> None:
        async with self._database.transaction() as tx:
            await tx.execute(statement, *arguments)


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


DIRECTORY: dict[str, list[dict[str, Any]]] = {
    "teams": [{"slug": slug, "name": slug, "unit": "unit"} for slug in ("payments", "checkout")],
    "people": [
        {
            "email": "dana@x.example",
            "name": "Dana",
            "role": "engineer",
            "team": "payments",
            "time_zone": "Europe/Berlin",
            "external_ids": {"lms": "L-1"},
        }
    ],
}
ITEM = {
    "external_ids": {"lms": "C-1"},
    "title": "Testing",
    "url": "https://learn.example/1",
    "effort_minutes": 20,
    "language": "en",
}


@pytest.fixture
async def company(admin: httpx.AsyncClient, database: Database) -> dict[str, str]:
    """A small directory, catalogue and capability map; slug, address or content → our id."""
    await tell_map(database, "lead-time", "poison")
    assert (await admin.put("/directory", json=DIRECTORY)).status_code == 200
    assert (await admin.put("/catalogue", json={"content": [ITEM]})).status_code == 200
    view, content = (await admin.get("/directory")).json(), (await admin.get("/catalogue")).json()
    teams = {team["slug"]: team["team_id"] for team in view["teams"]}
    people = {person["email"]: person["person_id"] for person in view["people"]}
    return {**teams, **people, "C-1": content["content"][0]["content_id"]}


@pytest.fixture
async def integration(database: Database) -> dict[str, Any]:
    kept = Integration(IntegrationId(str(uuid4())), "kafka", "tool", (), (), datetime.now(UTC), None, types=TYPES)
    async with database.transaction() as tx:
        assert await create(tx, kept)
    return {"integration_id": kept.integration_id}


@pytest.fixture
def door(service: Service, integration: dict[str, Any]) -> IntakeDoor:
    intake = Intake(integration["integration_id"], "tool", TYPES)
    opened = IntakeDoor(intake, service.state["committer"], service.state["journal"])
    service.state["doors"][opened.topic] = opened
    return opened


@pytest.fixture
def loop(door: IntakeDoor, database: Database) -> BatchLoop[IntakeDoor]:
    return BatchLoop(door, database)
