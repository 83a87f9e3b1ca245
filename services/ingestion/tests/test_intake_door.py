"""An intake topic: what `POST /events` takes is taken, by the same decision; what is wrong is a dead letter alone."""

from __future__ import annotations

from typing import Any

import pytest

from kinetic.common.batches import BatchLoop
from kinetic.common.database import Database
from kinetic.common.service import Service
from kinetic.contracts import topics
from kinetic.ingestion.intake_door import IntakeDoor
from kinetic.ingestion.reports import TYPES
from kinetic.ingestion.store.integrations import Intake
from services.ingestion.tests.intake_records import Consumer, Record, binary, dead, structured
from services.ingestion.tests.test_events_door import learning, measurement
from services.ingestion.tests.test_integrations import deliveries, write_journal


async def test_both_modes_are_told_like_events_over_http(loop: Any, company: Any, ledger: Any) -> None:
    consumer = Consumer()
    await loop.take([binary(measurement("1")), structured(measurement("2")), binary(learning("3"))], consumer)
    assert consumer.committed == 1
    told = [row for row in await ledger.told() if row["topic"] in (topics.MEASUREMENTS, topics.LEARNING)]
    assert [row["key"] for row in told] == [company["payments"], company["payments"], company["dana@x.example"]]


async def test_repetition_is_one_effect_in_a_batch_and_across_batches(loop: Any, company: Any, ledger: Any) -> None:
    await loop.take([binary(measurement("1")), structured(measurement("1"))], Consumer())
    await loop.take([binary(measurement("1"))], Consumer())
    assert len(await ledger.told_ids(topics.MEASUREMENTS)) == 1


async def test_batch_that_is_read_again_changes_nothing(loop: Any, company: Any, ledger: Any) -> None:
    batch = [binary(measurement(str(number))) for number in range(5)] + [Record(b"{", [])]
    for _ in range(2):
        await loop.take(batch, Consumer())
    assert len(await ledger.told_ids(topics.MEASUREMENTS)) == 5
    assert await ledger.count("dead_letter") == 1


BAD = {
    "no type": (Record(b"{}", [("content-type", b"application/json")]), "header #/ce_type"),
    "no id": (binary({name: v for name, v in measurement().items() if name != "id"}), "header #/ce_id"),
    "header not utf-8": (binary(measurement(), ce_source=b"\xff"), "header #/ce_source must be UTF-8"),
    "no json": (Record(b"\xff", list(binary(measurement()).headers)), "The body is not JSON"),
    "no data": (Record(None, list(binary(measurement()).headers)), "body # Field required"),
    "wrong data": (structured(measurement(n=0)), "body #/data/n"),
    "wrong content type": (binary(measurement(), **{"content-type": b"text/xml"}), "header #/content-type"),
    "a batch": (Record(b"[]", [("content-type", b"application/cloudevents-batch+json")]), "header #/content-type"),
    "other format": (Record(b"x", [("content-type", b"application/cloudevents+avro")]), "header #/content-type"),
    "deep": (Record(b"[" * 10_000, list(binary(measurement()).headers)), "nested too deeply"),
}


@pytest.mark.parametrize("name", BAD)
async def test_what_is_wrong_is_a_dead_letter_alone_and_names_the_place(
    name: str, loop: Any, company: Any, ledger: Any, admin: Any, integration: Any, database: Any
) -> None:
    record, place = BAD[name]
    await loop.take([binary(measurement("1")), record, binary(measurement("2"))], Consumer())
    assert len(await ledger.told_ids(topics.MEASUREMENTS)) == 2
    (letter,) = await dead(ledger, admin)
    assert letter["cause"].startswith("refused: ")
    assert place in letter["cause"]
    await write_journal(admin, database)
    shown = await deliveries(admin, integration)
    assert [one["outcome"] for one in shown] == ["refused", "mapped", "mapped"]
    assert f"refused: {shown[0]['reason']}" == letter["cause"]


