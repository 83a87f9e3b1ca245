"""Alertmanager of Prometheus, and what sends the same (Mimir, Cortex, VictoriaMetrics, Thanos): alerts that fire.

Alertmanager signs nothing. The webhook carries the integration's secret as a bearer token or as a basic password. `group_by`
holds the labels that rules ask for::

    route: {receiver: kinetic, group_by: [team, service, alertname]}
    receivers:
      - name: kinetic
        webhook_configs:
          - url: https://…/webhooks/<integration>
            send_resolved: false
            http_config: {authorization: {credentials: <secret>}}

What alerts mean, and how bad they are, stands in `alert_groups.py`. A group that is sent again unchanged is the same delivery.
"""

from __future__ import annotations

from typing import Any

from kinetic.ingestion.connectors.alert_groups import read_group
from kinetic.ingestion.connectors.protocol import Connector, Headers, Reading
from kinetic.ingestion.connectors.signatures import Token


def read(headers: Headers, payload: Any) -> Reading:
    """What a webhook of Alertmanager means. The payload alone says everything."""
    del headers
    return read_group(payload, "what Prometheus watches")


CONNECTOR = Connector("alertmanager", Token(), read)
