"""Who sends webhooks: integrations with their secrets in plain, kept for some seconds."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kinetic.common.database import Database
from kinetic.ingestion.connectors import connector_for
from kinetic.ingestion.connectors.protocol import Connector, Mapped, Observation
from kinetic.ingestion.domain.attribution import Rule, place_of
from kinetic.ingestion.domain.intake import Origin
from kinetic.ingestion.domain.occurrences import Signal
from kinetic.ingestion.store import integrations
from kinetic.ingestion.vault import Vault

KEEP_SECONDS = 5.0
_MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Sender:
    """What the door needs to know of an integration."""

    integration_id: str
    connector: Connector
    name: str
    is_paused: bool
    rules: tuple[Rule, ...]
    secrets: tuple[str, ...]

    def origin(self, traceparent: str | None) -> Origin:
        """Who sent what comes from this integration, in the trace of the request."""
        return Origin(f"integration/{self.integration_id}", traceparent)

    def signals(self, mapped: Mapped, now: datetime) -> tuple[Signal, ...]:
        """All that was observed in a webhook that came `now`."""
        return tuple(self.signal(observed, now) for observed in mapped.observations)

    def signal(self, observed: Observation, now: datetime) -> Signal:
        """The observation as a signal of the tool. Without a time, or with one yet to come, it happened `now`."""
        return Signal(
            place=place_of(observed.attribution, self.rules, self.integration_id),
            source=self.connector.tool,
            kind=observed.kind,
            severity=observed.severity,
            summary=observed.summary,
            url=observed.url,
            occurred_at=min(observed.occurred_at or now, now),
            attributes=observed.attributes,
        )


class Senders:
    """The integrations, each read again when it is older than `KEEP_SECONDS`: so late are changes of other replicas."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._kept: dict[str, tuple[float, Sender]] = {}
        self._loading: dict[str, asyncio.Task[Sender | None]] = {}

    async def find(self, database: Database, integration_id: str) -> Sender | None:
        """The sender of that id; None when there is none."""
        kept = self._kept.get(integration_id)
        if kept is not None and time.monotonic() - kept[0] < KEEP_SECONDS:
            return kept[1]
        sender = await self._load_once(database, integration_id) if _is_uuid(integration_id) else None
        if sender is None:
            self._kept.pop(integration_id, None)
        elif len(self._kept) < _MOST_KEPT:
            self._kept[integration_id] = (time.monotonic(), sender)
        return sender

    def forget(self, integration_id: str) -> None:
        """Read this one again: it was changed here."""
        self._kept.pop(integration_id, None)

    async def _load_once(self, database: Database, integration_id: str) -> Sender | None:
        """Load it, or wait for whoever is loading it already: many requests find it too old at one moment."""
        loading = self._loading.get(integration_id)
        if loading is None:
            loading = self._loading[integration_id] = asyncio.create_task(self._load(database, integration_id))
            loading.add_done_callback(lambda _: self._loading.pop(integration_id, None))
        return await asyncio.shield(loading)

    async def _load(self, database: Database, integration_id: str) -> Sender | None:
        async with database.transaction() as tx:
            found = await integrations.find(tx, integration_id)
        if found is None:
            return None
        connector = connector_for(found.tool, found.mapping)
        if connector is None:
            return None
        secrets = tuple(self._vault.open(sealed) for sealed in found.secrets)
        return Sender(found.integration_id, connector, found.name, found.paused, found.rules, secrets)


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
