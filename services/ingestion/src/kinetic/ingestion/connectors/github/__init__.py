"""GitHub: builds and deployments that fail, defects, findings, work that comes late.

Signature: `X-Hub-Signature-256`, an HMAC-SHA256 of the raw body.

| event | signal | severity |
|---|---|---|
| `workflow_run`, `workflow_job`, `check_run`, `status`, `page_build` ends badly | `delivery.failed` | 0.5, timed out 0.6, +0.2 on the default branch |
| `deployment_status` failure or error | `delivery.failed` | production 0.9, else 0.5 |
| `issues` opened, labelled, typed or reopened as a bug, incident or security matter | `quality.defect`, `service.incident`, `security.finding` | by labels |
| `pull_request` merged after a week or more | `delivery.delayed` | by days |
| `milestone` closed after its date | `delivery.delayed` | by days |
| alerts of Dependabot, code scanning, secret scanning | `security.finding` | by the alert |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kinetic.ingestion.connectors.github.alerts import (
    read_code_scanning,
    read_dependabot,
    read_secret_scanning,
    read_vulnerability,
)
from kinetic.ingestion.connectors.github.builds import (
    read_check_run,
    read_deployment_status,
    read_page_build,
    read_status,
    read_workflow_job,
    read_workflow_run,
)
from kinetic.ingestion.connectors.github.work import read_issue, read_milestone, read_pull_request
from kinetic.ingestion.connectors.protocol import Connector, Headers, Ignored, Reading
from kinetic.ingestion.connectors.signatures import Hmac, hexadecimal

_READERS: Mapping[str, Callable[[Any], Reading]] = {
    "check_run": read_check_run,
    "code_scanning_alert": read_code_scanning,
    "dependabot_alert": read_dependabot,
    "deployment_status": read_deployment_status,
    "issues": read_issue,
    "milestone": read_milestone,
    "page_build": read_page_build,
    "pull_request": read_pull_request,
    "repository_vulnerability_alert": read_vulnerability,
    "secret_scanning_alert": read_secret_scanning,
    "status": read_status,
    "workflow_job": read_workflow_job,
    "workflow_run": read_workflow_run,
}


def read(headers: Headers, payload: Any) -> Reading:
    """What a webhook of GitHub, or of GitHub Enterprise, means."""
    event = headers.get("x-github-event")
    if event is None:
        return Ignored("the header X-GitHub-Event is missing")
    reader = _READERS.get(event)
    return reader(payload) if reader else Ignored("this event says nothing about a team's work")


CONNECTOR = Connector("github", Hmac("x-hub-signature-256", hexadecimal("sha256=")), read)
