"""An HR export is tried, then applied whole or not at all, by the rules that hold for every document."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.support.scim import newest, told_of

CSV = {"content-type": "text/csv; charset=utf-8"}
DANA = "dana@x.example"
NEW = "eve@x.example,Eve,Senior Engineer,payments,dana@x.example,Europe/Oslo"
HEADER = "email,name,role,team,manager,time_zone"


class Office:
    """Sends files to the door of imports."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def send(self, *lines: str, status: int = 200, **options: bool) -> Any:
        content, query = "\n".join(lines).encode(), {name: str(value).lower() for name, value in options.items()}
        answer = await self._client.post("/directory/import", content=content, params=query, headers=CSV)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def attempt(self, *lines: str, **options: bool) -> list[tuple[int, str, str]]:
        """(line, column, detail) of what is wrong: both ways tell the same."""
        tried = await self.send(*lines, dry_run=True, **options)
        refused = await self.send(*lines, status=422, **options)
        errors = [(error["line"], error["column"], error["detail"]) for error in tried["errors"]]
        assert [e["detail"] for e in refused["errors"]] == [f"line {n}, column {c}: {d}" for n, c, d in errors]
        assert not any(tried["diff"].values())
        return errors


@pytest.fixture
def office(sender: httpx.AsyncClient, company: dict[str, str]) -> Office:
    return Office(sender)


async def test_dry_run_tells_and_changes_nothing(office: Office, ledger: Any) -> None:
    before = len(await ledger.told())

    tried = await office.send(HEADER, NEW, dry_run=True)
    applied = await office.send(HEADER, NEW)

    assert (tried["applied"], applied["applied"], tried["version"]) == (False, True, applied["version"])
    (eve,) = tried["diff"]["added"]
    (same,) = applied["diff"]["added"]
    assert eve["changes"] == same["changes"]
    assert {"field": "role", "before": None, "after": "senior-engineer"} in eve["changes"]
    assert {"field": "manager", "before": None, "after": DANA} in eve["changes"]
    assert len(await ledger.told()) == before + 1


async def test_added_changed_moved_and_removed_are_told_apart(office: Office, ledger: Any) -> None:
    await office.send(HEADER, NEW, "finn@x.example,Finn,engineer,payments,,UTC", "gil@x.example,Gil,lead,,,UTC")

    told = await office.send(
        "email;name;team;active",
        "eve@x.example;Eve;checkout;true",
        "finn@x.example;Finn Ek;payments;true",
        "gil@x.example;Gil;;false",
    )

    diff = {kind: [person["email"] for person in entries] for kind, entries in told["diff"].items() if kind != "teams"}
    assert diff == {
        "added": [],
        "changed": ["finn@x.example"],
        "moved": ["eve@x.example"],
        "removed": ["gil@x.example"],
    }
    assert told["diff"]["moved"][0]["changes"] == [{"field": "team", "before": "payments", "after": "checkout"}]


async def test_same_file_again_changes_nothing(office: Office, ledger: Any) -> None:
    await office.send(HEADER, NEW)
    told = len(await ledger.told())

    again = await office.send(HEADER, NEW)

    assert not any(again["diff"].values())
    assert len(await ledger.told()) == told


async def test_what_has_no_column_stays(office: Office, company: dict[str, str], ledger: Any) -> None:
    await office.send("email,external_id.hris", f"{DANA},4711")

    dana = await newest(ledger, company[DANA])
    assert dana["external_ids"] == {"lms": "L-1", "hris": "4711"}
    assert (dana["name"], dana["time_zone"], dana["positions"][-1]["team_id"]) == (
        "Dana",
        "Europe/Berlin",
        company["payments"],
    )


async def test_empty_cell_takes_away(office: Office, company: dict[str, str], ledger: Any) -> None:
    await office.send("email,team,external_id.lms,name", f"{DANA},,,")

    dana = await newest(ledger, company[DANA])
    assert (dana["external_ids"], dana["positions"][-1]["team_id"], dana["name"]) == ({}, None, "Dana")


@pytest.mark.parametrize(
    "cell", ['=HYPERLINK("http://evil.example","x")', "=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0"]
)
async def test_formula_is_text(office: Office, cell: str) -> None:
    quoted = '"' + cell.replace('"', '""') + '"'

    told = await office.send("email,name", f"{DANA},{quoted}")

    assert told["diff"]["changed"][0]["name"] == cell


async def test_new_team_comes_with_its_unit_and_is_led_by_whom_most_report_to(
    office: Office, company: dict[str, str], sender: httpx.AsyncClient, admin: httpx.AsyncClient
) -> None:
    told = await office.send(
        f"{HEADER},unit",
        "eve@x.example,Eve,engineer,Data & AI,dana@x.example,UTC,technology",
        "finn@x.example,Finn,engineer,data & ai,eve@x.example,UTC,",
        "gil@x.example,Gil,engineer,Data & AI,dana@x.example,UTC,technology",
    )

    assert told["diff"]["teams"] == ["data-ai"]
    (team,) = [t for t in (await admin.get("/directory")).json()["teams"] if t["slug"] == "data-ai"]
    assert (team["name"], team["unit"], team["manager_id"]) == ("Data & AI", "technology", company[DANA])


async def test_complete_file_deactivates_whom_it_does_not_name(office: Office, company: Any, ledger: Any) -> None:
    told = await office.send(HEADER, NEW.replace(",dana@x.example", ","), complete=True)

    assert [person["email"] for person in told["diff"]["removed"]] == [DANA]
    dana = await newest(ledger, company[DANA])
    assert (dana["active"], dana["positions"][-1]["team_id"]) == (False, company["payments"])


