"""A door lets in whom it names, and tells everybody else why not."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import pytest
from fastapi import Depends

from kinetic.common.auth import Principal, Role, Verifier, require
from kinetic.common.keys import InvalidToken
from kinetic.common.web import create_app

CALLERS = {"anna": {Role.MANAGER}, "lena": {Role.LEARNING}, "robot": {Role.SERVICE, Role.MANAGER}}


class FakeVerifier:
    """Takes a name for a token."""

    async def verify(self, token: str) -> Principal:
        if token not in CALLERS:
            raise InvalidToken("the token has expired")
        return Principal(token, None, frozenset(CALLERS[token]))


@pytest.mark.parametrize(
    ("roles", "named", "passes"),
    [
        ({Role.MANAGER}, (Role.MANAGER,), True),
        ({Role.LEARNING}, (Role.MANAGER, Role.LEARNING), True),
        ({Role.LEARNING}, (Role.MANAGER,), False),
        (set(), (Role.MANAGER,), False),
        (set(), (), True),
        ({Role.SERVICE}, (Role.SERVICE,), True),
        ({Role.SERVICE}, (), False),
        ({Role.SERVICE, Role.MANAGER}, (Role.MANAGER,), False),
    ],
)
def test_a_door_takes_the_roles_it_names_and_no_service_in_a_managers_place(
    roles: set[Role], named: tuple[Role, ...], passes: bool
) -> None:
    assert Principal("u1", None, frozenset(roles)).may_pass(named) is passes


def client_of(verifier: Verifier | FakeVerifier) -> httpx.AsyncClient:
    app = create_app("Test", "1", "Doors", service="test-require")
    app.state.verifier = verifier
    app.get("/mine")(read_mine)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://kinetic")


async def read_mine(caller: Annotated[Principal, Depends(require(Role.MANAGER))]) -> dict[str, str]:
    return {"subject": caller.subject}


@pytest.fixture
async def door() -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(FakeVerifier()) as client:
        yield client


@pytest.fixture
async def guarded_door() -> AsyncIterator[httpx.AsyncClient]:
    """A door whose verifier is real, and whose issuer does not answer."""
    async with httpx.AsyncClient() as http, client_of(Verifier("i", "a", "http://127.0.0.1:9/jwks", http)) as client:
        yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_manager_gets_in(door: httpx.AsyncClient) -> None:
    answer = await door.get("/mine", headers=bearer("anna"))

    assert (answer.status_code, answer.json()) == (200, {"subject": "anna"})


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer"}])
async def test_a_request_without_a_token_is_told_to_bring_one(door: httpx.AsyncClient, headers: dict[str, str]) -> None:
    answer = await door.get("/mine", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="kinetic"'
    assert answer.json()["type"] == "/problems/unauthenticated"


async def test_a_refused_token_is_told_why(door: httpx.AsyncClient) -> None:
    answer = await door.get("/mine", headers=bearer("nobody"))

    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert answer.json()["detail"] == "The token is refused: the token has expired."


@pytest.mark.parametrize("token", ["a.b.c", '"', "\\", "é", "x y", "\x7f"])
async def test_no_token_breaks_the_answer(guarded_door: httpx.AsyncClient, token: str) -> None:
    answer = await guarded_door.get("/mine", headers={b"Authorization": b"Bearer " + token.encode("latin-1")})

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("name", ["lena", "robot"])
async def test_a_caller_whom_the_door_does_not_name_is_forbidden(door: httpx.AsyncClient, name: str) -> None:
    answer = await door.get("/mine", headers=bearer(name))

    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


async def test_a_silent_issuer_is_no_fault_of_the_caller(guarded_door: httpx.AsyncClient) -> None:
    header = base64.urlsafe_b64encode(b'{"alg":"RS256","kid":"k1"}').rstrip(b"=").decode()

    answer = await guarded_door.get("/mine", headers=bearer(f"{header}.e30.c2ln"))

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


def test_the_document_shows_which_doors_want_a_token() -> None:
    app = create_app("Test", "1", "Doors", service="test-require")
    app.get("/mine")(read_mine)

    document = app.openapi()

    assert document["paths"]["/mine"]["get"]["security"] == [{"bearer": []}]
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
