"""Every door for bodies: how one knocks, and a body that is taken. In it `HERE` stands for a text and `7777` for a number."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from services.ingestion.tests.test_cloud_events import SIGNAL, event
from services.ingestion.tests.test_measurements_door import row
from services.ingestion.tests.test_webhook_door import BUG, integrate
from services.ingestion.tests.xapi_statements import connect, statement
from tests.support.scim import CORE

JSON, YAML, CSV = "application/json", "application/yaml", "text/csv"
SCIM = "application/scim+json"
NUMBER = 7777

_ISSUE = json.loads(BUG)
_PERSON = {"email": "eve@x.example", "name": "HERE", "role": "engineer", "time_zone": "UTC"}
_TEAM = {"slug": "new", "name": "HERE", "unit": "unit"}
_ITEM = {"external_ids": {"lms": "C-2"}, "title": "HERE", "url": "https://x.example", "language": "en"}
_SIGNAL = {**SIGNAL, "severity": NUMBER, "summary": "HERE"}
_ACCOUNT = {"account": {"homePage": "https://x.example", "name": "HERE"}}
_INTEGRATION = {"tool": "github", "name": "HERE", "rules": [{"match": {"repository": "x"}, "team": "new"}]}

BODIES: dict[str, Any] = {
    "webhook": {**_ISSUE, "issue": {**_ISSUE["issue"], "title": "HERE", "comments": NUMBER}},
    "event": event(_SIGNAL, "signal"),
    "binary event": _SIGNAL,
    "measurements": [row(team="HERE", value=NUMBER)],
    "statement": statement(actor=_ACCOUNT, result={"score": {"raw": NUMBER}}),
    "directory": {"teams": [_TEAM], "people": [{**_PERSON, "external_ids": {}}]},
    "catalogue": {"content": [{**_ITEM, "effort_minutes": NUMBER}]},
    "user": {"schemas": [CORE], "userName": "eve@x.example", "displayName": "HERE", "x": NUMBER},
    "integration": _INTEGRATION,
}
"""Doors for JSON, by name."""

TABLES = {
    "measurement table": "kpi,team,value,n,period_start,period_end\nlead-time,HERE,7777,1,2026-01-01T00:00:00Z,2026-01-02T00:00:00Z\n",
    "catalogue table": "id,title,url,effort_minutes,language\nC-2,HERE,https://x.example,7777,en\n",
    "people table": "email,name,role,team,time_zone\neve@x.example,HERE,engineer,payments,UTC\n",
}
"""Doors for CSV, by name."""

DOCUMENTS = {"directory document": "directory", "catalogue document": "catalogue"}
"""Doors for YAML, by name, and whose body they take too: JSON is YAML."""

DOORS = (*BODIES, *DOCUMENTS, *TABLES)


def good(name: str) -> bytes:
    """A body that the door takes, but for its placeholders."""
    if name in TABLES:
        return TABLES[name].encode()
    return json.dumps(BODIES[DOCUMENTS.get(name, name)]).encode()


@dataclass
class Visitor:
    """Somebody who may knock at every door."""

    admin: httpx.AsyncClient
    sender: httpx.AsyncClient
    integration: dict[str, Any] = field(default_factory=dict)
    lms: dict[str, str] = field(default_factory=dict)

    async def arrive(self) -> None:
        """Set up what signs webhooks and sends statements."""
        self.integration = await integrate(self.admin)
        self.lms = (await connect(self.admin)).headers

    async def knock(self, name: str, body: Any, **headers: str) -> httpx.Response:
        """Send a body to a door. A body in pieces has no length that is told beforehand."""
        method, path, sent = self._way(name)
        if name == "webhook" and isinstance(body, bytes):
            key = self.integration["secret"].encode()
            sent["x-hub-signature-256"] = f"sha256={hmac.new(key, body, hashlib.sha256).hexdigest()}"
        client = self.sender if name in ("event", "binary event", "user") else self.admin
        return await client.request(method, path, content=body, headers={**sent, **headers})

    def _way(self, name: str) -> tuple[str, str, dict[str, str]]:
        binary = {f"ce-{key}": str(value) for key, value in event(SIGNAL, "signal").items() if key != "data"}
        ways: dict[str, tuple[str, str, dict[str, str]]] = {
            "webhook": ("POST", self.integration.get("path", ""), {"x-github-event": "issues", "authorization": ""}),
            "event": ("POST", "/events", {"content-type": "application/cloudevents+json"}),
            "binary event": ("POST", "/events", binary),
            "measurements": ("POST", "/measurements", {}),
            "statement": ("POST", "/xapi/statements", dict(self.lms)),
            "directory": ("PUT", "/directory", {}),
            "catalogue": ("PUT", "/catalogue", {}),
            "user": ("POST", "/scim/v2/Users", {"content-type": SCIM}),
            "integration": ("POST", "/integrations", {}),
            "directory document": ("PUT", "/directory", {"content-type": YAML}),
            "catalogue document": ("PUT", "/catalogue", {"content-type": YAML}),
            "measurement table": ("POST", "/measurements", {"content-type": CSV}),
            "catalogue table": ("POST", "/catalogue/import?system=lms", {"content-type": CSV}),
            "people table": ("POST", "/directory/import", {"content-type": CSV}),
        }
        method, path, headers = ways[name]
        return method, path, {"content-type": JSON, **headers}
