"""`POST /measurements`: rows of JSON or CSV, each answered for itself; corrections win, and what is older says nothing."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from kinetic.contracts import topics
from services.ingestion.tests.maps import tell_map
from services.ingestion.tests.test_parking import release

CSV = {"content-type": "text/csv; charset=utf-8"}
HEADER = "kpi,team,value,n,period_start,period_end"


def row(**fields: Any) -> dict[str, Any]:
    period = {"period_start": "2026-01-01T00:00:00Z", "period_end": "2026-01-08T00:00:00Z"}
    return {"kpi": "lead-time", "team": "payments", "value": 3, "n": 2, **period, **fields}


async def send(client: httpx.AsyncClient, *rows: Any) -> httpx.Response:
    return await client.post("/measurements", json=list(rows))


async def send_csv(client: httpx.AsyncClient, *lines: str, zone: str | None = None) -> httpx.Response:
    query = {"time_zone": zone} if zone else {}
    return await client.post("/measurements", content="\n".join(lines).encode(), headers=CSV, params=query)


async def told(ledger: Any) -> list[dict[str, Any]]:
    return [json.loads(entry["value"]) for entry in await ledger.told() if entry["topic"] == topics.MEASUREMENTS]


def fates(answer: httpx.Response) -> list[str | None]:
    return [result["taken"]["status"] if result["taken"] else None for result in answer.json()["results"]]


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(error["pointer"], error["detail"]) for error in answer.json()["errors"]]


async def test_rows_are_told_in_their_order(admin: Any, company: Any, ledger: Any) -> None:
    rows = [row(value=number, period_end=f"2026-01-{number + 2:02}T00:00:00Z") for number in range(20)]

    answer = await send(admin, *rows)

    assert (answer.status_code, set(fates(answer))) == (202, {"accepted"})
    assert [(one["value"], one["version"]) for one in await told(ledger)] == [(float(n), 1) for n in range(20)]
    answered = [result["taken"]["event_ids"][0] for result in answer.json()["results"]]
    assert await ledger.told_ids(topics.MEASUREMENTS) == answered


async def test_same_row_again_is_answered_with_the_first_event(admin: Any, company: Any, ledger: Any) -> None:
    first, again = await send(admin, row()), await send(admin, row())

    assert (fates(first), fates(again)) == (["accepted"], ["repeated"])
    assert again.json()["results"][0]["taken"]["event_ids"] == first.json()["results"][0]["taken"]["event_ids"]
    assert len(await told(ledger)) == 1


async def test_repetition_is_known_after_receipts_are_gone_and_from_another_sender(
    admin: Any, sender: Any, company: Any, ledger: Any
) -> None:
    first = await send(admin, row())
    await ledger.run("DELETE FROM receipt")

    for again in (await send(admin, row()), await send(sender, row())):
        assert fates(again) == ["repeated"]
        assert again.json()["results"][0]["taken"]["event_ids"] == first.json()["results"][0]["taken"]["event_ids"]
    assert len(await told(ledger)) == 1


async def test_newer_version_is_told_and_older_ones_no_more(admin: Any, company: Any, ledger: Any) -> None:
    answers = [await send(admin, row(version=version, value=version)) for version in (2, 5, 3, 5, 1, 6)]

    assert [fates(answer)[0] for answer in answers] == [
        "accepted",
        "accepted",
        "superseded",
        "repeated",
        "superseded",
        "accepted",
    ]
    assert [(one["version"], one["value"]) for one in await told(ledger)] == [(2, 2.0), (5, 5.0), (6, 6.0)]
    assert "5" in answers[2].json()["results"][0]["taken"]["reason"]


async def test_other_value_of_the_same_version_is_not_told_and_says_why(admin: Any, company: Any, ledger: Any) -> None:
    await send(admin, row())

    answer = await send(admin, row(value=99))

    assert fates(answer) == ["repeated"]
    assert "newer" in answer.json()["results"][0]["taken"]["reason"]
    assert [one["value"] for one in await told(ledger)] == [3.0]


async def test_versions_in_one_request_count_in_their_order(admin: Any, company: Any, ledger: Any) -> None:
    answer = await send(admin, row(version=1), row(version=3), row(version=2), row(version=3, value=9))

    assert fates(answer) == ["accepted", "accepted", "superseded", "repeated"]
    assert [one["version"] for one in await told(ledger)] == [1, 3]


async def test_other_periods_teams_and_kpis_have_versions_of_their_own(admin: Any, company: Any, ledger: Any) -> None:
    await send(admin, row(version=7))

    others = [row(team="checkout"), row(kpi="poison"), row(period_end="2026-01-09T00:00:00Z")]

    assert fates(await send(admin, *others)) == ["accepted"] * 3


async def test_fifty_repetitions_at_once_are_told_once(admin: Any, company: Any, ledger: Any) -> None:
    answers = await asyncio.gather(*(send(admin, row(version=2)) for _ in range(50)))

    assert sorted(fates(answer)[0] or "" for answer in answers) == ["accepted"] + ["repeated"] * 49
    assert len(await told(ledger)) == 1


async def test_event_with_a_version_follows_the_same_rule(admin: Any, sender: Any, company: Any, ledger: Any) -> None:
    await send(admin, row(version=3))
    event = {"specversion": "1.0", "source": "/metrics", "type": "kinetic.measurement.report.v1"}

    answers = [
        await sender.post(
            "/events",
            content=json.dumps({**event, "id": str(version), "data": row(version=version)}),
            headers={"content-type": "application/cloudevents+json"},
        )
        for version in (2, 4)
    ]

    assert [answer.json()["status"] for answer in answers] == ["superseded", "accepted"]
    assert [one["version"] for one in await told(ledger)] == [3, 4]


async def test_corrections_of_an_unknown_kpi_are_parked_and_told_in_order(
    admin: Any, company: Any, ledger: Any, database: Any
) -> None:
    answer = await send(admin, *(row(kpi="error-rate", version=version) for version in (1, 2)))
    assert fates(answer) == ["parked", "parked"]

    await tell_map(database, "error-rate", version=2)
    await release(database)

    assert [one["version"] for one in await told(ledger)] == [1, 2]


async def test_wrong_rows_are_refused_and_the_others_taken(admin: Any, company: Any, ledger: Any) -> None:
    answer = await send(admin, row(), row(n=0), 7)

    results = answer.json()["results"]
    assert (answer.status_code, [result["status"] for result in results]) == (207, [202, 422, 422])
    assert results[1]["problem"]["errors"][0]["pointer"] == "#/n"
    assert len(await told(ledger)) == 1


async def test_when_every_row_is_wrong_row_and_column_are_named(admin: Any, company: Any) -> None:
    answer = await send(admin, row(n="2"), row(value=None, version=0))

    assert answer.status_code == 422
    assert {pointer for pointer, _ in faults(answer)} == {"#/0/n", "#/1/value", "#/1/version"}


async def test_table_with_a_bom_and_commas_is_read(admin: Any, company: Any, ledger: Any) -> None:
    line = "lead-time,payments,3.5,2,2026-01-01T00:00:00Z,2026-01-08T00:00:00+01:00"

    answer = await send_csv(admin, "\ufeff" + HEADER, line, "", ",,,,,")

    assert (answer.status_code, fates(answer)) == (202, ["accepted"])
    (one,) = await told(ledger)
    assert (one["value"], one["period_end"]) == (3.5, "2026-01-07T23:00:00Z")


async def test_table_with_semicolons_may_have_decimal_commas(admin: Any, company: Any, ledger: Any) -> None:
    header = HEADER.replace(",", ";").upper() + ";version"
    lines = [
        f"lead-time;payments;{value};2;2026-01-0{n}T00:00:00Z;2026-01-08T00:00:00Z;{n}"
        for n, value in ((1, "3,5"), (2, "4.5"))
    ]

    answer = await send_csv(admin, header, *lines)

    assert fates(answer) == ["accepted", "accepted"]
    assert [(one["value"], one["version"]) for one in await told(ledger)] == [(3.5, 1), (4.5, 2)]


@pytest.mark.parametrize(
    ("cell", "pointer"),
    [
        ('"3,5"', "#/0/value"),
        ("=1+1", "#/0/value"),
        ("@SUM(A1)", "#/0/value"),
        ("", "#/0/value"),
        ("1e999", "#/0/value"),
        ("nan", "#/0/value"),
        ("\u0663", "#/0/value"),
        ("1,2", "#/0"),
    ],
)
async def test_cell_that_is_no_number_is_named_with_its_line(admin: Any, company: Any, cell: str, pointer: str) -> None:
    answer = await send_csv(admin, HEADER, f"lead-time,payments,{cell},2,2026-01-01T00:00:00Z,2026-01-08T00:00:00Z")

    assert answer.status_code == 422
    ((named, detail),) = faults(answer)
    assert named == pointer
    assert detail.startswith("line 2: ")


@pytest.mark.parametrize(
    ("zone", "first", "last", "start", "end"),
    [
        ("Europe/Berlin", "2026-03-29", "2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
        ("America/New_York", "2026-01-01", "2026-01-07", "2026-01-01T05:00:00Z", "2026-01-08T05:00:00Z"),
        ("America/Havana", "2025-11-02", "2025-11-02", "2025-11-02T04:00:00Z", "2025-11-03T05:00:00Z"),
        ("Asia/Beirut", "2025-03-30", "2025-03-30", "2025-03-29T22:00:00Z", "2025-03-30T21:00:00Z"),
    ],
)
async def test_date_means_the_whole_day_where_it_hangs_on_the_wall(
    admin: Any, company: Any, ledger: Any, zone: str, first: str, last: str, start: str, end: str
) -> None:
    by_parameter = await send_csv(admin, HEADER, f"lead-time,payments,3,2,{first},{last}", zone=zone)
    by_column = await send(admin, row(period_start=first, period_end=last, time_zone=zone, version=2))

    assert (fates(by_parameter), fates(by_column)) == (["accepted"], ["accepted"])
    assert [(one["period_start"], one["period_end"]) for one in await told(ledger)] == [(start, end)] * 2


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"period_start": "2026-01-01"}, "#/0/period_start"),
        ({"period_start": "2026-02-30", "time_zone": "UTC"}, "#/0/period_start"),
        ({"period_start": "2026-01-01", "time_zone": "Mars/Olympus"}, "#/0/time_zone"),
        ({"period_start": "2026-01-01", "time_zone": [1]}, "#/0/time_zone"),
        ({"period_start": "2026-01-01T00:00:00"}, "#/0/period_start"),
        ({"period_start": "9999-12-31", "period_end": "9999-12-31", "time_zone": "UTC"}, "#/0/period_end"),
        ({"period_end": "2025-12-31T00:00:00Z"}, "#/0"),
    ],
)
async def test_wrong_period_is_named(admin: Any, company: Any, fields: dict[str, Any], pointer: str) -> None:
    answer = await send(admin, row(**fields))

    assert answer.status_code == 422
    assert pointer in {named for named, _ in faults(answer)}


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"[", "application/json", 400),
        (b"{}", "application/json", 422),
        (b"[NaN]", "application/json", 422),
        (b"[" * 10_000, "application/json", 400),
        (b"", "text/csv", 422),
        (b"kpi,team\nx,y", "text/csv", 422),
        (HEADER.encode() + b",colour\n", "text/csv", 422),
        (HEADER.encode() + b",kpi\n", "text/csv", 422),
        (HEADER.encode() + b'\n"lead-time', "text/csv", 400),
        (HEADER.encode() + b"\nz\xe9,x,1,1,1,1", "text/csv", 400),
        ("kpi".encode("utf-16"), "text/csv", 400),
        (b"[" + b"1," * 6000 + b"1]", "application/json", 413),
        ((HEADER + "\n" + "a,b,c,d,e,f\n" * 6000).encode(), "text/csv", 413),
        (b"[]", "text/plain", 415),
        (b"[]", "", 415),
    ],
)
async def test_bad_body_is_a_problem(admin: Any, body: bytes, media_type: str, status: int) -> None:
    answer = await admin.post("/measurements", content=body, headers={"content-type": media_type})

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_nul_and_formula_cells_are_data(admin: Any, company: Any) -> None:
    answer = await send_csv(admin, HEADER, "lead\x00time,=cmd|calc,3,2,2026-01-01T00:00:00Z,2026-01-08T00:00:00Z")

    assert answer.status_code == 422
    assert {pointer for pointer, _ in faults(answer)} == {"#/0/kpi", "#/0/team"}


async def test_managers_may_not_measure(admin: httpx.AsyncClient) -> None:
    admin.headers["authorization"] = "Bearer manager"

    assert (await send(admin, row())).status_code == 403
