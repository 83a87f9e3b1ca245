"""Tables, migrations and retention."""

from __future__ import annotations

from hashlib import sha1
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from cryptography.fernet import Fernet
from pydantic import ValidationError

from kinetic.common.database import Database
from kinetic.common.migrate import run_alembic
from kinetic.common.problems import Problem
from kinetic.common.service import Service
from kinetic.ingestion.handlers import sweep_receipts
from kinetic.ingestion.settings import Settings
from kinetic.ingestion.vault import Vault


async def test_migrations_and_tables_agree(service: Service, database: Database) -> None:
    await run_alembic(database.dsn, service.name, service.branches, command.check)


async def test_receipts_are_forgotten_after_their_time(ledger: Any, database: Database) -> None:
    await ledger.run(
        """INSERT INTO receipt (digest, event_ids, received_at)
           SELECT gen_random_uuid(), '{}', clock_timestamp() - make_interval(days => days) FROM generate_series(1, 20) AS days"""
    )

    async with database.transaction() as tx:
        assert await sweep_receipts(14, tx) == 7
    assert await ledger.count("receipt") == 13


def test_secret_is_opened_with_any_key_and_sealed_with_the_first() -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    sealed = Vault([old]).seal("secret")

    assert Vault([new, old]).open(sealed) == "secret"
    assert Vault([new]).open(Vault([new, old]).seal("secret")) == "secret"


@pytest.mark.parametrize("keys", [[], [Fernet.generate_key().decode()]])
def test_without_the_right_key_the_doors_answer_503(keys: list[str]) -> None:
    sealed = Vault([Fernet.generate_key().decode()]).seal("secret")

    with pytest.raises(Problem) as raised:
        Vault(keys).open(sealed)

    assert raised.value.status_code == 503


def test_keys_that_are_none_are_refused_at_the_start() -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({"secret_keys": "not a key"})


async def test_people_who_were_known_before_are_found_by_the_digest_of_their_address(
    service: Service, database: Database, ledger: Any, company: Any
) -> None:
    def go_back_and_forth(config: Config) -> None:
        command.downgrade(config, "ingestion@ingestion_0002")
        command.upgrade(config, "heads")

    await run_alembic(database.dsn, service.name, service.branches, go_back_and_forth)

    digest = sha1(b"mailto:dana@x.example", usedforsecurity=False).hexdigest()
    async with database.transaction() as tx:
        found = await tx.fetch_value(
            "SELECT person_id FROM person_handle WHERE system = 'email:sha1' AND id = $1", digest
        )
    assert found == company["dana@x.example"]
