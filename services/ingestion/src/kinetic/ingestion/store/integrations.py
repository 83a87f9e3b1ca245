"""Integrations: tools that send webhooks or write to Kafka, their rules and their encrypted secrets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from kinetic.common.database import Transaction
from kinetic.contracts.ids import IntegrationId
from kinetic.ingestion.domain.attribution import Rule


@dataclass(frozen=True, slots=True)
class Integration:
    """A tool that sends webhooks, or may write events of some `types` to its topic.

    `secrets` are encrypted: the present one and, for a while, the former one.
    """

    integration_id: IntegrationId
    tool: str
    name: str
    rules: tuple[Rule, ...]
    secrets: tuple[bytes, ...]
    created_at: datetime
    former_until: datetime | None
    paused: bool = False
    mapping: Mapping[str, Any] | None = None
    types: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Intake:
    """An integration that writes to Kafka itself, and of which types its events may be."""

    integration_id: IntegrationId
    name: str
    types: tuple[str, ...]


_SELECT = """
    SELECT integration_id, tool, name, rules, secret, created_at, paused, mapping, types,
           CASE WHEN former_until > clock_timestamp() THEN former_secret END AS former_secret,
           CASE WHEN former_until > clock_timestamp() THEN former_until END AS former_until
    FROM integration
"""


async def create(tx: Transaction, integration: Integration) -> bool:
    """Keep a new integration; False when the name is taken."""
    created = await tx.execute(
        """INSERT INTO integration (integration_id, tool, name, rules, secret, created_at, mapping, types)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (name) DO NOTHING""",
        integration.integration_id,
        integration.tool,
        integration.name,
        _rules_as_json(integration.rules),
        next(iter(integration.secrets), None),
        integration.created_at,
        integration.mapping,
        integration.types,
    )
    return created == 1


async def find(tx: Transaction, integration_id: str) -> Integration | None:
    """One integration; None when there is none of that id."""
    row = await tx.fetch_one(f"{_SELECT} WHERE integration_id = $1", integration_id)
    return _integration(row) if row else None


async def everyone(tx: Transaction) -> list[Integration]:
    """All integrations by name."""
    return [_integration(row) for row in await tx.fetch(f"{_SELECT} ORDER BY name")]


async def intakes(tx: Transaction) -> list[Intake]:
    """The integrations whose topics are read: those that are not paused."""
    rows = await tx.fetch(
        "SELECT integration_id, name, types FROM integration WHERE types IS NOT NULL AND NOT paused ORDER BY name"
    )
    return [Intake(row["integration_id"], row["name"], tuple(row["types"])) for row in rows]


async def save_types(tx: Transaction, integration_id: str, types: Sequence[str]) -> bool:
    """Replace the types of an integration; False when it is none that writes to Kafka."""
    changed = await tx.execute(
        "UPDATE integration SET types = $2 WHERE integration_id = $1 AND types IS NOT NULL", integration_id, types
    )
    return changed == 1


async def load_rules(tx: Transaction, integration_ids: Sequence[str]) -> Mapping[str, tuple[Rule, ...]]:
    """The rules of each of `integration_ids`, as they are now."""
    if not integration_ids:
        return {}
    rows = await tx.fetch(
        "SELECT integration_id, rules FROM integration WHERE integration_id = ANY($1::uuid[])", list(integration_ids)
    )
    return {row["integration_id"]: _rules(row["rules"]) for row in rows}


async def save_rules(tx: Transaction, integration_id: str, rules: Sequence[Rule]) -> None:
    """Replace the rules of an integration."""
    await tx.execute(
        "UPDATE integration SET rules = $2 WHERE integration_id = $1", integration_id, _rules_as_json(rules)
    )


async def save_mapping(tx: Transaction, integration_id: str, mapping: Mapping[str, Any]) -> None:
    """Replace what the payloads of an integration mean."""
    await tx.execute("UPDATE integration SET mapping = $2 WHERE integration_id = $1", integration_id, mapping)


async def pause(tx: Transaction, integration_id: str, paused: bool) -> None:
    """Let an integration take nothing for a while, or take webhooks again."""
    await tx.execute("UPDATE integration SET paused = $2 WHERE integration_id = $1", integration_id, paused)


async def delete(tx: Transaction, integration_id: str) -> bool:
    """Forget an integration and what became of its deliveries; False when there is none of that id."""
    await tx.execute("DELETE FROM delivery WHERE integration_id = $1", integration_id)
    await tx.execute("DELETE FROM delivery_count WHERE integration_id = $1", integration_id)
    return await tx.execute("DELETE FROM integration WHERE integration_id = $1", integration_id) == 1


async def rotate(tx: Transaction, integration_id: str, secret: bytes, hours: int) -> datetime:
    """Give an integration, which exists, a new secret; until when the former one is valid too."""
    until: datetime = await tx.fetch_value(
        """UPDATE integration SET former_secret = secret, secret = $2,
               former_until = clock_timestamp() + make_interval(hours => $3)
           WHERE integration_id = $1 RETURNING former_until""",
        integration_id,
        secret,
        hours,
    )
    return until


def _integration(row: asyncpg.Record) -> Integration:
    secrets = tuple(secret for secret in (row["secret"], row["former_secret"]) if secret)
    return Integration(
        integration_id=row["integration_id"],
        tool=row["tool"],
        name=row["name"],
        rules=_rules(row["rules"]),
        secrets=secrets,
        created_at=row["created_at"],
        former_until=row["former_until"],
        paused=row["paused"],
        mapping=row["mapping"],
        types=None if row["types"] is None else tuple(row["types"]),
    )


def _rules(entries: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    return tuple(Rule(entry["match"], entry["team"]) for entry in entries)


def _rules_as_json(rules: Sequence[Rule]) -> list[dict[str, Any]]:
    return [{"match": dict(rule.match), "team": rule.team} for rule in rules]
