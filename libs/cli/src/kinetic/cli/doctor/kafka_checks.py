"""What is checked of Kafka: topics, consumer groups, and what the compacted topics hold."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final

from kinetic.cli.doctor.checks import WITHIN_SECONDS, Check, run_checks
from kinetic.cli.doctor.finding import Finding, counted, fine, skipped
from kinetic.cli.doctor.gathering import kafka
from kinetic.cli.doctor.gathering.code import readers_of
from kinetic.cli.doctor.judgements.groups import judge_groups
from kinetic.cli.doctor.judgements.setup import judge_published
from kinetic.cli.doctor.judgements.topics import judge_topics
from kinetic.cli.errors import Unreachable
from kinetic.common.service import Service
from kinetic.contracts import topics

_REMEDY: Final = "Start Kafka, or say in KINETIC_KAFKA where it answers; topics and consumer groups were not checked."
_AGAIN: Final = "Try again; if it stays, look at the broker's log."
_GROUPS_WITHIN_SECONDS: Final = WITHIN_SECONDS + kafka.LOOK_AGAIN_SECONDS
INTAKES_WITHIN_SECONDS: Final = WITHIN_SECONDS + _GROUPS_WITHIN_SECONDS
WANTED: Final = tuple(each for topic in topics.ALL for each in (topic, topic.dead))


def kafka_check(address: str, services: Sequence[Service], replication: int) -> Check:
    """Everything about Kafka. `replication` is how many copies this installation was told to keep."""
    within = WITHIN_SECONDS + _GROUPS_WITHIN_SECONDS + 1
    return Check("Kafka", partial(_examine, address, services, replication), _REMEDY, within)


def intake_check(address: str, service: str, names: Sequence[str]) -> Check:
    """The topics of integrations that write to Kafka themselves, and whether `service` reads them."""
    return Check("intake topics", partial(_intakes, address, service, names), _AGAIN, INTAKES_WITHIN_SECONDS)


async def _intakes(address: str, service: str, names: Sequence[str]) -> list[Finding]:
    taken = [topics.intake(name) for name in names]
    wanted = [each for topic in taken for each in (topic, topic.dead)]
    cluster = await kafka.read_cluster(address, [topic.name for topic in wanted])
    groups = await kafka.read_groups(address, [(service, topic.name) for topic in taken])
    return [
        *judge_topics("intake topics", wanted, cluster.topics, cluster.brokers, replication=1),
        *judge_groups("intake groups", groups, kafka.LOOK_AGAIN_SECONDS),
    ]


async def _examine(address: str, services: Sequence[Service], replication: int) -> list[Finding]:
    cluster = await _reached(address)
    judged = judge_topics("topics", WANTED, cluster.topics, cluster.brokers, replication)
    further = [
        Check("consumer groups", partial(_groups, address, readers_of(services)), _AGAIN, _GROUPS_WITHIN_SECONDS),
        Check("directory, catalogue and map", partial(_published, address), _AGAIN),
    ]
    reached = fine("Kafka", f"{counted(cluster.brokers, 'broker')} at {address}")
    return [reached, *judged, *await run_checks(further)]


async def _reached(address: str) -> kafka.Cluster:
    try:
        async with asyncio.timeout(WITHIN_SECONDS):
            return await kafka.read_cluster(address, [topic.name for topic in WANTED])
    except TimeoutError:
        raise Unreachable(f"no answer from Kafka at {address} within {WITHIN_SECONDS:.0f} s") from None


async def _groups(address: str, readers: Sequence[tuple[str, str]]) -> list[Finding]:
    if not readers:
        return [skipped("consumer groups", "what the services read is not known, see `environment`")]
    return judge_groups("consumer groups", await kafka.read_groups(address, readers), kafka.LOOK_AGAIN_SECONDS)


async def _published(address: str) -> list[Finding]:
    published = await kafka.read_published(address)
    return judge_published(published, datetime.now(UTC))
