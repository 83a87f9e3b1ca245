"""A service's refusal is told readably, with the place of each mistake."""

from __future__ import annotations

import httpx
import pytest

from kinetic.cli.doors import ask, read_answer, tell_problem
from kinetic.cli.errors import Refused, Unreachable

MISTAKES = {
    "type": "/problems/invalid",
    "title": "The capability map has mistakes",
    "status": 422,
    "errors": [
        {"in": "body", "pointer": "#/goals/0/kpis/1", "detail": "line 41: no KPI “speed”"},
        {"in": "query", "pointer": "#/limit", "detail": "must be at most 500"},
    ],
}


def answered(status: int, **body: object) -> httpx.Response:
    return httpx.Response(status, request=httpx.Request("PUT", "http://127.0.0.1:8102/capabilities"), **body)  # type: ignore[arg-type]


def test_each_mistake_has_a_line_with_its_place() -> None:
    assert tell_problem(MISTAKES).splitlines() == [
        "422 The capability map has mistakes",
        "  #/goals/0/kpis/1: line 41: no KPI “speed”",
        "  query #/limit: must be at most 500",
    ]


def test_the_trace_of_a_failure_is_told() -> None:
    problem = {"title": "Something went wrong", "status": 500, "detail": "It was recorded.", "trace_id": "abc"}

    assert tell_problem(problem) == "500 Something went wrong: It was recorded.\n  trace abc"


def test_a_refusal_names_the_request_and_keeps_the_status() -> None:
    with pytest.raises(Refused, match=r"PUT http://127.0.0.1:8102/capabilities: 422 The capability map") as refused:
        read_answer(answered(422, json=MISTAKES))

    assert refused.value.status == 422


def test_a_refusal_that_is_no_problem_document_is_told_too() -> None:
    with pytest.raises(Refused, match="502 Bad Gateway upstream is away"):
        read_answer(answered(502, text="upstream is away"))


def test_an_empty_answer_is_an_answer() -> None:
    assert read_answer(answered(204)) is None


def test_nobody_at_the_door_is_told_with_what_to_do() -> None:
    with pytest.raises(Unreachable, match=r"no answer from http://127.0.0.1:1/x .*make run"):
        ask("GET", "http://127.0.0.1:1/x")
