"""The issuer's keys are fetched seldom, by one caller for all, and outlive the issuer's silence for a while."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey, KeySet, RSAKey

from kinetic.common import keys
from kinetic.common.keys import InvalidToken, KeyRing, KeysUnavailable, fetch_keys

RSA = RSAKey.generate_key(2048, {"kid": "rsa-1", "use": "sig"})
NEXT_RSA = RSAKey.generate_key(2048, {"kid": "rsa-2", "use": "sig"})
EC = ECKey.generate_key("P-256", {"kid": "ec-1", "use": "sig"})


class Issuer:
    """A JWK set that can change, fail, or be slow."""

    def __init__(self) -> None:
        self.status = 200
        self.delay_seconds = 0.0
        self.asked = 0
        self.document: Any = None
        self.publish(RSA, EC)

    def publish(self, *keys: RSAKey | ECKey) -> None:
        self.document = KeySet(list(keys)).as_dict(private=False)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        await asyncio.sleep(self.delay_seconds)
        return httpx.Response(self.status, json=self.document)


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
async def http(issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(issuer.answer)) as client:
        yield client


@dataclass
class FakeClock:
    now: float = 10_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def ring(http: httpx.AsyncClient, clock: FakeClock) -> KeyRing:
    return KeyRing(partial(fetch_keys, http, "https://issuer.example/jwks"), clock)


async def test_many_callers_at_once_cause_one_fetch(issuer: Issuer, ring: KeyRing) -> None:
    issuer.delay_seconds = 0.05

    await asyncio.gather(*(ring.find("rsa-1") for _ in range(50)))

    assert issuer.asked == 1


async def test_a_caller_who_comes_late_joins_a_slow_fetch(issuer: Issuer, ring: KeyRing, clock: FakeClock) -> None:
    issuer.delay_seconds = 0.05
    early = asyncio.create_task(ring.find("rsa-1"))
    await asyncio.sleep(0.01)
    clock.now += keys.PAUSE_SECONDS

    await asyncio.gather(early, ring.find("rsa-1"))

    assert issuer.asked == 1


async def test_a_caller_who_leaves_does_not_take_the_fetch_of_the_others_along(issuer: Issuer, ring: KeyRing) -> None:
    issuer.delay_seconds = 0.05
    leaves, stays = asyncio.create_task(ring.find("rsa-1")), asyncio.create_task(ring.find("rsa-1"))
    await asyncio.sleep(0.01)

    leaves.cancel()

    assert (await stays).kid == "rsa-1"


async def test_a_new_key_is_found_when_a_token_names_it(issuer: Issuer, ring: KeyRing, clock: FakeClock) -> None:
    await ring.find("rsa-1")
    issuer.publish(RSA, NEXT_RSA)
    clock.now += keys.PAUSE_SECONDS

    assert (await ring.find("rsa-2")).kid == "rsa-2"


async def test_invented_key_ids_do_not_flood_the_issuer(issuer: Issuer, ring: KeyRing) -> None:
    await ring.find("rsa-1")

    for number in range(20):
        with pytest.raises(InvalidToken):
            await ring.find(f"invented-{number}")

    assert issuer.asked == 1


async def test_old_keys_are_fetched_again_while_requests_go_on(issuer: Issuer, ring: KeyRing, clock: FakeClock) -> None:
    await ring.find("rsa-1")
    issuer.publish(NEXT_RSA)
    clock.now += keys.REFRESH_AFTER_SECONDS + 1

    issuer.delay_seconds = 0.01
    assert (await ring.find("rsa-1")).kid == "rsa-1"
    await asyncio.sleep(0.05)
    assert issuer.asked == 2

    assert (await ring.find("rsa-2")).kid == "rsa-2"
    with pytest.raises(InvalidToken):
        await ring.find("rsa-1")
    assert issuer.asked == 2


async def test_keys_serve_on_while_the_issuer_is_down_but_not_for_ever(
    issuer: Issuer, ring: KeyRing, clock: FakeClock
) -> None:
    await ring.find("rsa-1")
    issuer.status = 500
    clock.now += keys.STALE_AFTER_SECONDS - 1
    assert (await ring.find("rsa-1")).kid == "rsa-1"

    clock.now += 2

    with pytest.raises(KeysUnavailable):
        await ring.find("rsa-1")


async def test_keys_come_back_with_the_issuer(issuer: Issuer, ring: KeyRing, clock: FakeClock) -> None:
    issuer.status = 503
    with pytest.raises(KeysUnavailable):
        await ring.find("rsa-1")

    issuer.status = 200
    clock.now += keys.PAUSE_SECONDS

    assert (await ring.find("rsa-1")).kid == "rsa-1"


@pytest.mark.parametrize("document", ["text", [], {}, {"keys": {}}, {"keys": []}, {"keys": [1, {"kty": "RSA"}]}])
async def test_a_set_without_a_usable_key_counts_as_no_answer(issuer: Issuer, ring: KeyRing, document: Any) -> None:
    issuer.document = document

    with pytest.raises(KeysUnavailable):
        await ring.find("rsa-1")


async def test_one_broken_key_does_not_spoil_the_set(issuer: Issuer, ring: KeyRing) -> None:
    broken = [{"kty": "RSA", "kid": "b1", "n": "!", "e": "!"}, {"kty": "EC", "kid": "b2", "crv": "P-0"}, {"kty": "PQ"}]
    issuer.document["keys"] = [*broken, *issuer.document["keys"]]

    assert (await ring.find("rsa-1")).kid == "rsa-1"


async def test_a_key_for_encryption_verifies_nothing(issuer: Issuer, ring: KeyRing) -> None:
    issuer.document["keys"][0]["use"] = "enc"

    with pytest.raises(InvalidToken):
        await ring.find("rsa-1")
