"""GitLab: pipelines and deployments that fail, defects, incidents, findings, work that comes back or is late.

Signature: the *signing token* (GitLab 19) makes `webhook-id`, `webhook-timestamp` and `webhook-signature`, an HMAC-SHA256 in
base64 over ``id.timestamp.body`` as Standard Webhooks say; the token reads ``whsec_`` and the secret. The older *secret token*
comes as it is in `X-Gitlab-Token`. Both are set up in *Settings, Webhooks* of a project or a group, or in the Admin area.

| `object_kind` | signal | severity |
|---|---|---|
| `pipeline` or `build` (a job) failed; not a job that may fail | `delivery.failed` | 0.5, timed out 0.6, +0.2 on the default branch, +0.1 after a retry |
| `deployment` failed | `delivery.failed` | production 0.9, else 0.5 |
| `issue`, `work_item` opened as an incident, bug, security matter or complaint; gets such a type or label; reopened | by its marks | by `severity`, else by labels |
| `severity` of an incident raised | the same | by the new one |
| a ticket from outside reopened | `customer.dissatisfied` | by labels |
| due date of an issue put off, or passed when it is closed, not as a duplicate or moved | `delivery.delayed` | by days |
| `health_status` needs attention, at risk | `delivery.delayed` | 0.3, 0.5 |
| `merge_request` merged after a week or more | `delivery.delayed` | by days |
| `milestone` closed after its due date | `delivery.delayed` | by days |
| `vulnerability` detected or confirmed | `security.finding` | critical 1.0, high 0.75, medium and unknown 0.5, low 0.25, info 0.1 |

Labels: ``severity::1`` and ``priority::1`` 1.0, 2 0.75, 3 0.5, 4 0.25, and the words of `severities.py`; the worst counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kinetic.ingestion.connectors.gitlab.builds import read_deployment, read_job, read_pipeline
from kinetic.ingestion.connectors.gitlab.issues import read_issue
from kinetic.ingestion.connectors.gitlab.work import read_merge_request, read_milestone, read_vulnerability
from kinetic.ingestion.connectors.payloads import word
from kinetic.ingestion.connectors.protocol import Connector, Headers, Ignored, Reading
from kinetic.ingestion.connectors.signatures import Choice, Token
from kinetic.ingestion.connectors.standard_webhooks import STANDARD

_READERS: Mapping[str, Callable[[Any], Reading]] = {
    "build": read_job,
    "deployment": read_deployment,
    "issue": read_issue,
    "merge_request": read_merge_request,
    "milestone": read_milestone,
    "pipeline": read_pipeline,
    "vulnerability": read_vulnerability,
    "work_item": read_issue,
}
_EVERYDAY = {
    **dict.fromkeys(("push", "tag_push", "release", "feature_flag"), "code that comes and goes is everyday work"),
    **dict.fromkeys(("note", "emoji", "wiki_page"), "talk about work is no sign of trouble"),
}


def read(headers: Headers, payload: Any) -> Reading:
    """What a webhook of a project or a group, or a system hook means. The payload alone says everything."""
    del headers
    kind = word(payload, "object_kind") or word(payload, "event_name")
    reader = _READERS.get(kind)
    return reader(payload) if reader else Ignored(_EVERYDAY.get(kind, "this event says nothing about a team's work"))


CONNECTOR = Connector("gitlab", Choice("webhook-signature", signed=STANDARD, otherwise=Token("x-gitlab-token")), read)
