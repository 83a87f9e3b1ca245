"""The relay: in order, through restarts, and nothing twice while one relay is well."""

from __future__ import annotations

import asyncio
import json

import pytest
from aiokafka.conn import AIOKafkaConnection
from aiokafka.partitioner import DefaultPartitioner

from kinetic.common import outbox
from kinetic.common.events import Emission, new_id
from kinetic.common.outbox import SHARDS, shard_of
from kinetic.common.relay import create_producer, partition_of, stop_quietly
from kinetic.contracts import topics
from tests.support.counting import Bench, Counted, eventually


async def tell(bench: Bench, names: int, numbers: range) -> None:
    async with bench.database.transaction() as tx:
        emissions = [
            Emission(Counted(name=f"name-{name}", number=number, total=0))
            for number in numbers
            for name in range(names)
        ]
        await outbox.append(tx, emissions)


async def is_empty(bench: Bench) -> bool:
    async with bench.database.transaction() as tx:
        return await outbox.backlog(tx, 1) == 0


async def told(bench: Bench) -> dict[str, list[int]]:
    """The numbers of each name, each event once, in the order of the topic."""
    first: dict[str, tuple[str, int]] = {}
    for headers, value in await bench.read_all(bench.counted):
        data = json.loads(value or b"{}")
        first.setdefault(headers["ce_id"], (data["name"], data["number"]))
    numbers: dict[str, list[int]] = {}
    for name, number in first.values():
        numbers.setdefault(name, []).append(number)
    return numbers


@pytest.mark.parametrize("partitions", [[0], [0, 1, 2], list(range(12))])
def test_key_goes_where_every_other_client_of_kafka_sends_it(partitions: list[int]) -> None:
    keys = [new_id().encode() for _ in range(200)]

    usual = [DefaultPartitioner()(key, partitions, partitions) for key in keys]

    assert [partition_of(key, partitions, []) for key in keys] == usual


async def test_what_was_committed_is_told_once_and_in_order(bench: Bench) -> None:
    await tell(bench, 8, range(50))
    async with bench.relay():
        assert await eventually(lambda: is_empty(bench))
    assert len(await bench.read_all(bench.counted)) == 400
    assert all(numbers == list(range(50)) for numbers in (await told(bench)).values())


async def test_relays_that_come_and_go_keep_the_order_of_every_key(bench: Bench) -> None:
    """Relays are cut off in the middle of their work, while more is written."""

    async def write() -> None:
        for start in range(0, 400, 20):
            await tell(bench, 8, range(start, start + 20))
            await asyncio.sleep(0.05)

    writing = asyncio.create_task(write())
    while not writing.done():
        async with bench.relay(), bench.relay():
            await asyncio.sleep(0.7)
    async with bench.relay():
        assert await eventually(lambda: is_empty(bench))
    numbers = await told(bench)
    assert len(numbers) == 8
    assert all(of_name == list(range(400)) for of_name in numbers.values())


async def test_a_second_relay_takes_over_the_shards_of_one_that_died(bench: Bench) -> None:
    async with bench.relay():
        await tell(bench, 8, range(5))
        assert await eventually(lambda: is_empty(bench))
    async with bench.relay():
        await tell(bench, 8, range(5, 10))
        assert await eventually(lambda: is_empty(bench))
    assert all(of_name == list(range(10)) for of_name in (await told(bench)).values())


async def test_keys_spread_over_all_shards() -> None:
    assert {shard_of(f"key-{number}") for number in range(500)} == set(range(SHARDS))


async def test_entries_of_a_compacted_topic_keep_their_order_among_several_relays(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A team comes before its people: not the key, but the whole topic is relayed by one relay at a time."""
    monkeypatch.setattr(topics, "COMPACTED", frozenset({bench.counted}))
    await tell(bench, 8, range(5))
    async with bench.database.transaction() as tx:
        assert await tx.fetch_value("SELECT count(DISTINCT shard) FROM outbox") == 1


async def test_an_event_that_kafka_would_never_take_is_refused_where_it_is_told(bench: Bench) -> None:
    huge = Counted(name="x" * (outbox.MAX_EVENT_BYTES + 1), number=0, total=0)
    with pytest.raises(outbox.EventTooLarge):
        async with bench.database.transaction() as tx:
            await outbox.append(tx, [Emission(huge)])


async def test_headers_count_in_bytes_with_their_names(bench: Bench) -> None:
    headers = {"\u00e9" * outbox.MAX_EVENT_BYTES: ""}
    with pytest.raises(outbox.EventTooLarge):
        async with bench.database.transaction() as tx:
            await outbox.append_records(tx, [(0, bench.counted, "key", headers, None)])


async def test_the_largest_event_that_is_taken_is_told(bench: Bench) -> None:
    async with bench.database.transaction() as tx:
        await outbox.append(tx, [Emission(Counted(name="x" * (outbox.MAX_EVENT_BYTES // 2 - 1000), number=0, total=0))])
    async with bench.relay():
        assert await eventually(lambda: is_empty(bench))


async def test_a_producer_that_is_stuck_leaves_nothing_behind(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    before = asyncio.all_tasks()
    producer = create_producer(bench.stack.kafka, "counting")
    await producer.start()
    await producer.send_and_wait(bench.counted, b"x", key=b"x")
    monkeypatch.setattr(AIOKafkaConnection, "_handle_frame", lambda *_: None)  # no answer is heard from here on
    await producer.send(bench.counted, b"x", key=b"x")
    await asyncio.sleep(0.1)
    await stop_quietly(producer)
    assert asyncio.all_tasks() - before == set()
