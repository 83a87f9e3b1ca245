"""Events that come too early wait, keep their order, and are given up after a day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kinetic.common import dead_letters, inbox, waiting
from kinetic.common.database import Transaction
from kinetic.common.doors import Door
from kinetic.common.events import Emission, Envelope, seal
from kinetic.common.housekeeping import offer_again
from tests.support.counting import Bench, Noted, count

known: set[str] = set()


async def count_known(tx: Transaction, events: Sequence[Envelope[Any]]) -> None:
    """Count the names that are known; the others wait for theirs."""
    ready = await waiting.hold_back(tx, events, lambda noted: None if noted.name in known else f"name/{noted.name}")
    await count(tx, ready)


async def note(bench: Bench, *pairs: tuple[str, int]) -> None:
    """Hand events to the handler as the batch loop does."""
    async with bench.database.transaction() as tx:
        now = await tx.now()
        events = [seal(Emission(Noted(name=name, number=number)), "/test", now) for name, number in pairs]
        ready = await waiting.keep_ready(tx, bench.noted, await inbox.keep_unseen(tx, events))
        await count_known(tx, ready)


async def offer_all(bench: Bench) -> None:
    door = Door(bench.noted, (Noted,), count_known)
    offered = 1
    while offered:
        async with bench.database.transaction() as tx:
            offered = await offer_again({bench.noted: door}, tx)


async def numbers(bench: Bench) -> list[int]:
    return [number for _, number, _ in await bench.ledger()]


async def test_an_event_is_taken_up_when_what_it_waits_for_arrives(bench: Bench) -> None:
    known.clear()
    await note(bench, ("late", 1))
    await offer_all(bench)
    assert await numbers(bench) == []
    known.add("late")
    async with bench.database.transaction() as tx:
        await waiting.wake(tx, ["name/late"])
    await offer_all(bench)
    assert await numbers(bench) == [1]
    async with bench.database.transaction() as tx:
        assert await waiting.counts(tx) == {}


async def test_later_events_of_the_key_wait_behind_it_and_keep_their_order(bench: Bench) -> None:
    known.clear()
    await note(bench, ("late", 1))
    known.add("late")
    await note(bench, ("late", 2), ("other", 7), ("late", 3))
    assert await numbers(bench) == []
    known.add("other")
    async with bench.database.transaction() as tx:
        await waiting.wake(tx, ["name/late", "name/other"])
    await offer_all(bench)
    assert [n for n in await numbers(bench) if n < 7] == [1, 2, 3]


async def test_later_events_of_the_same_batch_wait_behind_it_too(bench: Bench) -> None:
    async with bench.database.transaction() as tx:
        now = await tx.now()
        events: list[Envelope[Any]] = [
            seal(Emission(Noted(name="key", number=number)), "/test", now) for number in (1, 2, 3)
        ]
        ready = await waiting.hold_back(tx, events, lambda noted: "name/two" if noted.number == 2 else None)
        assert [event.data.number for event in ready] == [1]
        assert [row["waits_for"] for row in await tx.fetch("SELECT waits_for FROM waiting WHERE key = 'key'")] == [
            "name/two",
            "name/two",
        ]


async def test_other_keys_pass(bench: Bench) -> None:
    known.clear()
    known.add("known")
    await note(bench, ("late", 1), ("known", 5))
    assert await numbers(bench) == [5]


async def test_an_event_that_waits_again_waits_longer(bench: Bench) -> None:
    known.clear()
    await note(bench, ("never", 1))
    pauses = []
    for _ in range(4):
        async with bench.database.transaction() as tx:
            await tx.execute("UPDATE waiting SET due_at = clock_timestamp()")
        await offer_all(bench)
        async with bench.database.transaction() as tx:
            pauses.append(await tx.fetch_value("SELECT due_at - clock_timestamp() FROM waiting"))
    assert pauses == sorted(pauses)
    assert pauses[-1] > 2 * pauses[0]


async def test_after_a_day_it_is_dead_lettered_with_what_it_waited_for(bench: Bench) -> None:
    known.clear()
    await note(bench, ("never", 1))
    async with bench.database.transaction() as tx:
        assert await waiting.give_up_overdue(tx) == 0
        await tx.execute("UPDATE waiting SET since = since - interval '25 hours'")
        assert await waiting.give_up_overdue(tx) == 1
        (letter,) = await dead_letters.latest(tx, 10)
    assert "name/never" in letter["cause"]


async def test_an_event_whose_handler_fails_holds_up_its_own_key_only(bench: Bench) -> None:
    known.clear()
    await note(bench, ("poison", 1), ("late", 2))
    known.update({"poison", "late"})

    async def refuse_poison(tx: Transaction, events: Sequence[Envelope[Any]]) -> None:
        if any(event.data.name == "poison" for event in events):
            raise LookupError("not this one")
        await count(tx, events)

    async with bench.database.transaction() as tx:
        await waiting.wake(tx, ["name/poison", "name/late"])
    door = Door(bench.noted, (Noted,), refuse_poison)
    for _ in range(3):
        async with bench.database.transaction() as tx:
            await offer_again({bench.noted: door}, tx)
    assert await numbers(bench) == [2]
    async with bench.database.transaction() as tx:
        assert "not this one" in await tx.fetch_value("SELECT waits_for FROM waiting")
