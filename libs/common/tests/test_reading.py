"""A record that aiokafka cannot decode stops nobody: it is buried by its place, and everything around it is read."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

from kinetic.common import dead_letters, reading
from kinetic.common.database import Transaction
from kinetic.common.events import Emission, Envelope, headers_of, seal
from kinetic.common.failures import FAILURES_IN_A_ROW_THAT_STOP
from tests.support.counting import Bench, Noted, count, eventually
from tests.support.garbling import write_garbled, write_packed

PARTITIONS = 4


def pairs(names: int, numbers: range) -> list[tuple[str, int]]:
    return [(f"name-{name}", number) for number in numbers for name in range(names)]


async def has_rows(bench: Bench, rows: int) -> bool:
    return len(await bench.ledger()) >= rows


async def origins(bench: Bench) -> set[str]:
    async with bench.database.transaction() as tx:
        return {letter["origin"] for letter in await dead_letters.latest(tx, 500)}


async def test_an_undecodable_record_is_buried_alone_and_nothing_around_it_is_lost(bench: Bench) -> None:
    await bench.note(pairs(8, range(10)))
    for partition in range(PARTITIONS):
        await write_garbled(bench.stack.kafka, bench.noted, partition, [b"poison"])
    await bench.note(pairs(8, range(10, 20)))
    async with bench.replica():
        assert await eventually(lambda: has_rows(bench, 160))
    for name in range(8):
        assert [number for key, number, _ in await bench.ledger() if key == f"name-{name}"] == list(range(20))
    assert len(await origins(bench)) == PARTITIONS


async def test_it_is_named_by_its_place_and_told_of(bench: Bench) -> None:
    await write_garbled(bench.stack.kafka, bench.noted, 2, [b"first"])
    async with bench.replica():

        async def is_buried() -> bool:
            return await origins(bench) == {f"{bench.noted}/2/0"}

        assert await eventually(is_buried)
    async with bench.database.transaction() as tx:
        (letter,) = await dead_letters.latest(tx, 10)
    assert letter["cause"].startswith("undecodable: UnicodeDecodeError")


async def test_no_number_of_undecodable_records_stops_a_partition(bench: Bench) -> None:
    """They are a stranger's, and say nothing about our decoder."""
    many = 2 * FAILURES_IN_A_ROW_THAT_STOP
    for partition in range(PARTITIONS):
        await write_garbled(bench.stack.kafka, bench.noted, partition, [b"poison"] * many)
    await bench.note(pairs(8, range(1)))
    async with bench.replica():
        assert await eventually(lambda: has_rows(bench, 8))
    assert len(await origins(bench)) == PARTITIONS * many


async def test_what_a_stranger_packs_with_a_codec_that_we_lack_is_unpacked_by_the_broker(bench: Bench) -> None:
    async with bench.database.transaction() as tx:
        envelope = seal(Emission(Noted(name="packed", number=1)), "/stranger", await tx.now())
    value = envelope.data.model_dump_json().encode()
    await write_packed(bench.stack.kafka, bench.noted, 0, value, headers_of(envelope))
    async with bench.replica():
        assert await eventually(lambda: has_rows(bench, 1))
    assert await origins(bench) == set()


async def test_a_reader_that_was_busy_is_given_all_that_came_meanwhile_at_once(bench: Bench) -> None:
    batches: list[list[int]] = []
    is_free = asyncio.Event()

    async def count_slowly(tx: Transaction, events: Sequence[Envelope[Any]]) -> None:
        batches.append([event.data.number for event in events])
        await is_free.wait()
        await count(tx, events)

    with patch.object(reading, "GATHER_MS", 10_000):
        async with bench.replica(count_slowly):
            await bench.note([("name", 0)])
            assert await eventually(lambda: _is_begun(batches))
            await bench.note([("name", number) for number in range(1, 30)])
            is_free.set()
            assert await eventually(lambda: has_rows(bench, 30))
    assert batches == [[0], list(range(1, 30))]


async def _is_begun(batches: list[list[int]]) -> bool:
    return bool(batches)
