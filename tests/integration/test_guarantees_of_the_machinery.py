"""Each mechanism of the machinery, on and off: off, the checker must see the violation that it prevents.

The table in docs/guarantees.md names these tests.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from kinetic.common.database import Transaction
from kinetic.common.events import Envelope
from tests.support import switches
from tests.support.counting import Bench, count, counting, eventually
from tests.support.databases import Templates
from tests.support.stack import Backends
from tests.support.switches import settle, switched

on_and_off = pytest.mark.parametrize("off", [False, True], ids=["on", "off"])


@pytest.fixture
async def bench(stack: Backends, templates: Templates) -> AsyncIterator[Bench]:
    async with counting(stack, templates) as bench:
        yield bench


def numbered(names: int, each: int) -> list[tuple[str, int]]:
    return [(f"name-{n}", number) for number in range(each) for n in range(names)]


async def ledger_reaches(bench: Bench, rows: int) -> bool:
    return len(await bench.ledger()) >= rows


def doubled(effects: Sequence[tuple[str, int, int]]) -> int:
    """How many events took effect more than once."""
    return sum(times - 1 for times in Counter((name, number) for name, number, _ in effects).values())


async def outbox_is_empty(bench: Bench) -> bool:
    async with bench.database.transaction() as tx:
        return bool(await tx.fetch_value("SELECT NOT EXISTS (SELECT FROM outbox)"))


@on_and_off
async def test_the_inbox_keeps_a_redelivered_event_from_counting_twice(bench: Bench, off: bool) -> None:
    envelopes = await bench.note(numbered(2, 3))
    await bench.write(envelopes)
    with switched(off, switches.without_inbox):
        async with bench.replica():
            assert await eventually(lambda: ledger_reaches(bench, 6))
            await settle()
    assert (doubled(await bench.ledger()) > 0) is off


@on_and_off
async def test_the_outbox_tells_nothing_of_a_transaction_that_rolled_back(bench: Bench, off: bool) -> None:
    failures = 0

    async def fail_twice(tx: Transaction, events: Sequence[Envelope[Any]]) -> None:
        nonlocal failures
        await count(tx, events)
        if failures < 2:
            failures += 1
            raise LookupError("not yet")

    await bench.note(numbered(1, 5))
    with switched(off, lambda: switches.without_outbox_in_the_transaction(bench.database)):
        async with bench.replica(fail_twice), bench.relay():
            assert await eventually(lambda: ledger_reaches(bench, 5))
            assert await eventually(lambda: outbox_is_empty(bench))
            await settle()
    told = await bench.read_all(bench.counted)
    assert (len(told) > 5) is off


@on_and_off
async def test_the_aggregate_lock_makes_one_replica_see_what_the_other_decided(bench: Bench, off: bool) -> None:
    """Two batches about one key at once: without the lock both count from the same old state."""
    first, second = [await bench.note([("shared", number)]) for number in (0, 1)]

    async def decide(events: Sequence[Envelope[Any]]) -> None:
        async with bench.database.transaction() as tx:
            await count(tx, events)
            await asyncio.sleep(0.3)

    with switched(off, switches.without_aggregate_lock):
        await asyncio.gather(decide(first), decide(second))
    totals = sorted(total for _, _, total in await bench.ledger())
    assert (totals != [1, 2]) is off


@on_and_off
async def test_the_shard_lock_lets_one_relay_at_a_time_tell_a_key(bench: Bench, off: bool) -> None:
    with switched(off, switches.without_shard_lock):
        async with bench.relay(), bench.relay(), bench.relay():
            await settle(1.5)
            async with bench.database.transaction() as tx:
                await count(tx, await bench.note(numbered(4, 100)))
            assert await eventually(lambda: outbox_is_empty(bench))
            await settle()
    ids = [headers["ce_id"] for headers, _ in await bench.read_all(bench.counted)]
    assert len(set(ids)) == 400
    assert (len(ids) > 400) is off


@on_and_off
async def test_explicit_offsets_bring_back_what_a_crash_interrupted(bench: Bench, off: bool) -> None:
    await bench.note(numbered(3, 3))
    reached = asyncio.Event()

    async def hang(tx: Transaction, events: Sequence[Envelope[Any]]) -> None:
        reached.set()
        await asyncio.sleep(60)

    with switched(off, switches.without_explicit_offsets):
        async with bench.replica(hang) as crashing:
            await asyncio.wait_for(reached.wait(), 20)
            await settle(6.0)  # an automatic commit comes every five seconds
            for task in crashing.subscriber.tasks:
                task.cancel()
        async with bench.replica():
            came_back = await eventually(lambda: ledger_reaches(bench, 9), seconds=8)
    assert came_back is not off


@on_and_off
async def test_rewinding_every_partition_loses_nothing_when_a_batch_fails(bench: Bench, off: bool) -> None:
    await bench.note(numbered(8, 10))
    has_failed = False

    async def fail_once(tx: Transaction, events: Sequence[Envelope[Any]]) -> None:
        nonlocal has_failed
        await count(tx, events)
        if not has_failed and len({event.data.name for event in events}) > 4:
            has_failed = True
            raise LookupError("not yet")

    with switched(off, switches.without_rewind_of_all_partitions):
        async with bench.replica(fail_once):
            complete = await eventually(lambda: ledger_reaches(bench, 80), seconds=8)
    assert has_failed
    assert complete is not off


@on_and_off
async def test_savepoints_leave_no_trace_of_the_record_that_failed(bench: Bench, off: bool) -> None:
    async def fail_on_three_after_writing(tx: Transaction, events: Sequence[Envelope[Any]]) -> None:
        await count(tx, events)
        if any(event.data.number == 3 for event in events):
            raise LookupError("three")

    await bench.note(numbered(1, 6))
    with switched(off, switches.without_savepoints):
        async with bench.replica(fail_on_three_after_writing):
            assert await eventually(lambda: ledger_reaches(bench, 5))
            await settle()
    numbers = [number for _, number, _ in await bench.ledger()]
    assert (3 in numbers) is off