async def test_complete_file_without_rows_deactivates_nobody(office: Office) -> None:
    assert (await office.attempt("email,name", complete=True))[0][2] == "there are no rows"


async def test_date_begins_with_the_day_of_the_person(office: Office, company: Any, ledger: Any) -> None:
    told = await office.send("email,team,effective_from", f"{DANA},checkout,2031-07-01")

    assert told["diff"]["moved"][0]["effective_from"] == "2031-06-30T22:00:00Z"
    assert (await newest(ledger, company[DANA]))["positions"][-1]["team_id"] == company["checkout"]


async def test_new_address_keeps_the_person(office: Office, company: dict[str, str], ledger: Any) -> None:
    for _ in range(2):
        await office.send("email,former_email", f"dana.okafor@x.example,{DANA.upper()}")

    assert [person["email"] for person in await told_of(ledger, company[DANA])] == [DANA, "dana.okafor@x.example"]


@pytest.mark.parametrize(
    ("lines", "errors"),
    [
        (["name", "Eve"], [(1, "email")]),
        (["email,shoe size", "a@x.example,9"], [(1, "shoe_size")]),
        (["email,name,role", "a@x.example", "b@x.example,B,r,,"], [(2, "name"), (3, "role")]),
        ([HEADER, "a@x.example,,,,,"], [(2, "name"), (2, "role"), (2, "time_zone")]),
        ([HEADER, "nobody,Eve,r,,,UTC"], [(2, "email")]),
        (
            [HEADER, "a@x.example,Eve,r,,,Mars/Olympus", "b@x.example,Eve,r,nowhere,,UTC"],
            [(2, "time_zone"), (3, "team")],
        ),
        ([HEADER, "a@x.example,Eve,r,,ghost@x.example,UTC"], [(2, "manager")]),
        (["email,active", f"{DANA},perhaps"], [(2, "active")]),
        (["email,effective_from", f"{DANA},31.01.2026"], [(2, "effective_from")]),
        (["email,external_id.lms", f"{DANA},{'x' * 300}"], [(2, "external_id.lms")]),
        (["email,external_id.Wrong System", f"{DANA},1"], [(2, "external_id.wrong system")]),
        (["former_email,email,name,role,time_zone", "ghost@x.example,a@x.example,A,r,UTC"], [(2, "former_email")]),
        (["email,name", f"{DANA},Da\x00na"], [(2, "name")]),
        (["email,team,unit", f"{DANA},New,{'x' * 300}"], [(2, "unit")]),
    ],
)
async def test_wrong_cell_is_named_by_line_and_column(
    office: Office, ledger: Any, lines: list[str], errors: list[tuple[int, str]]
) -> None:
    before = len(await ledger.told())

    found = await office.attempt(*lines)

    assert [(line, column) for line, column, _ in found] == errors
    assert all(detail for _, _, detail in found)
    assert len(await ledger.told()) == before


async def test_person_in_two_teams_is_named_with_both_lines(office: Office) -> None:
    found = await office.attempt(HEADER, "A@x.example,A,r,payments,,UTC", "a@X.example,A,r,checkout,,UTC")

    assert found == [(3, "email", "is, whatever its case, already the address of line 2")]


async def test_circle_of_managers_is_named(office: Office) -> None:
    found = await office.attempt(HEADER, "a@x.example,A,r,,b@x.example,UTC", "b@x.example,B,r,,a@x.example,UTC")

    ((line, column, detail),) = found
    assert (line in (2, 3), column) == (True, "manager")
    assert "a@x.example reports to b@x.example" in detail


@pytest.mark.parametrize(
    "row",
    ["new@x.example,New,r,UTC,L-1,", "new@x.example,New,r,UTC,,Dana@x.example", "dana.alias@x.example,New,r,UTC,,"],
)
async def test_id_or_address_of_somebody_else_is_refused(office: Office, row: str) -> None:
    await office.send("email,external_id.email-alias", f"{DANA},Dana.Alias@x.example")

    ((line, _, detail),) = await office.attempt(
        "email,name,role,time_zone,external_id.lms,external_id.email-alias", row
    )

    assert line == 2
    assert DANA in detail


async def test_team_of_two_units_is_refused(office: Office) -> None:
    rows = [f"{name}@x.example,N,r,New team,,UTC,{unit}" for name, unit in (("a", "one"), ("b", "two"))]

    assert await office.attempt(f"{HEADER},unit", *rows) == [
        (3, "unit", "the team New team has another unit in line 2")
    ]


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"email\n\xe4", CSV, 400),
        (b'email\n"open', CSV, 400),
        (b"", CSV, 400),
        (b"email,name\n", {"content-type": "application/json"}, 415),
    ],
)
async def test_what_is_no_csv_is_a_problem(sender: Any, content: bytes, headers: dict[str, str], status: int) -> None:
    for query in ("", "?dry_run=true"):
        answer = await sender.post(f"/directory/import{query}", content=content, headers=headers)

        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_files_at_the_same_time_are_applied_one_after_another(office: Office, ledger: Any) -> None:
    told = await asyncio.gather(*(office.send(HEADER, NEW) for _ in range(5)))

    assert sorted(len(one["diff"]["added"]) for one in told) == [0, 0, 0, 0, 1]
