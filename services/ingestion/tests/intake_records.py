"""Records of an intake topic, as they come from Kafka."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx
from aiokafka import TopicPartition

_offsets = count()


@dataclass(frozen=True)
class Record:
    """A record as it comes from Kafka."""

    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    topic: str = "kinetic.intake.tool"
    partition: int = 0
    offset: int = field(default_factory=lambda: next(_offsets))
    key: bytes | None = None


@dataclass
class Consumer:
    """What became of the offsets."""

    committed: int = 0
    rewound: int = 0

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        self.committed += 1

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.rewound += 1


def structured(event: Any) -> Record:
    return Record(json.dumps(event).encode(), [("content-type", b"application/cloudevents+json; charset=UTF-8")])


def binary(event: dict[str, Any], **headers: bytes) -> Record:
    attributes = {f"ce_{name}": text.encode() for name, text in event.items() if name != "data"}
    sent = {"content-type": b"application/json", **attributes, **headers}
    return Record(json.dumps(event["data"]).encode(), list(sent.items()))


async def dead(ledger: Any, admin: httpx.AsyncClient) -> list[dict[str, Any]]:
    """The dead letters, all of which are shown."""
    letters: list[dict[str, Any]] = (await admin.get("/dead-letters")).json()
    assert await ledger.count("dead_letter") == len(letters)
    return letters
