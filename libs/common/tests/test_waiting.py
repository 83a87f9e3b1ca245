"""Events that come too early wait, keep their order, and are given up after a day."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from kinetic.common import dead_letters, inbox, waiting
from kinetic.common.batches import BatchLoop
from kinetic.common.database import Transaction
from kinetic.common.doors import Door
from kinetic.common.events import Emission, Envelope, seal
from kinetic.common.failures import WHOLE_BATCH_ATTEMPTS
from tests.support.counting import Bench, Noted, count, eventually
from tests.support.offering import loops_of, offer, offer_all

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


async def take_up(bench: Bench) -> None:
    await offer_all(bench.database, [Door(bench.noted, (Noted,), count_known)])


async def make_due(bench: Bench) -> None:
    async with bench.database.transaction() as tx:
        await tx.execute("UPDATE waiting SET due_at = clock_timestamp()")


async def numbers(bench: Bench) -> list[int]:
    return [number for _, number, _ in await bench.ledger()]


async def test_an_event_is_taken_up_when_what_it_waits_for_arrives(bench: Bench) -> None:
    known.clear()
    await note(bench, ("late", 1))
    await take_up(bench)
    assert await numbers(bench) == []
    known.add("late")
    async with bench.database.transaction() as tx:
        await waiting.wake(tx, ["name/late"])
    await take_up(bench)
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
    await take_up(bench)
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


async def test_whoever_wakes_events_locks_them_in_their_order(bench: Bench) -> None:
    """So that two who wake the same events never wait for each other in a circle. On disk the order is another."""
    known.clear()
    await note(bench, ("z", 1), ("a", 2))
    async with bench.database.transaction() as tx:
        await tx.execute("UPDATE waiting SET due_at = clock_timestamp() WHERE key = 'z'")
    async with bench.database.transaction() as holder:
        await holder.execute("SELECT FROM waiting WHERE key = 'z' FOR UPDATE")
        waking = asyncio.create_task(wake_both(bench))
        assert await eventually(lambda: somebody_waits(bench))
        assert await holder.fetch_value("SELECT key FROM waiting WHERE key = 'a' FOR UPDATE SKIP LOCKED") == "a"
    await waking


async def wake_both(bench: Bench) -> None:
    async with bench.database.transaction() as tx:
        await waiting.wake(tx, ["name/a", "name/z"])


async def somebody_waits(bench: Bench) -> bool:
    async with bench.database.transaction() as tx:
        return bool(
            await tx.fetch_value(
                """SELECT EXISTS (SELECT FROM pg_stat_activity
                                  WHERE datname = current_database() AND wait_event_type = 'Lock')"""
            )
        )


async def test_an_event_that_waits_again_waits_longer(bench: Bench) -> None:
    known.clear()
    await note(bench, ("never", 1))
    pauses = []
    for _ in range(4):
        await make_due(bench)
        await take_up(bench)
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


async def refuse_poison(tx: Transaction, events: Sequence[Envelope[Any]]) -> None:
    if any(event.data.name == "poison" and event.data.number == 1 for event in events):
        raise LookupError("not this one")
    await count(tx, events)


async def refuse_everything(tx: Transaction, events: Sequence[Envelope[Any]]) -> None:
    raise LookupError("bad deploy")


async def fail_often(bench: Bench, loops: dict[str, BatchLoop]) -> None:
    for _ in range(2 * WHOLE_BATCH_ATTEMPTS):
        await make_due(bench)
        while await offer(bench.database, loops):
            pass


async def test_an_event_whose_handler_fails_holds_up_its_own_key_only(bench: Bench) -> None:
    known.clear()
    await note(bench, ("poison", 1), ("late", 2))
    await make_due(bench)
    await offer_all(bench.database, [Door(bench.noted, (Noted,), refuse_poison)])
    assert await numbers(bench) == [2]
    async with bench.database.transaction() as tx:
        assert "not this one" in await tx.fetch_value("SELECT waits_for FROM waiting")


async def test_an_event_whose_handler_fails_again_and_again_is_dead_and_its_followers_go_on(bench: Bench) -> None:
    known.clear()
    await note(bench, ("poison", 1), ("poison", 2), ("poison", 3), ("late", 7))
    await fail_often(bench, loops_of(bench.database, [Door(bench.noted, (Noted,), refuse_poison)]))
    assert await numbers(bench) == [7, 2, 3]
    async with bench.database.transaction() as tx:
        (letter,) = await dead_letters.latest(tx, 10)
        assert await tx.fetch_value("SELECT dead FROM inbox WHERE event_id = $1", letter["event_id"])
        assert await waiting.counts(tx) == {}
    assert "not this one" in letter["cause"]


async def test_an_event_that_lacks_something_may_lack_it_often(bench: Bench) -> None:
    known.clear()
    await note(bench, ("late", 1), ("known", 2))
    known.add("known")
    await fail_often(bench, loops_of(bench.database, [Door(bench.noted, (Noted,), count_known)]))
    async with bench.database.transaction() as tx:
        assert await waiting.counts(tx) == {bench.noted: 1}
        assert await dead_letters.latest(tx, 10) == []


async def test_an_event_of_a_topic_that_is_no_longer_read_holds_up_nothing(bench: Bench) -> None:
    known.clear()
    await note(bench, ("one", 1), ("two", 2))
    async with bench.database.transaction() as tx:
        await tx.execute("UPDATE waiting SET topic = 'forgotten', due_at = clock_timestamp() WHERE key = 'one'")
    await make_due(bench)
    known.add("two")
    await take_up(bench)
    assert await numbers(bench) == [2]


async def test_a_bad_deploy_buries_nothing_that_waits(bench: Bench) -> None:
    known.clear()
    await note(bench, ("one", 1), ("two", 2))
    await fail_often(bench, loops_of(bench.database, [Door(bench.noted, (Noted,), refuse_everything)]))
    async with bench.database.transaction() as tx:
        assert await waiting.counts(tx) == {bench.noted: 2}
        assert await dead_letters.latest(tx, 10) == []
