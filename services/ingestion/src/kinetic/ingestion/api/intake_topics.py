"""What an administrator is asked and told about an integration that writes to Kafka itself."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

import orjson
from aiokafka.errors import KafkaError
from fastapi import Request
from pydantic import Field

from kinetic.common.problems import unavailable
from kinetic.contracts import topics
from kinetic.ingestion.intakes import open_topics
from kinetic.ingestion.reports import TYPES, ReportType

Types = Annotated[list[ReportType], Field(min_length=1, max_length=len(TYPES))]

_NAME = "[a-z0-9][a-z0-9-]{0,62}"
_NOBODY = "test-event"
"""The slug of a team, a KPI and a system that nobody has."""


def refuse_unfit(name: str, *unneeded: object) -> None:
    """ValueError when `name` makes no topic, or something was given that only webhooks need."""
    if not re.fullmatch(_NAME, name):
        raise ValueError(f"the name becomes a part of the topic's and must match {_NAME}")
    if any(unneeded):
        raise ValueError("the tool `kafka` has neither a secret nor rules: its events name their team")


def acl_command(name: str) -> str:
    """What lets the tool write to its topic, and nobody else: the operator of the broker fills in who that is."""
    return (
        "kafka-acls.sh --bootstrap-server $BROKER --add --allow-principal User:$PRINCIPAL "
        f"--operation Write --operation Describe --topic {topics.intake(name).name}"
    )


def write_command(name: str, event_type: str, now: datetime) -> str:
    """What writes a CloudEvent of `event_type` to a topic. It happened `now`, in UTC, to a team or a person nobody knows."""
    time = f"{now:%Y-%m-%dT%H:%M:%SZ}"
    event = {"specversion": "1.0", "id": f"test-{time}", "source": f"/{name}", "type": event_type}
    text = orjson.dumps({**event, "data": _harmless(event_type, time)}).decode()
    return (
        f"printf 'content-type:application/cloudevents+json\\t%s\\n' '{text}' | kafka-console-producer.sh "
        f"--bootstrap-server $BROKER --topic {topics.intake(name).name} --property parse.headers=true"
    )


def _harmless(event_type: str, time: str) -> dict[str, Any]:
    if event_type == "kinetic.signal.report.v1":
        summary = "A test event"
        return {"kind": "test.event", "team": _NOBODY, "severity": 0.5, "summary": summary, "occurred_at": time}
    if event_type == "kinetic.measurement.report.v1":
        return {"kpi": _NOBODY, "team": _NOBODY, "value": 1.0, "n": 1, "period_start": time, "period_end": time}
    learner, content = {"system": _NOBODY, "id": "1"}, {"system": _NOBODY, "id": "1"}
    return {"person": learner, "content": content, "verb": "completed", "occurred_at": time}


async def open_or_refuse(request: Request, name: str) -> None:
    """Create the topic before the integration is kept: one that exists can be written to. Problem 503 without Kafka."""
    try:
        await open_topics(request.app.state.settings, name)
    except (KafkaError, OSError, TimeoutError) as error:
        raise unavailable("Kafka did not create the topic.") from error
