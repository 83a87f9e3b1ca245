"""What an administrator is asked and told about an integration that writes to Kafka itself."""

from __future__ import annotations

import re
from typing import Annotated

from aiokafka.errors import KafkaError
from fastapi import Request
from pydantic import Field

from kinetic.common.problems import unavailable
from kinetic.contracts import topics
from kinetic.ingestion.intakes import open_topics
from kinetic.ingestion.reports import TYPES, ReportType

Types = Annotated[list[ReportType], Field(min_length=1, max_length=len(TYPES))]

_NAME = "[a-z0-9][a-z0-9-]{0,62}"


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


async def open_or_refuse(request: Request, name: str) -> None:
    """Create the topic before the integration is kept: one that exists can be written to. Problem 503 without Kafka."""
    try:
        await open_topics(request.app.state.settings, name)
    except (KafkaError, OSError, TimeoutError) as error:
        raise unavailable("Kafka did not create the topic.") from error