async def test_type_that_is_not_allowed_is_refused(
    door: IntakeDoor, database: Database, company: Any, ledger: Any, admin: Any
) -> None:
    narrow = IntakeDoor(Intake(door.intake.integration_id, "tool", (TYPES[1],)), door.committer, door.journal)
    await BatchLoop(narrow, database).take([binary(measurement()), binary(learning("2"))], Consumer())
    assert await ledger.told_ids(topics.MEASUREMENTS) == []
    assert len(await ledger.told_ids(topics.LEARNING)) == 1
    (letter,) = await dead(ledger, admin)
    assert "#/type must be one that this integration may send" in letter["cause"]


async def test_any_number_of_wrong_records_stops_nothing(loop: Any, company: Any, ledger: Any) -> None:
    await loop.take([Record(b"{", []) for _ in range(50)], Consumer())
    await loop.take([binary(measurement())], Consumer())
    assert await ledger.count("dead_letter") == 50
    assert len(await ledger.told_ids(topics.MEASUREMENTS)) == 1


async def test_unknown_team_is_parked_and_shown(
    loop: Any, company: Any, ledger: Any, admin: Any, integration: Any, database: Any
) -> None:
    await loop.take([binary(measurement("1", "nowhere"))], Consumer())
    await write_journal(admin, database)
    (shown,) = await deliveries(admin, integration)
    assert (shown["outcome"], shown["kinds"], shown["parked"]) == ("parked", ["measurement"], 1)
    assert await ledger.count("dead_letter") == 0


async def test_full_parking_refuses_only_what_would_be_parked(loop: Any, company: Any, ledger: Any, admin: Any) -> None:
    sender = f"integration/{loop.door.intake.integration_id}"
    loop.door.committer.full_senders = frozenset({sender})
    await loop.take([binary(measurement("1", "nowhere")), binary(measurement("2"))], Consumer())
    assert len(await ledger.told_ids(topics.MEASUREMENTS)) == 1
    (letter,) = await dead(ledger, admin)
    assert "parked" in letter["cause"]
    answer = await admin.post(f"/dead-letters/{letter['dead_letter_id']}/replay")
    assert answer.status_code == 409
    loop.door.committer.full_senders = frozenset()
    answer = await admin.post(f"/dead-letters/{letter['dead_letter_id']}/replay")
    assert (answer.status_code, answer.json()["outcome"]) == (200, "waiting")


async def test_full_backlog_pauses_and_neither_loses_nor_skips(loop: Any, company: Any, ledger: Any) -> None:
    loop.drain()  # it need not wait between attempts
    await loop.take([binary(measurement("0"))], Consumer())  # from here on a failure is the record's own fault
    loop.door.committer.is_backlog_full = True
    batch, consumer = [binary(measurement("1")), Record(b"{", [])], Consumer()
    for _ in range(6):  # more often than a failing batch is tried as a whole
        await loop.take(batch, consumer)
    assert (consumer.committed, consumer.rewound) == (0, 6)
    assert await ledger.count("dead_letter") == 0

    loop.door.committer.is_backlog_full = False
    await loop.take(batch, consumer)
    assert consumer.committed == 1
    assert len(await ledger.told_ids(topics.MEASUREMENTS)) == 2
    assert await ledger.count("dead_letter") == 1


async def test_dead_letter_can_be_replayed_once_it_is_allowed(
    door: IntakeDoor, database: Database, company: Any, ledger: Any, admin: Any, service: Service
) -> None:
    narrow = IntakeDoor(Intake(door.intake.integration_id, "tool", (TYPES[1],)), door.committer, door.journal)
    service.state["doors"][door.topic] = narrow
    await BatchLoop(narrow, database).take([binary(measurement())], Consumer())
    (letter,) = await dead(ledger, admin)
    path = f"/dead-letters/{letter['dead_letter_id']}/replay"
    assert (await admin.post(path)).status_code == 422
    service.state["doors"][door.topic] = door
    assert (await admin.post(path)).json()["outcome"] == "handled"
    assert len(await ledger.told_ids(topics.MEASUREMENTS)) == 1


async def test_event_continues_the_trace_that_the_tool_names(loop: Any, company: Any, ledger: Any) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await loop.take([binary(measurement("1"), traceparent=trace.encode())], Consumer())
    await loop.take([binary(measurement("2"), traceparent=b"00-nonsense")], Consumer())
    told = [row["headers"].get("traceparent") for row in await ledger.told() if row["topic"] == topics.MEASUREMENTS]
    assert told == [trace, None]
