"""The batch loop on real Kafka and Postgres: nothing lost, nothing twice, a bad event harms only itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from kinetic.common import dead_letters
from kinetic.common.database import Transaction
from kinetic.common.events import Envelope, headers_of, new_id
from kinetic.contracts import topics
from kinetic.contracts.topics import dead_letter_topic
from tests.support.counting import Bench, Noted, count, eventually


def pairs(names: int, each: int) -> list[tuple[str, int]]:
    return [(f"name-{n}", number) for number in range(each) for n in range(names)]


async def has_rows(bench: Bench, rows: int) -> bool:
    return len(await bench.ledger()) >= rows


async def test_every_event_takes_effect_once_and_in_the_order_of_its_key(bench: Bench) -> None:
    await bench.note(pairs(5, 20))
    async with bench.replica():
        assert await eventually(lambda: has_rows(bench, 100))
    for name in range(5):
        assert [number for key, number, _ in await bench.ledger() if key == f"name-{name}"] == list(range(20))


async def test_replaying_a_batch_changes_nothing(bench: Bench) -> None:
    envelopes = await bench.note(pairs(2, 3))
    await bench.write(envelopes)
    await bench.note([("last", 0)])
    async with bench.replica():
        assert await eventually(lambda: has_rows(bench, 7))
        await asyncio.sleep(0.5)
    assert len(await bench.ledger()) == 7


async def test_a_crash_before_commit_loses_nothing(bench: Bench) -> None:
    await bench.note(pairs(3, 3))
    reached = asyncio.Event()

    async def hang(tx: Transaction, events: Sequence[Envelope[Any]]) -> None:
        await count(tx, events)
        reached.set()
        await asyncio.sleep(60)

    async with bench.replica(hang) as subscription:
        await asyncio.wait_for(reached.wait(), 20)
        for task in subscription.subscriber.tasks:
            task.cancel()
    assert await bench.ledger() == []
    async with bench.replica():
        assert await eventually(lambda: has_rows(bench, 9))


async def test_one_bad_record_dead_letters_alone_with_its_cause(bench: Bench) -> None:
    await bench.note(pairs(2, 5))
    await bench.write_raw([("name-0", b"{", {"ce_type": Noted.type, "ce_id": new_id()})])
    await bench.note([("name-0", 5)])
    async with bench.replica(), bench.relay():
        assert await eventually(lambda: has_rows(bench, 11))

        async def is_told() -> bool:
            return len(await bench.read_all(dead_letter_topic(bench.noted))) == 1

        assert await eventually(is_told)
    (headers, value), *_ = await bench.read_all(dead_letter_topic(bench.noted))
    assert value == b"{"
    assert headers["dead_cause"].startswith("unreadable:")


async def test_a_record_whose_handler_fails_is_dead_while_others_succeed_and_can_be_replayed(bench: Bench) -> None:
    async def refuse_three(tx: Transaction, events: Sequence[Envelope[Any]]) -> None:
        await count(tx, events)
        if any(event.data.number == 3 for event in events):
            raise LookupError("three is not a number")

    await bench.note(pairs(1, 8))
    async with bench.replica(refuse_three):
        assert await eventually(lambda: has_rows(bench, 7))
    assert [number for _, number, _ in await bench.ledger()] == [0, 1, 2, 4, 5, 6, 7]
    async with bench.database.transaction() as tx:
        (letter,) = await dead_letters.latest(tx, 10)
    assert "three is not a number" in letter["cause"]


async def test_a_handler_that_always_fails_dead_letters_nothing_and_recovers(bench: Bench) -> None:
    await bench.note(pairs(4, 10))

    async def fail(tx: Transaction, events: Sequence[Envelope[Any]]) -> None:
        raise LookupError("bad deploy")

    async with bench.replica(fail) as subscription:

        async def has_stopped() -> bool:
            return subscription.loop.failures >= 6

        assert await eventually(has_stopped)
    async with bench.database.transaction() as tx:
        assert await dead_letters.latest(tx, 10) == []
    async with bench.replica():
        assert await eventually(lambda: has_rows(bench, 40))


async def test_a_lone_failing_record_is_held_until_the_deploy_has_proven_itself(bench: Bench) -> None:
    async def refuse_zero(tx: Transaction, events: Sequence[Envelope[Any]]) -> None:
        if any(event.data.number == 0 for event in events):
            raise LookupError("zero")
        await count(tx, events)

    await bench.note([("only", 0)])
    async with bench.replica(refuse_zero) as subscription:

        async def is_held() -> bool:
            return subscription.loop.failures >= 5

        assert await eventually(is_held)
        async with bench.database.transaction() as tx:
            assert await dead_letters.latest(tx, 10) == []
        await bench.note([("only", 1)])
        assert await eventually(lambda: has_rows(bench, 1))
    async with bench.database.transaction() as tx:
        assert len(await dead_letters.latest(tx, 10)) == 1


async def test_a_failure_across_two_partitions_loses_nothing(bench: Bench) -> None:
    await bench.note(pairs(8, 10))
    failures = 0

    async def fail_twice(tx: Transaction, events: Sequence[Envelope[Any]]) -> None:
        nonlocal failures
        await count(tx, events)
        if failures < 2:
            failures += 1
            raise LookupError("not yet")

    async with bench.replica(fail_twice):
        assert await eventually(lambda: has_rows(bench, 80))
    assert len(await bench.ledger()) == 80


async def test_a_header_that_is_not_utf8_dead_letters_alone(bench: Bench) -> None:
    await bench.note([("a", 0)])
    async with bench.replica():
        assert await eventually(lambda: has_rows(bench, 1))
        producer = AIOKafkaProducer(bootstrap_servers=bench.stack.kafka)
        await producer.start()
        await producer.send_and_wait(bench.noted, b"{}", key=b"a", headers=[("ce_type", b"\xff\xfe")])
        await producer.stop()
        await bench.note([("a", 1)])
        assert await eventually(lambda: has_rows(bench, 2))
    async with bench.database.transaction() as tx:
        (letter,) = await dead_letters.latest(tx, 10)
    assert "not UTF-8" in letter["cause"]


@pytest.mark.parametrize("compacted", [True, False])
async def test_a_tombstone_is_passed_over_on_a_compacted_topic_only(
    bench: Bench, compacted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topics, "COMPACTED", frozenset({bench.noted} if compacted else ()))
    (erased,) = await bench.note([("a", 0)])
    await bench.write_raw([("a", None, {}), ("a", None, {**headers_of(erased), "ce_id": new_id()})])
    await bench.note([("a", 1)])
    async with bench.replica():
        assert await eventually(lambda: has_rows(bench, 2))
    async with bench.database.transaction() as tx:
        assert len(await dead_letters.latest(tx, 10)) == (0 if compacted else 2)
