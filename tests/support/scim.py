"""An identity provider at the doors of SCIM, and what the directory's topic then says."""

from __future__ import annotations

import json
from typing import Any

import httpx

from kinetic.contracts import topics

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
JSON = {"content-type": "application/scim+json; charset=utf-8"}


class Provider:
    """Speaks SCIM as an identity provider does. Every answer must have the status that is expected."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def ask(self, method: str, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        """The body of the answer; None when it has none."""
        content = None if body is None else json.dumps(body).encode()
        answer = await self._client.request(method, f"/scim/v2/{path}", content=content, headers={**JSON, **headers})
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/scim+json"
        return answer.json() if answer.content else None

    async def create(self, user_name: str, status: int = 201, **attributes: Any) -> Any:
        """The new user."""
        user = {"schemas": [CORE, ENTERPRISE], "userName": user_name, "active": True, **attributes}
        return await self.ask("POST", "Users", user, status)

    async def group(self, name: str, *members: str, status: int = 201, **attributes: Any) -> Any:
        """The new group of these users."""
        entries = [{"value": member} for member in members]
        return await self.ask("POST", "Groups", {"displayName": name, "members": entries, **attributes}, status)

    async def patch(self, path: str, *operations: dict[str, Any], status: int = 204) -> Any:
        """Change a user or group."""
        return await self.ask("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)}, status)

    async def user(self, user_id: str) -> Any:
        """The user as they are shown."""
        return await self.ask("GET", f"Users/{user_id}")

    async def members(self, group_id: str) -> set[str]:
        """The ids of the users in a group."""
        group = await self.ask("GET", f"Groups/{group_id}")
        return {member["value"] for member in group.get("members", ())}


async def told_of(ledger: Any, subject_id: str) -> list[dict[str, Any]]:
    """What the directory's topic was told of a person or team, in order."""
    rows = [row for row in await ledger.told() if row["topic"] == topics.DIRECTORY]
    events = [json.loads(row["value"]) for row in rows]
    return [event for event in events if subject_id in (event.get("person_id"), event.get("team_id"))]


async def newest(ledger: Any, subject_id: str) -> dict[str, Any]:
    """The newest state that was told of a person or team."""
    return (await told_of(ledger, subject_id))[-1]
