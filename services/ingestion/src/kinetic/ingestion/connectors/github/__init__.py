"""GitHub: builds and deployments that fail, defects, findings, work that comes late.

Signature: `X-Hub-Signature-256`, an HMAC-SHA256 of the raw body. Set up in *Settings, Webhooks* of a repository or an
organization, with the content type `application/json`.

| event | signal | severity |
|---|---|---|
| `workflow_run`, `workflow_job`, `check_suite`, `check_run`, `status`, `page_build` ends badly | `delivery.failed` | 0.5, timed out 0.6, +0.2 on the default branch, +0.1 after a retry |
| `deployment_status` failure or error | `delivery.failed` | production 0.9, else 0.5 |
| `pull_request` thrown out of the merge queue | `delivery.failed` | 0.5, timed out 0.6 |
| `release` unpublished | `delivery.failed` | 0.5 |
| `issues` opened, labelled, typed or reopened as a bug, incident, security matter or complaint | by its marks | by labels |
| `issues` of these labelled with a high priority | the same | by the label |
| `pull_request` merged after a week or more | `delivery.delayed` | by days |
| `milestone` put off, or closed after its date | `delivery.delayed` | by days |
| alerts of Dependabot and code scanning, `repository_advisory` | `security.finding` | critical 1.0, high and error 0.75, medium and warning 0.5, low and note 0.25, none 0.1 |
| alerts of secret scanning | `security.finding` | public or working 1.0, not known to work 0.9, not working 0.5 |
| `marketplace_purchase` cancelled | `sales.lost` | 0.5 |

A label is a priority when it holds one of the words of `severities.py`, such as ``priority: high`` or ``P1``; the worst counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kinetic.ingestion.connectors.github.alerts import (
    read_code_scanning,
    read_dependabot,
    read_repository_advisory,
    read_secret_scanning,
    read_vulnerability,
)
from kinetic.ingestion.connectors.github.builds import (
    read_check_run,
    read_check_suite,
    read_deployment_status,
    read_page_build,
    read_release,
    read_status,
    read_workflow_job,
    read_workflow_run,
)
from kinetic.ingestion.connectors.github.everyday import REASONS
from kinetic.ingestion.connectors.github.work import (
    read_issue,
    read_marketplace_purchase,
    read_milestone,
    read_pull_request,
)
from kinetic.ingestion.connectors.protocol import Connector, Headers, Ignored, Reading
from kinetic.ingestion.connectors.signatures import Hmac, hexadecimal

_READERS: Mapping[str, Callable[[Any], Reading]] = {
    "check_run": read_check_run,
    "check_suite": read_check_suite,
    "code_scanning_alert": read_code_scanning,
    "dependabot_alert": read_dependabot,
    "deployment_status": read_deployment_status,
    "issues": read_issue,
    "marketplace_purchase": read_marketplace_purchase,
    "milestone": read_milestone,
    "page_build": read_page_build,
    "pull_request": read_pull_request,
    "release": read_release,
    "repository_advisory": read_repository_advisory,
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
    return reader(payload) if reader else Ignored(REASONS.get(event, "this event says nothing about a team's work"))


CONNECTOR = Connector("github", Hmac("x-hub-signature-256", hexadecimal("sha256=")), read)
