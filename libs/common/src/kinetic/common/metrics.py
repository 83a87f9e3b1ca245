"""Every Prometheus metric of Kinetic: the one place where their names, labels and meanings stand.

Labels are bounded: topics, types, route templates, integrations. No label ever holds an id of a person or a team, a raw
path, or text that a sender chose.
"""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response
from prometheus_client import REGISTRY, Counter, Gauge, Histogram, Info
from prometheus_client.exposition import choose_encoder

_LATENCY_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_BATCH_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

BUILD: Final = Info(
    "kinetic_build",
    "Which `service` this process is, and its `version`.",
)

# HTTP

HTTP_REQUESTS: Final = Counter(
    "kinetic_http_requests_total",
    "HTTP requests answered, by route template. Status 499: the caller left before the answer began.",
    ("service", "method", "route", "status"),
)
HTTP_REQUEST_SECONDS: Final = Histogram(
    "kinetic_http_request_seconds",
    "Seconds from the first byte of a request to the last byte of its answer.",
    ("route",),
    buckets=_LATENCY_BUCKETS,
)
DOOR_ACCEPTED: Final = Counter(
    "kinetic_door_accepted_total",
    "Records taken at the ingestion door and committed.",
    ("integration",),
)
DOOR_REFUSED: Final = Counter(
    "kinetic_door_refused_total",
    "Records refused at the ingestion door, by reason.",
    ("reason",),
)
DOOR_UNKNOWN_WORDS: Final = Counter(
    "kinetic_door_unknown_words_total",
    "Words of tools that no rule knows and that were read as neutral, such as a priority P7.",
    ("integration",),
)
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

# Events in

EVENTS_CONSUMED: Final = Counter(
    "kinetic_events_consumed_total",
    "Events handled for the first time and committed.",
    ("topic", "type"),
)
EVENTS_DUPLICATE: Final = Counter(
    "kinetic_events_duplicate_total",
    "Events read again after they had been handled, and left alone.",
    ("topic",),
)
EVENTS_DEAD: Final = Counter(
    "kinetic_events_dead_total",
    "Events dead-lettered, by the class of the cause.",
    ("topic", "cause"),
)
EVENTS_WAITING: Final = Gauge(
    "kinetic_events_waiting",
    "Events that wait for a directory entry, or behind one that does.",
    ("topic",),
)
BATCH_SECONDS: Final = Histogram(
    "kinetic_batch_seconds",
    "Seconds from a batch's hand-over to the commit of its offsets.",
    ("topic",),
    buckets=_BATCH_BUCKETS,
)
BATCH_FAILURES: Final = Counter(
    "kinetic_batch_failures_total",
    "Batches rolled back and rewound.",
    ("topic",),
)
CONSUMER_STOPPED: Final = Gauge(
    "kinetic_consumer_stopped",
    "1 while a consumer stands still because everything failed. Alarm on it.",
    ("topic",),
)
DIRECTORY_AGE_SECONDS: Final = Gauge(
    "kinetic_directory_age_seconds",
    "Seconds since the directory's last heartbeat. Above 60 acting answers 503.",
)

# Events out

OUTBOX_BACKLOG: Final = Gauge(
    "kinetic_outbox_backlog",
    "Events committed and not yet acknowledged by Kafka.",
)
OUTBOX_OLDEST_SECONDS: Final = Gauge(
    "kinetic_outbox_oldest_seconds",
    "Age of the oldest event in the outbox.",
)
OUTBOX_RELAYED: Final = Counter(
    "kinetic_outbox_relayed_total",
    "Events acknowledged by Kafka and deleted from the outbox.",
)
RELAY_SHARDS_HELD: Final = Gauge(
    "kinetic_relay_shards_held",
    "Outbox shards whose lock this replica holds. The sum over all replicas is the number of shards.",
)

# Timers

TIMERS_FIRED: Final = Counter(
    "kinetic_timers_fired_total",
    "Timers that came due and were acted on.",
    ("timer",),
)
TIMERS_FAILED: Final = Counter(
    "kinetic_timers_failed_total",
    "Teams or people whose due work failed while that of others did not hang on it. They are tried again later.",
    ("timer",),
)

# What leaves

DELIVERIES: Final = Counter(
    "kinetic_deliveries_total",
    "Attempts to reach somebody through a channel: `sent`, `delayed`, `refused`, or `unknown`, which somebody has to look at.",
    ("channel", "outcome"),
)

router: Final = APIRouter(include_in_schema=False)
"""`GET /metrics`, for the cluster's own network: it must not be reachable from outside."""


@router.get("/metrics")
async def read_metrics(request: Request) -> Response:
    """All metrics of this process, as text or OpenMetrics."""
    encode, content_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(REGISTRY), headers={"content-type": content_type})
