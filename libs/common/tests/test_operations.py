"""Dead letters are listed, shown and replayed through HTTP, by an admin only."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from kinetic.common import operations, waiting
from kinetic.common.auth import Principal, Role
from kinetic.common.database import Transaction
from kinetic.common.dead_letters import DeadLetter, bury
from kinetic.common.doors import Door, Handle
from kinetic.common.events import Emission, Envelope, headers_of, seal
from kinetic.common.web import create_app
from tests.support.counting import Bench, Noted, count


class NamedTokens:
    """Takes the name of a role for a token. Real tokens are verified in test_auth."""

    async def verify(self, token: str) -> Principal:
        return Principal(token, None, frozenset({Role(token)}))


class Fickle:
    """A handler that fails until it is mended."""

    def __init__(self) -> None:
        self.is_mended = False

    async def __call__(self, tx: Transaction, events: Sequence[Envelope[Any]]) -> None:
        await count(tx, events)
        if not self.is_mended:
            raise LookupError("still broken")


@pytest.fixture
def fickle() -> Fickle:
    return Fickle()


@pytest.fixture
async def http(bench: Bench, fickle: Fickle) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(bench, fickle) as client:
        yield client


@asynccontextmanager
async def client_of(bench: Bench, handle: Handle) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app("Counting", "1", "How many?", service="counting")
    app.include_router(operations.router)
    app.state.database, app.state.verifier = bench.database, NamedTokens()
    app.state.doors = {bench.noted: Door(bench.noted, (Noted,), handle)}
    transport = httpx.ASGITransport(app)
    admin = {"Authorization": "Bearer admin"}
    async with httpx.AsyncClient(transport=transport, base_url="http://counting", headers=admin) as client:
        yield client


async def bury_one(bench: Bench) -> str:
    async with bench.database.transaction() as tx:
        envelope = seal(Emission(Noted(name="poison", number=1)), "/test", await tx.now())
        letter = DeadLetter(
            origin=f"{bench.noted}/0/7",
            topic=bench.noted,
            key="poison",
            headers=headers_of(envelope),
            value=envelope.data.model_dump_json().encode(),
            event_id=envelope.id,
            cause="LookupError: broken",
        )
        await bury(tx, [letter])
        letter_id: str = await tx.fetch_value("SELECT dead_letter_id FROM dead_letter")
    return letter_id


async def test_a_dead_letter_is_shown_whole(bench: Bench, http: httpx.AsyncClient) -> None:
    letter_id = await bury_one(bench)
    (listed,) = (await http.get("/dead-letters")).json()
    assert listed["cause"] == "LookupError: broken"
    shown = (await http.get(f"/dead-letters/{letter_id}")).json()
    assert shown["headers"]["ce_type"] == Noted.type
    assert '"number":1' in shown["value"]


async def test_a_replay_that_fails_again_says_why_and_changes_nothing(bench: Bench, http: httpx.AsyncClient) -> None:
    letter_id = await bury_one(bench)
    answer = await http.post(f"/dead-letters/{letter_id}/replay")
    assert answer.status_code == 422
    assert "still broken" in answer.json()["detail"]
    assert await bench.ledger() == []


async def test_a_replay_takes_effect_once(bench: Bench, http: httpx.AsyncClient, fickle: Fickle) -> None:
    letter_id = await bury_one(bench)
    fickle.is_mended = True
    assert (await http.post(f"/dead-letters/{letter_id}/replay")).json()["outcome"] == "handled"
    assert (await http.post(f"/dead-letters/{letter_id}/replay")).status_code == 409
    assert await bench.ledger() == [("poison", 1, 1)]


async def test_a_replay_whose_event_has_to_wait_says_so(bench: Bench) -> None:
    async def let_wait(tx: Transaction, events: Sequence[Envelope[Any]]) -> None:
        await waiting.hold_back(tx, events, lambda _: "name/late")

    letter_id = await bury_one(bench)
    async with client_of(bench, let_wait) as http:
        answer = await http.post(f"/dead-letters/{letter_id}/replay")
    assert answer.json()["outcome"] == "waiting"
    async with bench.database.transaction() as tx:
        assert await waiting.counts(tx) == {bench.noted: 1}


async def test_a_letter_that_was_unreadable_is_handled_once_it_can_be_read(
    bench: Bench, http: httpx.AsyncClient, fickle: Fickle
) -> None:
    """It had no id when it was buried, since nothing could be read of it."""
    fickle.is_mended = True
    async with bench.database.transaction() as tx:
        envelope = seal(Emission(Noted(name="garbled", number=1)), "/test", await tx.now())
        value = envelope.data.model_dump_json().encode()
        origin = f"{bench.noted}/0/9"
        await bury(tx, [DeadLetter(origin, bench.noted, "garbled", headers_of(envelope), value, None, "unreadable: x")])
        letter_id = await tx.fetch_value("SELECT dead_letter_id FROM dead_letter")
    assert (await http.post(f"/dead-letters/{letter_id}/replay")).status_code == 200
    assert await bench.ledger() == [("garbled", 1, 1)]


async def test_only_an_admin_may_look_and_replay(bench: Bench, http: httpx.AsyncClient) -> None:
    letter_id = await bury_one(bench)
    for role in ("manager", "learning", "service"):
        headers = {"Authorization": f"Bearer {role}"}
        assert (await http.get("/dead-letters", headers=headers)).status_code == 403
        assert (await http.post(f"/dead-letters/{letter_id}/replay", headers=headers)).status_code == 403


async def test_an_unknown_dead_letter_is_404(http: httpx.AsyncClient) -> None:
    assert (await http.get("/dead-letters/0199f000-0000-7000-8000-000000000001")).status_code == 404


async def test_a_record_too_large_to_be_told_is_kept_whole(bench: Bench) -> None:
    value = b"x" * 3_900_000
    async with bench.database.transaction() as tx:
        await bury(tx, [DeadLetter(f"{bench.noted}/0/1", bench.noted, "big", {}, value, None, "unreadable: x")])
        assert await tx.fetch_value("SELECT value IS NULL FROM outbox")
        assert await tx.fetch_value("SELECT length(value) FROM dead_letter") == len(value)


async def test_a_letter_is_told_within_bounds_whatever_a_stranger_wrote(bench: Bench) -> None:
    """Its value and its headers would fit, each by itself."""
    many = {f"ce_x{number}": "\u00e9" * 4000 for number in range(400)}
    headers = {**many, "ce_type": Noted.type, "traceparent": "x"}
    async with bench.database.transaction() as tx:
        await bury(
            tx, [DeadLetter(f"{bench.noted}/0/1", bench.noted, "k" * 4000, headers, b"x" * 2_900_000, None, "x")]
        )
        told = await tx.fetch_one("SELECT headers, value FROM outbox")
        kept = await tx.fetch_one("SELECT headers, length(value) AS size FROM dead_letter")
    assert told is not None
    assert kept is not None
    assert set(told["headers"]) == {"ce_type", "dead_origin", "dead_cause"}
    assert told["value"] is None
    assert kept["headers"].keys() == headers.keys()
    assert kept["size"] == 2_900_000
