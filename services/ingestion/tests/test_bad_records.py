"""Bad records of an intake topic that no broker refuses: each is a dead letter alone, and nothing stops the topic."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kinetic.contracts import topics
from services.ingestion.tests.intake_records import Consumer, Record, binary, dead, structured
from services.ingestion.tests.test_cloud_events import SIGNAL, event
from services.ingestion.tests.test_events_door import measurement
from services.ingestion.tests.test_integrations import deliveries, write_journal

TEXT = json.dumps(event({**SIGNAL, "summary": "HERE", "severity": 7777}, "signal")).encode()


def changed(old: bytes, new: bytes) -> Record:
    return Record(TEXT.replace(old, new).replace(b"7777", b"0.5"), structured({}).headers)


BAD = {
    "truncated": (Record(TEXT[:-3], structured({}).headers), "The body is not JSON"),
    "utf-16": (Record(TEXT.decode().encode("utf-16"), structured({}).headers), "The body is not JSON"),
    "latin-1": (changed(b"HERE", b"\xe9"), "The body is not JSON"),
    "NUL": (changed(b"HERE", b"a\\u0000b"), "body #/data/summary"),
    "a lone surrogate": (changed(b"HERE", b"\\ud800"), "body #/data/summary"),
    "a key twice": (changed(b'"summary"', b'"summary": "x", "summary"'), "body #/data/summary"),
    "beyond a double": (changed(b"7777", b"1e999"), "body #/data/severity"),
    "endless digits": (changed(b"7777", b"9" * 5000), "body #/data/severity"),
    "deep": (changed(b'"HERE"', b"[" * 10_000 + b"]" * 10_000), "The body is not JSON"),
    "deeper than we go": (changed(b'"HERE"', b"[" * 500 + b"]" * 500), "The body is not JSON"),
    "a key with a NUL": (changed(b'"summary"', b'"a\\u0000b": 1, "summary"'), "body #/data/a%00b"),
    "an attribute with a NUL": (changed(b'"data"', b'"a\\u0000b": 1, "data"'), "body #/a%00b"),
    "a header with a NUL": (binary(measurement(), **{"ce_a\x00b": b"x"}), "header #/ce_a%00b"),
    "a key without end": (changed(b'"data"', b'"%s": 1, "data"' % (b"k" * 100_000)), "body #/kkk"),
    "yet to come": (changed(b"2026-01-01T00:00:00Z", b"2150-01-01T00:00:00Z"), "body #/data/occurred_at"),
    "before all time": (changed(b"2026-01-01T00:00:00Z", b"0001-01-01T00:00:00Z"), "body #/data/occurred_at"),
}


@pytest.mark.parametrize("name", BAD)
async def test_bad_record_is_a_dead_letter_alone_and_shown(
    loop: Any,
    company: Any,
    ledger: Any,
    admin: Any,
    integration: Any,
    database: Any,
    name: str,
) -> None:
    record, place = BAD[name]
    consumer = Consumer()

    await loop.take([binary(measurement("1")), record, binary(measurement("2"))], consumer)

    assert (consumer.committed, consumer.rewound) == (1, 0)
    assert len(await ledger.told_ids(topics.MEASUREMENTS)) == 2
    (letter,) = await dead(ledger, admin)
    assert place in letter["cause"], letter["cause"]
    await write_journal(admin, database)
    assert [one["outcome"] for one in await deliveries(admin, integration)] == ["refused", "mapped", "mapped"]


async def test_older_version_is_answered_and_does_not_stop_the_topic(
    loop: Any,
    company: Any,
    ledger: Any,
    admin: Any,
    integration: Any,
    database: Any,
) -> None:
    consumer = Consumer()

    for version in (2, 1, 3):
        await loop.take([binary(measurement(str(version), version=version))], consumer)

    assert (consumer.committed, consumer.rewound) == (3, 0)
    told = [json.loads(row["value"])["version"] for row in await ledger.told() if row["topic"] == topics.MEASUREMENTS]
    assert told == [2, 3]
    await write_journal(admin, database)
    assert [one["outcome"] for one in await deliveries(admin, integration)] == ["mapped", "superseded", "mapped"]
