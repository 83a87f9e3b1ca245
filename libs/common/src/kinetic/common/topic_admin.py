"""Topics are created by the project, with explicit settings, and raised to them when they differ."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code

from kinetic.contracts.topics import Topic

log = logging.getLogger(__name__)


async def ensure_topics(bootstrap_servers: str, topics: Sequence[Topic], replication: int, min_in_sync: int) -> None:
    """Create what is missing, add partitions that are missing, set every setting. KafkaError when the broker refuses."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers.split(","), client_id="kinetic-topics")
    await admin.start()
    try:
        known = set(await admin.list_topics())
        missing = [topic for topic in topics if topic.name not in known]
        await _create(admin, missing, replication, min_in_sync)
        await _add_partitions(admin, [topic for topic in topics if topic.name in known])
        await _set_config(admin, [topic for topic in topics if topic.name in known], min_in_sync)
    finally:
        await admin.close()


def _settings(topic: Topic, min_in_sync: int) -> dict[str, str]:
    return {**topic.settings, "min.insync.replicas": str(min_in_sync)}


async def _create(admin: AIOKafkaAdminClient, topics: Sequence[Topic], replication: int, min_in_sync: int) -> None:
    if not topics:
        return
    wanted = [
        NewTopic(topic.name, topic.partitions, replication, topic_configs=_settings(topic, min_in_sync))
        for topic in topics
    ]
    response = await admin.create_topics(wanted, validate_only=False)
    for name, code, *detail in response.topic_errors:
        if code and for_code(code) is not TopicAlreadyExistsError:
            raise for_code(code)(f"topic {name}: {detail}")


async def _add_partitions(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> None:
    described = await admin.describe_topics([topic.name for topic in topics]) if topics else []
    counts = {entry["topic"]: len(entry["partitions"]) for entry in described}
    growing = {t.name: NewPartitions(t.partitions) for t in topics if counts.get(t.name, 0) < t.partitions}
    if growing:
        log.warning("adding partitions to %s: keys move, so events of one key may be read out of order once", growing)
        await admin.create_partitions(growing)


async def _set_config(admin: AIOKafkaAdminClient, topics: Sequence[Topic], min_in_sync: int) -> None:
    resources = [
        ConfigResource(ConfigResourceType.TOPIC, topic.name, configs=_settings(topic, min_in_sync)) for topic in topics
    ]
    if resources:
        await admin.alter_configs(dict.fromkeys(resources) and {r: r.configs for r in resources})
