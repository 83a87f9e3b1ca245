"""No body makes a door fall over: JSON is strict and every body is bounded."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from kinetic.common.web import MAX_JSON_DEPTH, api_router, create_app, parse_json, read_json

LIMIT = 100_000


class People(BaseModel):
    people: list[str]
    notes: dict[str, int] = {}


doors = api_router(prefix="/v1")


@doors.post("/people")
async def add_people(people: People) -> People:
    return people


@doors.post("/anything")
async def add_anything(anything: dict[str, Any]) -> dict[str, Any]:
    return anything


@doors.post("/raw")
async def add_raw(request: Request) -> int:
    return len(await request.body())


@pytest.fixture(scope="module")
def app() -> FastAPI:
    app = create_app("Test", "1", "Doors", service="test-web", max_body_bytes=LIMIT)
    app.include_router(doors, prefix="/api")
    return app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://kinetic/api/v1") as client:
        yield client


def problem_of(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"].startswith("/problems/") or problem["type"] == "about:blank"
    assert problem["title"]
    return problem


async def post(client: httpx.AsyncClient, path: str, body: bytes) -> httpx.Response:
    return await client.post(path, content=body, headers={"content-type": "application/json"})


MALFORMED = {
    "no JSON": b"{",
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": -Infinity}',
    "beyond a double": b'{"a": 1e400}',
    "beyond any number": b'{"a": ' + b"9" * 9000 + b"}",
    "lone surrogate": b'{"a": "\\ud800"}',
    "lone surrogate in a key": b'{"\\udfff": 1}',
    "invalid UTF-8": b'{"a": "\xff"}',
    "surrogate in UTF-8": b'{"a": "\xed\xa0\x80"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "deep array": b'{"a": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "deep object": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "deep enough for a parser alone": b'{"a": ' + b"[" * 1000 + b"]" * 1000 + b"}",
    "never closed": b"[" * 50_000,
}


@pytest.mark.parametrize("name", MALFORMED)
async def test_what_is_no_strict_json_is_malformed(client: httpx.AsyncClient, name: str) -> None:
    problem = problem_of(await post(client, "anything", MALFORMED[name]))

    assert (problem["status"], problem["type"]) == (400, "/problems/malformed")


async def test_deep_but_bearable_json_is_taken(client: httpx.AsyncClient) -> None:
    body = b'{"a":' + b"[" * 200 + b"]" * 200 + b"}"

    answer = await post(client, "anything", body)

    assert (answer.status_code, answer.content) == (200, body)


@pytest.mark.parametrize("number", [b"9" * 19, b"9" * 30, b"-" + b"9" * 300, b"1e308", b"-0", b"0.1e-999"])
async def test_no_number_breaks_a_door(client: httpx.AsyncClient, number: bytes) -> None:
    for path, body in (("anything", b'{"a":%s}' % number), ("people", b'{"people":[],"notes":{"a":%s}}' % number)):
        assert (await post(client, path, body)).status_code in (200, 422)


@pytest.mark.parametrize(("opening", "end", "closing"), [(b"[", b"", b"]"), (b'{"":', b"0", b"}")])
@pytest.mark.parametrize(("read", "most"), [(read_json, MAX_JSON_DEPTH), (parse_json, 1024)])
def test_a_level_too_many_is_told_however_short_the_body_is(
    read: Callable[[bytes], object], most: int, opening: bytes, end: bytes, closing: bytes
) -> None:
    read(opening * most + end + closing * most)
    with pytest.raises(json.JSONDecodeError, match=r"nested too deeply|depth limit"):
        read(opening * (most + 1) + end + closing * (most + 1))


async def test_of_a_key_that_stands_twice_the_last_wins() -> None:
    assert read_json(b'{"a": 1, "a": 2}') == {"a": 2}


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200) | st.text(alphabet='{}[]",:\\ud80019aeN-.', max_size=60).map(str.encode))
async def test_no_body_breaks_a_door(client: httpx.AsyncClient, body: bytes) -> None:
    for path in ("anything", "people"):
        answer = await post(client, path, body)
        assert answer.status_code in (200, 400, 422)
        json.loads(answer.content)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "multipart/form-data", "x", "", "application/jsonx"]
)
async def test_a_body_that_is_not_declared_as_json_is_unsupported(client: httpx.AsyncClient, content_type: str) -> None:
    answer = await client.post("people", content=b'{"people":[]}', headers={"content-type": content_type})

    assert problem_of(answer)["status"] == 415


async def test_a_body_without_a_content_type_is_unsupported(client: httpx.AsyncClient) -> None:
    assert problem_of(await client.post("people", content=b'{"people":[]}'))["status"] == 415


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON", "application/x+json"])
async def test_every_kind_of_json_is_taken(client: httpx.AsyncClient, content_type: str) -> None:
    answer = await client.post("people", content=b'{"people":[]}', headers={"content-type": content_type})

    assert answer.status_code == 200


async def test_a_missing_body_is_invalid(client: httpx.AsyncClient) -> None:
    assert problem_of(await client.post("people"))["status"] == 422


async def test_a_body_of_exactly_the_limit_is_taken(client: httpx.AsyncClient) -> None:
    assert (await client.post("raw", content=b"x" * LIMIT)).json() == LIMIT


async def test_a_body_that_says_it_is_too_large_is_not_read(client: httpx.AsyncClient) -> None:
    async def never() -> AsyncIterator[bytes]:
        pytest.fail("the body was read")
        yield b""

    answer = await client.post("raw", content=never(), headers={"content-length": str(LIMIT + 1)})

    assert problem_of(answer)["status"] == 413


@pytest.mark.parametrize("path", ["raw", "people", "anything"])
async def test_a_body_that_grows_too_large_is_cut(client: httpx.AsyncClient, path: str) -> None:
    read = 0

    async def long() -> AsyncIterator[bytes]:
        nonlocal read
        while read < 100 * LIMIT:
            read += 10_000
            yield b" " * 10_000

    answer = await client.post(path, content=long(), headers={"content-type": "application/json"})

    assert problem_of(answer)["status"] == 413
    assert read <= LIMIT + 10_000


async def test_a_content_length_that_lies_does_not_get_past_the_limit(client: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 10_000

    answer = await client.post("raw", content=chunks(), headers={"content-length": "10"})

    assert problem_of(answer)["status"] == 413


@pytest.fixture
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The application behind a real server."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells it in no other way
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/api/v1"
    server.should_exit = True
    await serving


@pytest.mark.parametrize("is_chunked", [True, False])
async def test_a_real_client_reads_the_refusal_of_a_large_body(served: str, is_chunked: bool) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b" " * 100_000

    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{served}/raw", content=chunks() if is_chunked else b" " * 5_000_000)

    assert problem_of(answer)["status"] == 413
