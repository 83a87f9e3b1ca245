"""Every error is a problem document that names what is wrong and quotes nothing."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from typing import Annotated, Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI, Header, HTTPException, Query, Response
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import BaseModel, Field, field_validator

from kinetic.common import telemetry
from kinetic.common.database import DatabaseUnavailable
from kinetic.common.logs import LOGGED
from kinetic.common.problems import MAX_ERRORS, Fault, Problem
from kinetic.common.web import api_router, create_app

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Cat(BaseModel):
    lives: int


class Dog(BaseModel):
    tricks: list[str]


class Person(BaseModel):
    email: str = Field(min_length=3)
    pet: Cat | Dog | None = None

    @field_validator("email")
    @classmethod
    def _refuse_nul(cls, email: str) -> str:
        if "\x00" in email:
            raise ValueError("must not contain the NUL character")
        return email


class People(BaseModel):
    people: list[Person]
    notes: dict[str, int] = {}


FAILURES: dict[str, Exception] = {
    "refused": ConnectionRefusedError("no"),
    "many-addresses": OSError("Multiple exceptions: [Errno 111]"),
    "late": TimeoutError(),
    "no-connection": DatabaseUnavailable("no"),
    "too-many": asyncpg.TooManyConnectionsError("no"),
    "starting": asyncpg.CannotConnectNowError("no"),
    "stopping": asyncpg.AdminShutdownError("no"),
    "gone": asyncpg.ConnectionDoesNotExistError("no"),
    "deadlock": asyncpg.DeadlockDetectedError("no"),
    "standby": asyncpg.ReadOnlySQLTransactionError("no"),
    "closed": asyncpg.InterfaceError("connection is closed"),
    "closing": asyncpg.InterfaceError("pool is closing"),
    "nul": asyncpg.CharacterNotInRepertoireError("invalid byte sequence 0x00"),
    "range": asyncpg.DataError("invalid input for query argument $1: anna (value out of int64 range)"),
    "misuse": asyncpg.InterfaceError("the server expects 1 argument"),
    "bug": KeyError("anna@example.com"),
}


doors = api_router(prefix="/v1")


@doors.post("/people")
async def add_people(people: People) -> People:
    return people


@doors.get("/things/{thing}")
async def read_thing(
    thing: int, limit: Annotated[int, Query(le=100)] = 10, x_level: Annotated[int, Header()] = 0
) -> int:
    return thing


@doors.delete("/things/{thing}", status_code=204)
async def remove_thing(thing: int) -> None:
    pass


@doors.get("/fails/{name}")
async def fail(name: str) -> None:
    raise FAILURES[name]


@doors.get("/gone")
async def refuse_plainly() -> None:
    raise HTTPException(410, "it left")


@doors.get("/rule")
async def refuse_by_rule() -> None:
    raise Problem(
        409, "Already answered", "The nudge was dismissed.", slug="already-answered", errors=[Fault("#/a", "b")]
    )


@doors.get("/unreachable")
async def connect_to_nothing() -> None:
    await asyncpg.connect(host="127.0.0.1", port=9, user="x", password="x")


@pytest.fixture(scope="module")
def app() -> FastAPI:
    app = create_app("Test", "1", "Doors", service="test-problems")
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


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(sampler=telemetry.sampler_of(1.0))
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "_tracer", provider.get_tracer("test"))
    return exporter


async def test_a_wrong_field_is_named_by_a_json_pointer(client: httpx.AsyncClient) -> None:
    body = {"people": [{"email": "a@b"}, {"email": ""}, {}, {"email": "a\x00b"}], "notes": {"a/b~c d": "x"}}

    problem = problem_of(await client.post("people", json=body))

    assert problem["status"] == 422
    assert problem["type"] == "/problems/invalid"
    assert [(error["in"], error["pointer"]) for error in problem["errors"]] == [
        ("body", "#/people/1/email"),
        ("body", "#/people/2/email"),
        ("body", "#/people/3/email"),
        ("body", "#/notes/a~1b~0c%20d"),
    ]
    assert problem["errors"][2]["detail"] == "must not contain the NUL character"


async def test_a_pointer_names_only_what_the_caller_sent(client: httpx.AsyncClient) -> None:
    problem = problem_of(await client.post("people", json={"people": [{"email": "a@b", "pet": {"lives": "nine"}}]}))

    pointers = {error["pointer"] for error in problem["errors"]}
    assert pointers == {"#/people/0/pet/lives", "#/people/0/pet/tricks"}


async def test_a_problem_does_not_quote_what_was_sent(client: httpx.AsyncClient) -> None:
    answer = await client.post("people", json={"people": "anna@example.com"})

    assert answer.status_code == 422
    assert "anna" not in answer.text


async def test_ten_thousand_faults_make_a_short_problem(client: httpx.AsyncClient) -> None:
    problem = problem_of(await client.post("people", json={"people": [{}] * 10_000}))

    assert len(problem["errors"]) == MAX_ERRORS
    assert problem["detail"] == "10000 places are wrong."


async def test_a_long_key_makes_a_short_pointer(client: httpx.AsyncClient) -> None:
    answer = await client.post("people", json={"people": [], "notes": {"x" * 50_000: "?"}})

    assert problem_of(answer)["status"] == 422
    assert len(answer.content) < 1000


async def test_wrong_parameters_are_named_by_where_they_stand(client: httpx.AsyncClient) -> None:
    problem = problem_of(await client.get("things/x", params={"limit": 101}, headers={"x-level": "high"}))

    assert sorted((error["in"], error["pointer"]) for error in problem["errors"]) == [
        ("header", "#/x-level"),
        ("path", "#/thing"),
        ("query", "#/limit"),
    ]


@pytest.mark.parametrize("path", ["nothing", "people/", "things/1/2", "%00", "%ff"])
async def test_an_unknown_path_is_not_found(client: httpx.AsyncClient, path: str) -> None:
    assert problem_of(await client.get(path))["status"] == 404


async def test_a_wrong_method_is_told_the_right_ones(client: httpx.AsyncClient) -> None:
    answer = await client.put("things/1")

    assert problem_of(answer)["status"] == 405
    assert answer.headers["allow"] == "DELETE, GET"


async def test_an_ordinary_http_error_is_a_problem_too(client: httpx.AsyncClient) -> None:
    problem = problem_of(await client.get("gone"))

    assert problem == {"type": "about:blank", "title": "Gone", "status": 410, "detail": "it left"}


async def test_a_refusal_by_a_rule_says_which(client: httpx.AsyncClient) -> None:
    assert problem_of(await client.get("rule")) == {
        "type": "/problems/already-answered",
        "title": "Already answered",
        "status": 409,
        "detail": "The nudge was dismissed.",
        "errors": [{"in": "body", "pointer": "#/a", "detail": "b"}],
    }


UNAVAILABLE = [name for name in FAILURES if name not in ("nul", "range", "misuse", "bug")]


@pytest.mark.parametrize("name", UNAVAILABLE)
async def test_a_dependency_that_is_away_is_503_with_retry_after(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.get(f"fails/{name}")

    assert problem_of(answer)["status"] == 503
    assert int(answer.headers["retry-after"]) > 0


async def test_postgres_that_refuses_connections_is_503(client: httpx.AsyncClient) -> None:
    assert problem_of(await client.get("unreachable"))["status"] == 503


@pytest.mark.parametrize("name", ["nul", "range"])
async def test_a_value_that_postgres_refuses_is_invalid(
    client: httpx.AsyncClient, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert problem_of(await client.get(f"fails/{name}"))["status"] == 422
    assert "anna" not in caplog.text


@pytest.mark.parametrize("name", ["misuse", "bug"])
async def test_anything_else_is_500_without_its_cause(
    client: httpx.AsyncClient, spans: InMemorySpanExporter, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    answer = await client.get(f"fails/{name}", headers={"traceparent": TRACEPARENT})

    problem = problem_of(answer)
    assert problem["status"] == 500
    assert problem["trace_id"] == TRACEPARENT.split("-")[1]
    assert str(FAILURES[name].args[0]) not in answer.text
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.exc_info is not None
    assert hasattr(record.exc_info[1], LOGGED)


def test_no_text_breaks_a_problem() -> None:
    response: Response = Problem(409, "Broken \ud800", "\x00").response()

    assert json.loads(bytes(response.body))["title"] == "Broken \ud800"
