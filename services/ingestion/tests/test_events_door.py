"""`POST /events`: committed before it is answered, told once, refused by name."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from kinetic.contracts import topics

STRUCTURED = {"content-type": "application/cloudevents+json"}
BATCH = {"content-type": "application/cloudevents-batch+json"}


def measurement(event_id: str = "1", team: str = "payments", **fields: Any) -> dict[str, Any]:
    period = {"period_start": "2026-01-01T00:00:00Z", "period_end": "2026-01-08T00:00:00Z"}
    data = {"kpi": "lead-time", "team": team, "value": 3, "n": 2, **period, **fields}
    kind = "kinetic.measurement.report.v1"
    return {"specversion": "1.0", "id": event_id, "source": "/metrics", "type": kind, "data": data}


def learning(event_id: str, **fields: Any) -> dict[str, Any]:
    data = {
        "person": {"email": "dana@x.example"},
        "content": {"system": "lms", "id": "C-1"},
        "verb": "completed",
        "occurred_at": "2026-01-01T00:00:00Z",
        **fields,
    }
    kind = "kinetic.learning.report.v1"
    return {"specversion": "1.0", "id": event_id, "source": "/lms", "type": kind, "data": data}


async def send(sender: httpx.AsyncClient, body: Any) -> httpx.Response:
    headers = BATCH if isinstance(body, list) else STRUCTURED
    return await sender.post("/events", content=json.dumps(body), headers=headers)


async def test_event_is_told_under_the_id_that_was_answered(sender: Any, company: Any, ledger: Any) -> None:
    answer = await send(sender, measurement())

    assert answer.status_code == 202
    assert answer.json()["status"] == "accepted"
    (told,) = [row for row in await ledger.told() if row["topic"] == topics.MEASUREMENTS]
    assert answer.json()["event_ids"] == [told["headers"]["ce_id"]]
    assert told["key"] == company["payments"]
    assert told["headers"]["ce_type"] == "kinetic.measurement.recorded.v1"
    assert told["headers"]["ce_correlationid"] == told["headers"]["ce_id"]
    assert json.loads(told["value"])["value"] == 3.0


async def test_event_begins_in_the_trace_of_its_request(sender: Any, company: Any, ledger: Any) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {**STRUCTURED, "traceparent": f"00-{trace}-b7ad6b7169203331-01"}

    await sender.post("/events", content=json.dumps(measurement()), headers=headers)

    told = (await ledger.told())[-1]
    assert told["headers"]["traceparent"].split("-")[1] == trace


async def test_learner_and_content_are_found_by_any_handle(sender: Any, company: Any, ledger: Any) -> None:
    await send(sender, learning("1"))
    await send(sender, learning("2", person={"system": "lms", "id": "L-1"}))

    told = [json.loads(row["value"]) for row in await ledger.told() if row["topic"] == topics.LEARNING]
    assert [(t["person_id"], t["content_id"]) for t in told] == [(company["dana@x.example"], company["C-1"])] * 2


async def test_repetition_gets_the_same_answer_and_has_no_effect(sender: Any, company: Any, ledger: Any) -> None:
    first = await send(sender, measurement())
    again = await send(sender, measurement(value=99))

    assert again.status_code == 202
    assert again.json() == {"status": "repeated", "event_ids": first.json()["event_ids"], "reason": None}
    assert len(await ledger.told_ids(topics.MEASUREMENTS)) == 1


async def test_fifty_repetitions_at_once_have_one_effect(sender: Any, company: Any, ledger: Any) -> None:
    answers = await asyncio.gather(*(send(sender, measurement()) for _ in range(50)))

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["event_ids"][0] for answer in answers}) == 1
    assert len(await ledger.told_ids(topics.MEASUREMENTS)) == 1


async def test_same_id_of_another_source_is_another_event(sender: Any, company: Any, ledger: Any) -> None:
    await send(sender, measurement())
    await send(sender, {**measurement(), "source": "/other"})

    assert len(await ledger.told_ids(topics.MEASUREMENTS)) == 2


async def test_same_id_of_another_sender_is_another_event(sender: Any, company: Any, ledger: Any) -> None:
    await send(sender, measurement())
    sender.headers["authorization"] = "Bearer service/other"
    answer = await send(sender, measurement())

    assert answer.json()["status"] == "accepted"
    assert len(await ledger.told_ids(topics.MEASUREMENTS)) == 2


async def test_binary_event_is_taken(sender: Any, company: Any, ledger: Any) -> None:
    event = measurement()
    headers = {f"ce-{name}": event[name] for name in ("specversion", "id", "source", "type")}

    answer = await sender.post("/events", json=event["data"], headers=headers)

    assert answer.status_code == 202
    assert await ledger.told_ids(topics.MEASUREMENTS) == answer.json()["event_ids"]


async def test_batch_is_told_in_its_order(sender: Any, company: Any, ledger: Any) -> None:
    answer = await send(sender, [measurement(str(number)) for number in range(500)])

    assert answer.status_code == 202
    answered = [result["taken"]["event_ids"][0] for result in answer.json()["results"]]
    assert await ledger.told_ids(topics.MEASUREMENTS) == answered


async def test_mixed_batch_is_answered_event_by_event(sender: Any, company: Any, ledger: Any) -> None:
    answer = await send(
        sender, [measurement("1"), measurement("2", n=0), measurement("1"), measurement("3", "nowhere")]
    )

    results = answer.json()["results"]
    assert answer.status_code == 207
    assert [result["status"] for result in results] == [202, 422, 202, 202]
    assert [result.get("taken", {}).get("status") for result in results] == ["accepted", None, "repeated", "parked"]
    assert results[1]["problem"]["errors"][0]["pointer"] == "#/data/n"
    assert len(await ledger.told_ids(topics.MEASUREMENTS)) == 1


async def test_batch_of_which_nothing_is_right_is_a_problem(sender: Any, company: Any) -> None:
    answer = await send(sender, [measurement("1", n=0), {"id": "2"}])

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert {"#/0/data/n", "#/1/type"} <= pointers


async def test_empty_batch_is_accepted(sender: Any) -> None:
    answer = await send(sender, [])

    assert (answer.status_code, answer.json()) == (202, {"results": []})


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", STRUCTURED, 400),
        (b"[]", STRUCTURED, 422),
        (b"{}", BATCH, 422),
        (b"{}", {"content-type": "application/cloudevents+xml"}, 415),
        (b"{}", {"content-type": "application/json"}, 422),
        (b"{}", {}, 422),
        (b" " * 6_000_000, STRUCTURED, 413),
    ],
)
async def test_bad_request_is_a_problem(sender: Any, body: bytes, headers: dict[str, str], status: int) -> None:
    answer = await sender.post("/events", content=body, headers=headers)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_only_services_may_report(admin: httpx.AsyncClient, ledger: Any) -> None:
    assert (await send(admin, measurement())).status_code == 403
    del admin.headers["authorization"]

    answer = await send(admin, measurement())

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="kinetic"')
    assert await ledger.count("receipt") == 0
