"""Brings the example company into a running Kinetic, through the doors that any customer would use."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx
import yaml

from examples.company.player import COMPANY, Door, Played, load_play, play
from examples.company.reports import CloudEvent, learning_reports, measurement_reports, report
from examples.issuer import client_secret_file
from kinetic.cli.addresses import Addresses
from kinetic.cli.apply import Document, apply
from kinetic.cli.doors import ask, read_answer, unreachable
from kinetic.cli.errors import Refused
from kinetic.cli.tokens import mint
from kinetic.cli.watching import has_taken_in
from kinetic.contracts import topics

ADMIN: Final = "amara@northwind.example"
DANA: Final = "dana@northwind.example"
SOFIA: Final = "sofia@northwind.example"
"""Another manager: nothing of Dana's is hers."""

TEAM: Final = "checkout"
SKILLED_TEAM: Final = "payments"

_POLL_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Company:
    """The example company at a running Kinetic. `folder` keeps the secrets of its webhooks."""

    addresses: Addresses
    folder: Path

    def load(self) -> None:
        """Put directory, catalogue, capability map and attention policy in force. Safe to repeat."""
        token = mint(self.addresses, ADMIN)
        apply(self.addresses, token, Document.DIRECTORY, COMPANY / "directory.yaml")
        apply(self.addresses, token, Document.CATALOGUE, COMPANY / "catalogue.yaml")
        apply(self.addresses, token, Document.MAP, COMPANY / "capabilities.yaml")
        policy = yaml.safe_load((COMPANY / "policy.yaml").read_text())
        ask("PUT", f"{self.addresses.services['recommendation']}/policy", token, json=policy)

    def open_doors(self) -> dict[str, Door]:
        """The webhook of each tool, by the integration's name, with the secret that its sender signs with."""
        token = mint(self.addresses, ADMIN)
        kept = self._kept_doors()
        for wanted in yaml.safe_load((COMPANY / "integrations.yaml").read_text())["integrations"]:
            if wanted["name"] not in kept:
                kept[wanted["name"]] = self._open_door(token, wanted)
        self._doors_file.touch(mode=0o600)
        self._doors_file.write_text(json.dumps({n: [d.integration_id, d.secret] for n, d in kept.items()}))
        return kept

    async def tell_history(self) -> int:
        """Send the learning history, and return when skill-gap has taken it in; the number of records."""
        history = learning_reports(datetime.now(UTC))
        await self._report("example-lms", history)
        await self._until_taken_in(topics.LEARNING, len(history))
        return len(history)

    async def tell_measurements(self) -> int:
        """Send half a year of weekly KPIs, and return when skill-gap has taken them in; how many there were."""
        measurements = measurement_reports(datetime.now(UTC))
        await self._report("example-metrics", measurements)
        await self._until_taken_in(topics.MEASUREMENTS, len(measurements))
        return len(measurements)

    async def play_week(self, doors: dict[str, Door], run: str) -> AsyncIterator[Played]:
        """Send the vendors' payloads as GitHub and Jira would. Under the same `run` nothing counts twice.

        Raises Refused when a delivery is not accepted.
        """
        async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
            async for played in play(load_play(), doors, self.addresses.services["ingestion"], http, run=run):
                if not 200 <= played.status < 300:
                    raise Refused(f"ingestion answered {played.status} to {played.step.file}: {played.answer}")
                yield played

    @property
    def _doors_file(self) -> Path:
        return self.folder / "webhooks.json"

    def _kept_doors(self) -> dict[str, Door]:
        try:
            return {name: Door(*door) for name, door in json.loads(self._doors_file.read_text()).items()}
        except FileNotFoundError:
            return {}

    def _open_door(self, token: str, wanted: dict[str, Any]) -> Door:
        """Create an integration, or give one whose secret was lost a new secret."""
        url = f"{self.addresses.services['ingestion']}/integrations"
        known = {entry["name"]: entry["integration_id"] for entry in ask("GET", url, token)}
        if (integration_id := known.get(wanted["name"])) is not None:
            return Door(integration_id, ask("POST", f"{url}/{integration_id}/rotate", token)["secret"])
        created = ask("POST", url, token, json=wanted)
        return Door(created["integration_id"], created["secret"])

    async def _report(self, client: str, events: Sequence[CloudEvent]) -> None:
        token = await asyncio.to_thread(client_token, self.addresses, client)
        url = self.addresses.services["ingestion"]
        async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
            try:
                answer = await report(http, url, token, events)
            except httpx.TransportError as error:
                raise unreachable(url, error) from error
        if answer.status_code != httpx.codes.ACCEPTED:
            raise Refused(f"ingestion answered {answer.status_code} to a report of {client}: {answer.text[:300]}")

    async def _until_taken_in(self, topic: str, records: int) -> None:
        """Topics are not ordered against each other: a signal must not overtake what it is judged by."""
        is_taken_in = False
        while not is_taken_in:
            await asyncio.sleep(_POLL_SECONDS)
            is_taken_in = await self._is_taken_in(topic, records)

    async def _is_taken_in(self, topic: str, records: int) -> bool:
        if not await has_taken_in(self.addresses.kafka, "kinetic-skill-gap", topic, records):
            return False
        waiting = f"{self.addresses.services['skill-gap']}/waiting"
        return not await asyncio.to_thread(ask, "GET", waiting, mint(self.addresses, ADMIN))


def client_token(addresses: Addresses, client: str) -> str:
    """A token of one of the example's programs, by its client secret (OAuth 2.0 client credentials)."""
    url = f"{addresses.issuer}/token"
    secret = client_secret_file(Path(addresses.key_folder or ""), client).read_text()
    try:
        answer = httpx.post(url, data={"grant_type": "client_credentials"}, auth=(client, secret), trust_env=False)
    except httpx.TransportError as error:
        raise unreachable(url, error) from error
    return str(read_answer(answer)["access_token"])
