"""Azure DevOps: builds and deployments that fail, defects, findings, work that comes back, is blocked or late.

Azure DevOps signs nothing. A subscription under *Project settings, Service hooks, Web Hooks* carries the secret: as *Basic
authentication password* with any user name, or under *HTTP headers* as ``X-Kinetic-Token:<secret>``.

| event | signal | severity |
|---|---|---|
| build completed; pipeline run, stage or job state changed: failed | `delivery.failed` | 0.5, partially succeeded 0.3, +0.2 on main, master or trunk, +0.1 after a retry, a stage of production 0.9 |
| release deployment completed: rejected or failed | `delivery.failed` | production 0.9, else 0.5, partially succeeded 0.3 |
| work item created as, or changed to a Bug, Defect, Problem, Incident or Vulnerability; reopened | by type, else `quality.defect` | by severity, else by priority |
| its severity or priority raised | the same | by the new one |
| an Impediment is created, an item is blocked | `delivery.delayed` | by priority; 0.3 |
| due, target or finish date moves back, or the item is done after it, not as a duplicate or given up | `delivery.delayed` | by days |
| pull request merged after a week or more | `delivery.delayed` | by days |
| Advanced Security alert created, or active again | `security.finding` | critical 1.0, high and error 0.75, medium and warning 0.5, low and note 0.25 |

Severity ``1 - Critical`` 1.0, ``2 - High`` 0.75, ``3 - Medium`` 0.5, ``4 - Low`` 0.25, by the number. Priority 1 1.0, 2 0.5
(new items have it), 3 0.25, 4 0.1. Azure DevOps does not tell what the default branch is called. An *Issue* counts by its tags,
because projects after the basic process know no Bug.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kinetic.ingestion.connectors.azuredevops.alerts import read_alert_created, read_alert_state
from kinetic.ingestion.connectors.azuredevops.pipelines import (
    read_build,
    read_deployment,
    read_job,
    read_run,
    read_stage,
)
from kinetic.ingestion.connectors.azuredevops.work import read_created, read_pull_request, read_updated
from kinetic.ingestion.connectors.payloads import word
from kinetic.ingestion.connectors.protocol import Connector, Headers, Ignored, Reading
from kinetic.ingestion.connectors.signatures import Token

_READERS: Mapping[str, Callable[[Any], Reading]] = {
    "alert-created-event": read_alert_created,
    "alert-state-changed-event": read_alert_state,
    "build.complete": read_build,
    "deployment-completed-event": read_deployment,
    "git.pullrequest.merged": read_pull_request,
    "job-state-changed-event": read_job,
    "run-state-changed-event": read_run,
    "stage-state-changed-event": read_stage,
    "workitem.created": read_created,
    "workitem.updated": read_updated,
}


def read(headers: Headers, payload: Any) -> Reading:
    """What a service hook means. The payload alone says everything."""
    del headers
    event = word(payload, "eventType")
    # events of extensions have long names, of which the documentation and the product know two: the end tells them apart
    reader = _READERS.get(event.rpartition(".")[2] if event.startswith("ms.") else event)
    return reader(payload) if reader else Ignored(f"{event or 'a payload without eventType'} is no sign of trouble")


CONNECTOR = Connector("azuredevops", Token(), read)
