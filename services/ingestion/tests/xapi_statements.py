"""Statements for the tests of the xAPI door."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any
from uuid import uuid4

import httpx

from kinetic.ingestion.xapi.meaning import ADL

DANA = "mailto:dana@x.example"
COURSE = "https://lms.example/courses/1"


def statement(verb: str = "completed", **fields: Any) -> dict[str, Any]:
    """A statement of Dana about the course. A field that is None is left out."""
    whole = {
        "id": str(uuid4()),
        "actor": {"mbox": DANA},
        "verb": {"id": verb if ":" in verb else f"{ADL}/{verb}"},
        "object": {"id": COURSE},
        "timestamp": "2026-05-04T09:30:00+02:00",
        **fields,
    }
    return {name: value for name, value in whole.items() if value is not None}


def voiding(statement_id: str, **fields: Any) -> dict[str, Any]:
    """The statement that takes another back."""
    return statement("voided", object={"objectType": "StatementRef", "id": statement_id}, **fields)


def basic(integration: dict[str, Any]) -> str:
    """The credentials of an integration."""
    return "Basic " + b64encode(f"{integration['integration_id']}:{integration['secret']}".encode()).decode()


class Lms:
    """A learning platform that pushes statements."""

    def __init__(self, door: httpx.AsyncClient, integration: dict[str, Any]) -> None:
        self._door = door
        self.integration = integration
        self.headers = {"authorization": basic(integration), "x-experience-api-version": "1.0.3"}

    async def post(self, *statements: Any, **headers: str) -> httpx.Response:
        """Send statements, one alone and several as an array."""
        content = json.dumps(statements[0] if len(statements) == 1 else statements).encode()
        sent = {"content-type": "application/json", **self.headers, **headers}
        return await self._door.post("/xapi/statements", content=content, headers=sent)

    async def put(self, statement_id: str, body: Any) -> httpx.Response:
        """Send one statement under an id."""
        return await self._door.put(
            "/xapi/statements", params={"statementId": statement_id}, json=body, headers=self.headers
        )


async def connect(door: httpx.AsyncClient, name: str = "lms") -> Lms:
    """A new integration."""
    created = await door.post("/integrations", json={"tool": "xapi", "name": name})
    assert created.status_code == 201, created.text
    return Lms(door, created.json())


async def add_course(door: httpx.AsyncClient, name: str = "lms") -> str:
    """Let the catalogue know the course; our id of it."""
    item = {
        "external_ids": {name: COURSE},
        "title": "Course",
        "url": COURSE,
        "effort_minutes": 60,
        "language": "en",
    }
    assert (await door.put("/catalogue", json={"content": [item]})).status_code == 200
    content = (await door.get("/catalogue")).json()["content"]
    found: str = next(entry["content_id"] for entry in content if entry["external_ids"].get(name) == COURSE)
    return found
