"""Every request is counted once, continues its caller's trace, and is documented."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Header, Query, Request
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from prometheus_client import REGISTRY
from pydantic import BaseModel

from kinetic.common import telemetry
from kinetic.common.pages import DOCUMENT, PAGE, open_pages
from kinetic.common.problems import PROBLEM_RESPONSES, unavailable
from kinetic.common.web import api_router, create_app

LIMIT = 100_000


TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


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
    raise KeyError("anna@example.com")


@doors.get("/away")
async def be_away() -> None:
    raise unavailable("away")


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


async def test_a_good_request_is_answered(client: httpx.AsyncClient) -> None:
    body = {"people": ["anna"], "notes": {"a": 1}}

    answer = await client.post("people", json=body)

    assert (answer.status_code, answer.json()) == (200, body)


def requests_counted(method: str, route: str, status: str) -> float:
    labels = {"service": "test-web", "method": method, "route": route, "status": status}
    return REGISTRY.get_sample_value("kinetic_http_requests_total", labels) or 0.0


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "things/41", "/api/v1/things/{thing}", "200"),
        ("GET", "things/x", "/api/v1/things/{thing}", "422"),
        ("PUT", "things/41", "/api/v1/things/{thing}", "405"),
        ("GET", "fails/bug", "/api/v1/fails/{name}", "500"),
        ("GET", "anna@example.com", "unmatched", "404"),
    ],
)
async def test_a_request_is_counted_under_the_template_of_its_route(
    client: httpx.AsyncClient, method: str, path: str, route: str, status: str
) -> None:
    before = requests_counted(method, route, status)

    await client.request(method, path)

    assert requests_counted(method, route, status) == before + 1


async def test_an_invented_method_is_written_nowhere(client: httpx.AsyncClient, spans: InMemorySpanExporter) -> None:
    before = requests_counted("other", "/api/v1/people", "405")

    await client.request("ANNA", "people")

    assert requests_counted("other", "/api/v1/people", "405") == before + 1
    assert "ANNA" not in spans.get_finished_spans()[0].to_json()


async def test_a_refused_body_is_counted(client: httpx.AsyncClient) -> None:
    before = requests_counted("POST", "unmatched", "413")

    await client.post("raw", content=b"x" * (LIMIT + 1))

    assert requests_counted("POST", "unmatched", "413") == before + 1


async def test_metrics_are_served(client: httpx.AsyncClient) -> None:
    await client.get("things/41")

    answer = await client.get("http://kinetic/metrics")

    assert answer.status_code == 200
    assert 'kinetic_http_request_seconds_count{route="/api/v1/things/{thing}"}' in answer.text


async def test_probes_are_served_and_not_counted(client: httpx.AsyncClient) -> None:
    for path in ("/livez", "/readyz"):
        assert (await client.get(f"http://kinetic{path}")).status_code == 200
        assert requests_counted("GET", path, "200") == 0


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(sampler=telemetry.sampler_of(1.0))
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "_tracer", provider.get_tracer("test"))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)  # where FastAPI would find it
    return exporter


async def test_a_request_continues_the_trace_of_its_caller(
    client: httpx.AsyncClient, spans: InMemorySpanExporter
) -> None:
    await client.get("things/41?limit=7", headers={"traceparent": TRACEPARENT})

    (span,) = spans.get_finished_spans()
    assert f"{span.context.trace_id:032x}" == TRACEPARENT.split("-")[1]
    assert span.name == "GET /api/v1/things/{thing}"
    assert span.attributes == {
        "http.request.method": "GET",
        "http.route": "/api/v1/things/{thing}",
        "http.response.status_code": 200,
    }


async def test_a_broken_traceparent_does_no_harm(client: httpx.AsyncClient, spans: InMemorySpanExporter) -> None:
    answer = await client.get("things/41", headers={b"traceparent": b"\xff" * 500})

    assert answer.status_code == 200
    assert len(spans.get_finished_spans()) == 1


async def test_a_failed_request_is_marked_in_its_span(client: httpx.AsyncClient, spans: InMemorySpanExporter) -> None:
    await client.get("fails/bug")

    (span,) = spans.get_finished_spans()
    assert not span.status.is_ok
    assert "anna" not in span.to_json()


async def test_an_unavailable_answer_is_marked_in_its_span(
    client: httpx.AsyncClient, spans: InMemorySpanExporter
) -> None:
    await client.get("away")

    (span,) = spans.get_finished_spans()
    assert span.status.status_code is StatusCode.ERROR


def test_every_operation_declares_its_problems_and_none_of_fastapis_own(app: FastAPI) -> None:
    document = app.openapi()

    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len(operations) == 7
    for operation in operations:
        for status in PROBLEM_RESPONSES:
            assert list(operation["responses"][str(status)]["content"]) == ["application/problem+json"]
    assert "HTTPValidationError" not in json.dumps(document)
    assert document["components"]["schemas"]["Problem"]["required"] == ["type", "title", "status"]


async def test_the_document_and_its_page_are_served_when_they_are_opened(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    assert [(await client.get(f"http://kinetic{path}")).status_code for path in (DOCUMENT, PAGE)] == [404, 404]
    open_pages(app)
    answer = await client.get(f"http://kinetic{DOCUMENT}")
    assert answer.json()["info"] == {"title": "Test", "description": "Doors", "version": "1"}
    page = (await client.get(f"http://kinetic{PAGE}")).text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(loaded) == 3
    assert {(await client.get(f"http://kinetic{path}")).status_code for path in loaded} == {200}


async def test_a_router_that_reads_json_loosely_keeps_the_application_from_starting() -> None:
    loose = APIRouter()
    loose.post("/people")(add_people)
    app = create_app("Test", "1", "Doors", service="test-loose")
    app.include_router(loose)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://kinetic") as client:
        with pytest.raises(ValueError, match="api_router"):
            await client.get("/people")


async def test_a_handler_on_the_application_itself_is_strict_too() -> None:
    app = create_app("Test", "1", "Doors", service="test-own")
    app.post("/anything")(add_anything)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://kinetic") as client:
        assert (await post(client, "/anything", b'{"a": NaN}')).status_code == 400
