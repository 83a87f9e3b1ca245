"""`POST /catalogue/import`: tried first, then applied whole, and every mistake named by line and column."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from kinetic.contracts import topics

CSV = {"content-type": "text/csv"}
HEADER = "id,title,url,effort_minutes,language,teaches,retired"
TESTING = "C-1,Testing,https://learn.example/1,20,en,,"
SECURITY = "C-2,=HYPERLINK(1),https://learn.example/2,45,de,security:3 testing:2,no"


async def load(client: httpx.AsyncClient, *lines: str, system: str | None = "lms", **query: Any) -> httpx.Response:
    parameters = {**({"system": system} if system else {}), **query}
    return await client.post("/catalogue/import", content="\n".join(lines).encode(), headers=CSV, params=parameters)


async def told(ledger: Any) -> list[dict[str, Any]]:
    return [json.loads(entry["value"]) for entry in await ledger.told() if entry["topic"] == topics.CATALOGUE]


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(error["pointer"], error["detail"].partition(": ")[0]) for error in answer.json()["errors"]]


async def test_dry_run_shows_what_would_change_and_changes_nothing(admin: Any, company: Any, ledger: Any) -> None:
    before = await told(ledger)

    answer = await load(admin, HEADER, TESTING.replace("20", "25"), SECURITY, dry_run=True)

    shown = answer.json()
    assert (answer.status_code, shown["added"], shown["changed"], shown["dry_run"]) == (200, 1, 1, True)
    assert [(one["change"], one["fields"]) for one in shown["changes"]] == [
        ("changed", ["effort_minutes"]),
        ("added", []),
    ]
    assert await told(ledger) == before


async def test_import_is_told_and_the_same_again_is_not(admin: Any, company: Any, ledger: Any) -> None:
    first, again = await load(admin, HEADER, TESTING, SECURITY), await load(admin, HEADER, TESTING, SECURITY)

    assert (first.json()["added"], first.json()["unchanged"], again.json()["unchanged"]) == (1, 1, 2)
    one = (await told(ledger))[-1]
    assert (one["title"], one["retired"], one["external_ids"]) == ("=HYPERLINK(1)", False, {"lms": "C-2"})
    assert one["teaches"] == [{"competency": "security", "level": 3}, {"competency": "testing", "level": 2}]


async def test_a_table_may_tell_the_format_of_each_item(admin: Any, company: Any, ledger: Any) -> None:
    header, rows = f"{HEADER},format", ["A,T,https://x.example,5,en,,,workshop", "B,T,https://x.example,5,en,,,"]

    answer = await load(admin, header, *rows)

    assert answer.json()["added"] == 2
    formats = {one["external_ids"]["lms"]: one["format"] for one in await told(ledger)}
    assert (formats["A"], formats["B"]) == ("workshop", None)
    assert (await load(admin, header, "A,T,https://x.example,5,en,,,hologram")).status_code == 422


async def test_ids_in_other_systems_stay(admin: Any, company: Any, ledger: Any) -> None:
    item = {"external_ids": {"lms": "C-9", "hris": "a"}, "title": "T", "url": "https://x.example", "effort_minutes": 1}
    await admin.put("/catalogue", json={"content": [{**item, "language": "en"}]})

    await load(admin, HEADER, "C-9,New title,https://x.example,1,en,,")

    assert (await told(ledger))[-1]["external_ids"] == {"lms": "C-9", "hris": "a"}


async def test_a_certificate_is_told_with_the_days_for_which_it_is_valid(admin: Any, company: Any, ledger: Any) -> None:
    lines = (f"{HEADER},valid_for_days", f"{SECURITY},365", "C-3,Testing,https://learn.example/3,20,en,,,")
    answer = await load(admin, *lines)
    assert answer.status_code == 200, answer.text
    certificate, other = (await told(ledger))[-2:]
    assert (certificate["valid_for_days"], other["valid_for_days"]) == (365, None)

    again = await load(admin, *lines, dry_run=True)
    for_good = await load(admin, HEADER, SECURITY, dry_run=True)

    assert again.json()["unchanged"] == 2
    assert for_good.json()["changes"][0]["fields"] == ["valid_for_days"]


async def test_spreadsheet_with_bom_and_semicolons_and_its_own_system_is_read(
    admin: Any, company: Any, ledger: Any
) -> None:
    header = "\ufeff" + HEADER.replace(",", ";") + ";system"

    answer = await load(admin, header, "X;T;https://x.example;5;en;;YES;academy", system=None)

    assert answer.status_code == 200, answer.text
    assert ((await told(ledger))[-1]["external_ids"], (await told(ledger))[-1]["retired"]) == ({"academy": "X"}, True)


@pytest.mark.parametrize(
    ("line", "pointer"),
    [
        (",T,https://x.example,5,en,,", "#/1/id"),
        ("X,,https://x.example,5,en,,", "#/1/title"),
        ("X,T,ftp://x.example,5,en,,", "#/1/url"),
        ("X,T,https://x.example,0,en,,", "#/1/effort_minutes"),
        ("X,T,https://x.example,=5,en,,", "#/1/effort_minutes"),
        ("X,T,https://x.example,5,english!,,", "#/1/language"),
        ("X,T,https://x.example,5,en,testing,", "#/1/teaches"),
        ("X,T,https://x.example,5,en,testing:9,", "#/1/teaches"),
        ("X,T,https://x.example,5,en,,perhaps", "#/1/retired"),
        ("X,T", "#/1"),
        ("C-1,T,https://x.example,5,en,,", "#/1/id"),
    ],
)
async def test_mistake_is_named_and_nothing_applied(
    admin: Any, company: Any, ledger: Any, line: str, pointer: str
) -> None:
    before = await told(ledger)

    answer = await load(admin, HEADER, TESTING, line)

    assert answer.status_code == 422, answer.text
    assert faults(answer)[0] == (pointer, "line 3")
    assert await told(ledger) == before


async def test_row_without_a_system_is_a_mistake(admin: Any, company: Any) -> None:
    assert faults(await load(admin, HEADER, TESTING, system=None)) == [("#/0", "line 2")]


async def test_only_csv_is_taken(admin: Any) -> None:
    assert (await admin.post("/catalogue/import", content=b"{}")).status_code == 415
