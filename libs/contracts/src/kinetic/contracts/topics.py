"""The topics of Kinetic and how each is kept. Created by the project, never by a broker's default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SIGNALS: Final = "kinetic.signals"
MEASUREMENTS: Final = "kinetic.measurements"
LEARNING: Final = "kinetic.learning"
DIRECTORY: Final = "kinetic.directory"
CATALOGUE: Final = "kinetic.catalogue"
CAPABILITIES: Final = "kinetic.capabilities"
GAPS: Final = "kinetic.gaps"
NUDGES: Final = "kinetic.nudges"
ASSIGNMENTS: Final = "kinetic.assignments"
FEEDBACK: Final = "kinetic.feedback"

PARTITIONS: Final = 12
"""Of every topic that is not compacted: the upper limit of replicas that share its work."""

KEPT_DAYS: Final = 7
"""No record of a topic that is not compacted becomes older."""

MAX_MESSAGE_BYTES: Final = 4_000_000
"""What every topic takes: a capability map or a dead letter is larger than Kafka's default of one megabyte."""

_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 24 * _HOUR_MS

_SEGMENTS: Final = {"segment.ms": str(_DAY_MS)}
_SWEPT: Final = {"cleanup.policy": "delete", "retention.ms": str((KEPT_DAYS - 1) * _DAY_MS), **_SEGMENTS}
"""Kafka drops whole segments, by their newest record: a segment takes records for a day and is kept for six more."""


@dataclass(frozen=True, slots=True)
class Topic:
    """How one topic is kept. `partitions` is the upper limit of consumers that share the work."""

    name: str
    partitions: int
    config: dict[str, str]

    @property
    def settings(self) -> dict[str, str]:
        """Every setting of the topic besides its replication. What a stranger packs the broker unpacks: readers need no codec."""
        return {"max.message.bytes": str(MAX_MESSAGE_BYTES), "compression.type": "uncompressed", **self.config}

    @property
    def dead(self) -> Topic:
        """Where records that could not be handled are shown, for seven days at most."""
        return Topic(dead_letter_topic(self.name), 1, _SWEPT)


INTAKE_PREFIX: Final = "kinetic.intake."
"""Before the name of an integration that writes to Kafka itself. These topics alone are written by strangers."""

MAX_INTAKE_BYTES: Final = 1_000_000
"""What an intake topic takes at once. No event that is right comes near it."""


def intake(integration: str) -> Topic:
    """Where the integration of that name writes."""
    return Topic(f"{INTAKE_PREFIX}{integration}", PARTITIONS, {**_SWEPT, "max.message.bytes": str(MAX_INTAKE_BYTES)})


def dead_letter_topic(topic: str) -> str:
    """The dead-letter topic that belongs to `topic`."""
    return f"{topic}.dead"


def _log(name: str) -> Topic:
    return Topic(name, PARTITIONS, _SWEPT)


def _compacted(name: str) -> Topic:
    """One partition and one shard of the outbox, so that entries are read in the order of their versions.

    A team comes before its people, with several relays too.
    """
    bounded = {"max.compaction.lag.ms": str(_DAY_MS), "delete.retention.ms": str(_DAY_MS), **_SEGMENTS}
    return Topic(name, 1, {"cleanup.policy": "compact", **bounded})


ALL: Final = (
    _log(SIGNALS),
    _log(MEASUREMENTS),
    _log(LEARNING),
    _compacted(DIRECTORY),
    _compacted(CATALOGUE),
    _compacted(CAPABILITIES),
    _log(GAPS),
    _log(NUDGES),
    _log(ASSIGNMENTS),
    _log(FEEDBACK),
)

COMPACTED: Final = frozenset({DIRECTORY, CATALOGUE, CAPABILITIES})
