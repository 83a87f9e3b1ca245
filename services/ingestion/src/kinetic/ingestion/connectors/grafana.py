"""Grafana: alerts that fire, of unified alerting and of the legacy alerting up to version 10.

Signature: `X-Grafana-Alerting-Signature`, an HMAC-SHA256 of the raw body (Grafana 12 and newer), or of
`<timestamp>:<raw body>` when the contact point also names a timestamp header: it must be `X-Grafana-Alerting-Timestamp`. Both
are set in the contact point, type Webhook, under *HMAC Signature*. Older ones carry the integration's secret as *Authorization
Header Credentials* (a bearer token) or as *Basic Authentication Password*.

| what happened | signal | severity |
|---|---|---|
| a group of alerts fires | see `alert_groups.py` | see there |
| legacy: the rule's state is alerting or no_data | `service.incident`, `service.breached` | by the rule's tag `severity` |

The tests of a contact point and of a legacy notification channel are ignored. Facts are the labels (legacy: the rule's tags),
the folder of the rule, its name and the contact point. Notification policies should group by the labels that rules ask for. Legacy alerts do not say when.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.alert_groups import Alert, is_about_a_service_level, read_group, severity_of_labels
from kinetic.ingestion.connectors.labels import facts_of
from kinetic.ingestion.connectors.observing import observe
from kinetic.ingestion.connectors.payloads import link, part, text, unix_time, whole, word
from kinetic.ingestion.connectors.protocol import Connector, Headers, Ignored, Mapped, Reading, Webhook
from kinetic.ingestion.connectors.severities import Scale
from kinetic.ingestion.connectors.signatures import Choice, Hmac, Token, in_seconds, stamped

_WATCHER = "what Grafana watches"
_TIME = "x-grafana-alerting-timestamp"
_TEST = "Test notification"
_NO_TROUBLE = {
    "ok": "what is well again is no trouble any more",
    "paused": "a paused rule says nothing",
    "pending": "what is pending is no trouble yet",
    "": "a payload with neither alerts nor state says nothing",
}


def read(headers: Headers, payload: Any) -> Reading:
    """What a notification of Grafana means. The payload alone says everything."""
    del headers
    is_legacy = "alerts" not in whole(payload)
    return _read_legacy(payload) if is_legacy else read_group(payload, _WATCHER, ignored=_is_a_test)


def _is_a_test(alert: Alert) -> bool:
    return word(alert.labels, "alertname") == "testalert" and word(alert.labels, "instance") == "grafana"


def _read_legacy(payload: Any) -> Reading:
    state, rule, tags = word(payload, "state"), text(payload, "ruleName"), part(payload, "tags")
    if state in _NO_TROUBLE:
        return Ignored(_NO_TROUBLE[state])
    if rule == _TEST:
        return Ignored("a test of the notification channel is no trouble")
    facts = facts_of(tags)
    is_known = state in ("alerting", "no_data")
    is_breach = is_about_a_service_level(tags, rule)
    observation = observe(
        kinds.SERVICE_BREACHED if is_breach else kinds.SERVICE_INCIDENT,
        severity_of_labels(tags) if is_known else Scale("state", {}).of(state),
        place=facts.get("service") or _WATCHER,
        state="missed" if is_breach else "reported",
        at=None,
        url=link(payload, "ruleUrl"),
        facts={**facts, "alert": rule},
        attributes={
            "alert": rule,
            "service": facts.get("service"),
            "environment": facts.get("environment"),
            "state": state,
        },
    )
    return Mapped((observation,))


def _timed_message(webhook: Webhook) -> bytes:
    return webhook.headers.get(_TIME, "").encode("utf-8", "surrogateescape") + b":" + webhook.body


def _sent_at(webhook: Webhook) -> datetime | None:
    return unix_time({_TIME: webhook.headers.get(_TIME)}, _TIME)


_SIGNED = Choice(
    _TIME,
    signed=Hmac(
        "x-grafana-alerting-signature", message=_timed_message, sent_at=_sent_at, stamp=stamped(_TIME, in_seconds)
    ),
    otherwise=Hmac("x-grafana-alerting-signature"),
)
CONNECTOR = Connector("grafana", Choice("x-grafana-alerting-signature", signed=_SIGNED, otherwise=Token()), read)
