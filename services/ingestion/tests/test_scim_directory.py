"""SCIM and the other doors speak of one directory: what one says, the other shows, and the same rules hold."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.support.scim import ENTERPRISE, Provider, newest, told_of


@pytest.fixture
def idp(sender: httpx.AsyncClient) -> Provider:
    return Provider(sender)


async def led(idp: Provider, name: str, manager: str | None = None) -> str:
    """The id of a new user who reports to `manager`."""
    extension: dict[str, Any] = {ENTERPRISE: {"manager": {"value": manager}}} if manager else {}
    return str((await idp.create(f"{name}@x.example", **extension))["id"])


async def test_people_of_a_document_are_users_and_its_teams_are_groups(idp: Provider, company: dict[str, str]) -> None:
    found = await idp.ask("GET", 'Users?filter=userName+eq+"DANA@x.example"')

    (dana,) = found["Resources"]
    assert (dana["id"], dana["displayName"], dana["title"]) == (company["dana@x.example"], "Dana", "engineer")
    assert (dana["timezone"], dana["active"]) == ("Europe/Berlin", True)
    assert await idp.members(company["payments"]) == {company["dana@x.example"]}
    assert (await idp.ask("GET", "Groups"))["totalResults"] == 2


async def test_what_scim_does_not_say_of_a_known_person_stays(
    idp: Provider, company: dict[str, str], ledger: Any
) -> None:
    dana = company["dana@x.example"]

    await idp.patch(f"Users/{dana}", {"op": "replace", "path": "displayName", "value": "Dana Okafor"})

    person = await newest(ledger, dana)
    assert (person["name"], person["time_zone"], person["external_ids"]) == (
        "Dana Okafor",
        "Europe/Berlin",
        {"lms": "L-1"},
    )
    assert person["positions"][-1] == {**person["positions"][0], "team_id": company["payments"], "role": "engineer"}


async def test_a_document_that_comes_later_is_shown(idp: Provider, admin: httpx.AsyncClient) -> None:
    eve = await led(idp, "eve")
    entry = {"email": "eve@x.example", "name": "Eve B.", "role": "lead", "time_zone": "Asia/Tokyo", "language": "ja"}

    await admin.put("/directory", json={"people": [entry]})

    user = await idp.user(eve)
    assert (user["displayName"], user["name"]["formatted"], user["userName"]) == ("Eve B.", "Eve B.", "eve@x.example")


async def test_a_document_brings_back_whom_scim_deleted(idp: Provider, admin: httpx.AsyncClient) -> None:
    eve = await led(idp, "eve")
    await idp.ask("DELETE", f"Users/{eve}", status=204)

    entry = {"email": "eve@x.example", "name": "Eve", "role": "lead", "time_zone": "UTC"}
    await admin.put("/directory", json={"people": [entry]})

    assert (await idp.user(eve))["active"] is True


async def test_circle_of_managers_is_refused_in_words(idp: Provider, ledger: Any) -> None:
    dana = await led(idp, "dana")
    eve = await led(idp, "eve", dana)
    told = len(await ledger.told())

    for path in (f"{ENTERPRISE}:manager", f"{ENTERPRISE}:manager.value"):
        error = await idp.patch(f"Users/{dana}", {"op": "add", "path": path, "value": eve}, status=400)
        assert error["scimType"] == "invalidValue"
        assert "goes in a circle" in error["detail"]
        assert "dana@x.example reports to eve@x.example" in error["detail"]

    assert len(await ledger.told()) == told


async def test_person_in_two_groups_is_refused_and_both_are_named(idp: Provider, ledger: Any) -> None:
    eve = await led(idp, "eve")
    payments, checkout = await idp.group("Payments", eve), await idp.group("Checkout")
    joining = {"op": "add", "path": "members", "value": [{"value": eve}]}

    error = await idp.patch(f"Groups/{checkout['id']}", joining, status=400)
    assert "eve@x.example is in the team payments" in error["detail"]
    assert (await newest(ledger, eve))["positions"][-1]["team_id"] == payments["id"]

    await idp.patch(f"Groups/{payments['id']}", {"op": "remove", "path": f'members[value eq "{eve}"]'})
    await idp.patch(f"Groups/{checkout['id']}", joining)
    assert (await newest(ledger, eve))["positions"][-1]["team_id"] == checkout["id"]


@pytest.mark.parametrize(
    "attributes",
    [
        {"userName": "EVE@X.example"},
        {"userName": "e.adams", "emails": [{"value": "Eve@x.example"}]},
        {"userName": "new@x.example", "externalId": "object-1"},
        {"userName": "new@x.example", ENTERPRISE: {"employeeNumber": "7"}},
    ],
)
async def test_nobody_can_be_two_users(idp: Provider, ledger: Any, attributes: dict[str, Any]) -> None:
    number: dict[str, Any] = {ENTERPRISE: {"employeeNumber": "7"}}
    await idp.create("eve@x.example", externalId="object-1", **number)

    error = await idp.create(attributes.pop("userName"), status=409, **attributes)

    assert (error["status"], error["scimType"]) == ("409", "uniqueness")
    assert await ledger.count("person") == 1


async def test_id_of_somebody_else_cannot_be_taken_later(idp: Provider) -> None:
    await idp.create("dana@x.example", externalId="object-1")
    eve = await led(idp, "eve")

    error = await idp.patch(f"Users/{eve}", {"op": "replace", "path": "externalId", "value": "object-1"}, status=409)

    assert "dana@x.example" in error["detail"]


async def test_rehired_under_a_new_address_is_known_by_the_employee_number(idp: Provider, ledger: Any) -> None:
    number: dict[str, Any] = {ENTERPRISE: {"employeeNumber": "7"}}
    eve = (await idp.create("eve@x.example", **number))["id"]
    await idp.ask("DELETE", f"Users/{eve}", status=204)

    assert (await idp.create("eve.brown@x.example", **number))["id"] == eve
    assert (await newest(ledger, eve))["email"] == "eve.brown@x.example"


async def test_deleted_group_is_removed_its_people_stay_and_it_can_come_back(idp: Provider, ledger: Any) -> None:
    eve = await led(idp, "eve")
    payments = (await idp.group("Payments", eve))["id"]

    await idp.ask("DELETE", f"Groups/{payments}", status=204)

    assert (await newest(ledger, payments))["removed"] is True
    assert (await newest(ledger, eve))["positions"][-1]["team_id"] is None
    await idp.ask("GET", f"Groups/{payments}", status=404)
    assert (await idp.group("payments", eve))["id"] == payments
    assert (await newest(ledger, payments))["removed"] is False


async def test_groups_of_one_name_are_refused_and_of_one_slug_are_numbered(idp: Provider, ledger: Any) -> None:
    first = await idp.group("Sales (EMEA)")
    assert (await idp.group("sales (emea)", status=409))["scimType"] == "uniqueness"
    second, third = await idp.group("Sales EMEA"), await idp.group("営業")

    slugs = [(await newest(ledger, group["id"]))["slug"] for group in (first, second, third)]
    assert slugs[:2] == ["sales-emea", "sales-emea-2"]
    assert slugs[2].startswith("x-")


async def test_team_is_led_by_whom_most_members_report_to(idp: Provider, ledger: Any) -> None:
    boss = await led(idp, "boss")
    dana = await led(idp, "dana", boss)
    eve, finn = await led(idp, "eve", dana), await led(idp, "finn", dana)

    team = (await idp.group("Payments", dana))["id"]
    assert (await newest(ledger, team))["manager_id"] == boss
    members = [{"value": eve}, {"value": finn}]
    await idp.patch(f"Groups/{team}", {"op": "add", "path": "members", "value": members})
    assert (await newest(ledger, team))["manager_id"] == dana

    for one in (eve, finn):
        await idp.patch(f"Users/{one}", {"op": "replace", "path": f"{ENTERPRISE}:manager", "value": boss})
    assert (await newest(ledger, team))["manager_id"] == boss


async def test_lead_that_a_document_names_stays(idp: Provider, admin: httpx.AsyncClient, ledger: Any) -> None:
    boss = await led(idp, "boss")
    dana = await led(idp, "dana", boss)
    team = (await idp.group("Payments", dana))["id"]
    stated = {"slug": "payments", "name": "Payments", "unit": "commerce", "manager": "dana@x.example"}
    await admin.put("/directory", json={"teams": [stated]})

    eve = await led(idp, "eve", boss)
    await idp.patch(f"Groups/{team}", {"op": "add", "path": "members", "value": [{"value": eve}]})

    told = await newest(ledger, team)
    assert (told["manager_id"], told["unit"]) == (dana, "commerce")


async def test_member_of_a_team_that_a_document_removed_can_be_changed(
    idp: Provider, company: dict[str, str], admin: httpx.AsyncClient
) -> None:
    removed = {"slug": "payments", "name": "payments", "unit": "unit", "removed": True}
    await admin.put("/directory", json={"teams": [removed]})

    await idp.patch(f"Users/{company['dana@x.example']}", {"op": "replace", "path": "title", "value": "Lead"})

    assert "groups" not in await idp.user(company["dana@x.example"])


async def test_members_added_at_the_same_time_are_all_there(idp: Provider) -> None:
    people = [await led(idp, f"user{number}") for number in range(8)]
    team = (await idp.group("Payments"))["id"]

    joining = ({"op": "add", "path": "members", "value": [{"value": person}]} for person in people)
    await asyncio.gather(*(idp.patch(f"Groups/{team}", operation) for operation in joining))

    assert await idp.members(team) == set(people)


async def test_changes_of_one_user_at_the_same_time_are_all_kept(idp: Provider, ledger: Any) -> None:
    eve = await led(idp, "eve")
    said = {"title": "Lead", "timezone": "Europe/Oslo", "preferredLanguage": "no", "displayName": "Eve A."}

    operations = ({"op": "replace", "path": name, "value": value} for name, value in said.items())
    await asyncio.gather(*(idp.patch(f"Users/{eve}", operation) for operation in operations))

    shown, person = await idp.user(eve), await newest(ledger, eve)
    assert {name: shown[name] for name in said} == said
    assert (person["time_zone"], person["language"], person["name"]) == ("Europe/Oslo", "no", "Eve A.")


async def test_user_name_that_is_no_address_finds_the_user(idp: Provider, ledger: Any) -> None:
    user = await idp.create("E.Adams", emails=[{"value": "eve@x.example", "type": "work"}])

    found = await idp.ask("GET", 'Users?filter=userName+eq+"e.adams"')

    assert [(one["id"], one["userName"]) for one in found["Resources"]] == [(user["id"], "E.Adams")]
    assert (await newest(ledger, user["id"]))["external_ids"] == {"login": "e.adams"}


async def test_user_created_ten_times_at_once_is_one(idp: Provider, sender: httpx.AsyncClient, ledger: Any) -> None:
    body = {"userName": "eve@x.example", "active": True}

    answers = await asyncio.gather(*(sender.post("/scim/v2/Users", json=body) for _ in range(10)))

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    assert len(await told_of(ledger, next(a.json()["id"] for a in answers if a.status_code == 201))) == 1


async def test_parked_reports_of_a_new_user_are_told(idp: Provider, ledger: Any) -> None:
    """Whoever arrives by SCIM wakes what waited for them, like everybody else who arrives."""
    await ledger.run(
        """INSERT INTO parking_lane (lane, waits_for, reason, attempts, due_at)
           VALUES ('lane', 'person/email/eve@x.example', 'r', 0, now() + interval '1 day')"""
    )

    await led(idp, "eve")

    assert await ledger.count("parking_lane WHERE due_at <= clock_timestamp()") == 1
