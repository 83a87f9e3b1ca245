"""What an installation is asked, one thing after another, and what it must have answered and kept after each."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
from cryptography.fernet import Fernet
from pydantic import SecretStr

from kinetic.common.auth import Role
from kinetic.contracts import topics
from kinetic.ingestion.app import create_service
from kinetic.ingestion.settings import Settings
from services.ingestion.tests.conftest import Ledger, bearer, open_doors
from services.ingestion.tests.maps import tell_map
from services.ingestion.tests.test_parking import release
from services.ingestion.tests.test_webhook_door import BUG, deliver
from tests.support.databases import Templates

T = TypeVar("T")
_TOLD = (topics.SIGNALS, topics.MEASUREMENTS, topics.LEARNING)


@dataclass(eq=False)
class Opened:
    """An integration as its administrator knows it."""

    integration_id: str
    path: str
    secret: str
    former: str | None = None
    is_former_valid: bool = False
    is_paused: bool = False
    is_deleted: bool = False
    sent: dict[int, list[str]] = field(default_factory=dict)

    def believes(self, secret: str) -> bool:
        """Whether a webhook with that secret is believed."""
        return secret == self.secret or (secret == self.former and self.is_former_valid)


class Installation:
    """A running service over a database of its own. Every answer is asserted to be no error of ours."""

    def __init__(self, templates: Templates) -> None:
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self.service = create_service(Settings(secret_keys=SecretStr(Fernet.generate_key().decode())))
        self.client = self.run(self._open(templates))

    async def _open(self, templates: Templates) -> httpx.AsyncClient:
        self.database = await self._stack.enter_async_context(templates.fresh(self.service.name, self.service.branches))
        self.ledger = Ledger(self.database)
        return await self._stack.enter_async_context(open_doors(self.service, self.database))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for something."""
        return self._runner.run(work)

    def close(self) -> None:
        """Stop the service and drop its database."""
        self.run(self._stack.aclose())
        self._runner.close()

    def ask(self, method: str, path: str, *, by: Role = Role.ADMIN, **request: Any) -> httpx.Response:
        """The answer, which is never a 5xx."""
        headers = {**bearer(by), **request.pop("headers", {})}
        answer = self.run(self.client.request(method, path, headers=headers, **request))
        assert answer.status_code < 500, answer.text
        return answer

    def ok(self, method: str, path: str, **request: Any) -> Any:
        """The content of an answer that says yes."""
        answer = self.ask(method, path, **request)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def deliver(self, opened: Opened, secret: str, number: int) -> httpx.Response:
        """The answer to the webhook of that number."""
        integration = {"path": opened.path, "secret": opened.secret}
        answer = self.run(deliver(self.client, integration, BUG + b" " * number, secret=secret))
        assert answer.status_code < 500, answer.text
        return answer

    def report(self, kind: str, number: int, data: Mapping[str, Any]) -> Any:
        """What became of the event of that number."""
        event = {"specversion": "1.0", "id": str(number), "source": f"/{kind}", "type": f"kinetic.{kind}.report.v1"}
        headers = {"content-type": "application/cloudevents+json"}
        body = json.dumps({**event, "data": data})
        return self.ok("POST", "/events", by=Role.SERVICE, content=body, headers=headers)

    def let_former_secrets_expire(self) -> None:
        """Their hours have passed, and this replica has read the integrations again."""
        self.run(self.ledger.run("UPDATE integration SET former_until = clock_timestamp()"))
        for kept in list(self.service.state["senders"]._kept):
            self.service.state["senders"].forget(kept)

    def publish_map(self, version: int, *kpis: str) -> None:
        """Let a capability map arrive."""
        self.run(tell_map(self.database, *kpis, version=version))

    def release(self) -> None:
        """Fire the timer of what waits."""
        self.run(release(self.database))

    def told(self) -> list[str]:
        """The ids of what was told, in order."""
        return [row["headers"]["ce_id"] for row in self.run(self.ledger.told()) if row["topic"] in _TOLD]

    def parked(self) -> list[str]:
        """The ids of what waits."""
        return [entry["event_id"] for entry in self.ok("GET", "/parked", params={"limit": 500})]
