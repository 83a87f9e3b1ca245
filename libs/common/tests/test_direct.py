"""The short way to routes that read their requests themselves: the same answers, without FastAPI's search for them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Request, Response
from prometheus_client import REGISTRY

from kinetic.common.direct import DirectRoute
from kinetic.common.problems import Problem
from kinetic.common.web import create_app

direct, others = APIRouter(prefix="/doors", route_class=DirectRoute), APIRouter()


@direct.post("/{name}")
async def enter(request: Request, name: str) -> Response:
    if name == "shut":
        raise Problem(429, "Too many requests", headers={"Retry-After": "3"})
    if name == "broken":
        raise RuntimeError("nobody expected this")
    return Response(f"{name} {len(await request.body())}", status_code=202)


@others.get("/elsewhere")
async def elsewhere() -> str:
    return "here"


def client_of(app: Any) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://door")


@pytest.fixture
def app() -> Any:
    return create_app("doors", "1", "", service="doors", routers=(direct, others))


async def test_a_direct_route_answers_without_the_router(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def lost(*_: Any) -> None:
        raise AssertionError("the router was asked")

    async with client_of(app) as http:
        assert (await http.get("/elsewhere")).json() == "here"
        monkeypatch.setattr(type(app.router), "__call__", lost)
        monkeypatch.setattr(type(app.router), "app", lost)
        answer = await http.post("/doors/a%20name", content=b"123")
        assert (answer.status_code, answer.text) == (202, "a name 3")
        assert (await http.get("/elsewhere")).status_code == 500


async def test_its_errors_are_problems_as_all_others_are(app: Any) -> None:
    async with client_of(app) as http:
        shut, broken = await http.post("/doors/shut"), await http.post("/doors/broken")
    assert (shut.status_code, shut.headers["Retry-After"]) == (429, "3")
    assert (broken.status_code, broken.json()["title"]) == (500, "Something went wrong on our side")
    assert {answer.headers["content-type"] for answer in (shut, broken)} == {"application/problem+json"}


async def test_what_no_direct_route_takes_is_looked_up(app: Any) -> None:
    async with client_of(app) as http:
        assert (await http.get("/doors/a")).status_code == 405
        assert (await http.post("/doors/a/b")).status_code == 404
        assert (await http.post("/doors")).status_code == 404


async def test_it_is_counted_under_its_route(app: Any) -> None:
    def counted() -> float:
        labels = {"service": "doors", "method": "POST", "route": "/doors/{name}", "status": "202"}
        return REGISTRY.get_sample_value("kinetic_http_requests_total", labels) or 0.0

    before = counted()
    async with client_of(app) as http:
        await http.post("/doors/a")
    assert counted() == before + 1


def test_it_stands_in_the_openapi_document(app: Any) -> None:
    assert list(app.openapi()["paths"]["/doors/{name}"]) == ["post"]
