"""Ingestion's own metrics. Those of its doors and its outbox are in `kinetic.common.metrics`."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge

DOOR_IGNORED: Final = Counter(
    "kinetic_door_ignored_total",
    "Webhooks that were understood and mean nothing to Kinetic.",
    ("integration",),
)
PARKED: Final = Gauge(
    "kinetic_parked_events",
    "Accepted events whose team, person or content is not known: `waiting` to be told, or `expired` after a day.",
    ("state",),
)
