"""What Okta sends: whole users by PUT, deactivation without a path, groups that are replaced."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.support.scim import CORE, ENTERPRISE, Provider, newest, told_of


@pytest.fixture
def okta(sender: httpx.AsyncClient) -> Provider:
    return Provider(sender)


def whole(name: str, **attributes: Any) -> dict[str, Any]:
    """A user as Okta puts it."""
    return {
        "schemas": [CORE],
        "userName": f"{name}@corp.example",
        "name": {"givenName": name.title(), "familyName": "Adams"},
        "emails": [{"primary": True, "value": f"{name}@corp.example", "type": "work"}],
        "displayName": f"{name.title()} Adams",
        "locale": "en-US",
        "externalId": f"00u-{name}",
        "groups": [],
        "active": True,
        **attributes,
    }


async def hired(okta: Provider, name: str, **attributes: Any) -> str:
    user = await okta.ask("POST", "Users", whole(name, password="secret", **attributes), 201)
    assert "password" not in user
    return str(user["id"])


async def test_whole_user_is_replaced_and_told_once(okta: Provider, ledger: Any) -> None:
    eve = await hired(okta, "eve")
    changed = whole("eve", id=eve, displayName="Eve Brown", timezone="America/Los_Angeles", title="Analyst")

    for _ in range(2):
        await okta.ask("PUT", f"Users/{eve}", changed)

    first, second = await told_of(ledger, eve)
    assert (first["name"], second["name"]) == ("Eve Adams", "Eve Brown")
    assert (second["time_zone"], second["positions"][-1]["role"]) == ("America/Los_Angeles", "analyst")


async def test_manager_and_time_zone_that_okta_does_not_map_survive_its_put(
    okta: Provider, sender: httpx.AsyncClient, ledger: Any
) -> None:
    dana, eve = await hired(okta, "dana"), await hired(okta, "eve")
    fields = {"name": "Eve Adams", "role": "analyst", "time_zone": "Europe/Oslo", "external_ids": {"lms": "L-1"}}
    entry = {"email": "eve@corp.example", "manager": "dana@corp.example", **fields}
    assert (await sender.put("/directory", json={"people": [entry]})).status_code == 200

    await okta.ask("PUT", f"Users/{eve}", whole("eve", displayName="Eve Brown"))

    person = await newest(ledger, eve)
    assert (person["name"], person["time_zone"], person["external_ids"]["lms"]) == ("Eve Brown", "Europe/Oslo", "L-1")
    assert (person["positions"][-1]["manager_id"], person["positions"][-1]["role"]) == (dana, "analyst")


async def test_deactivation_without_a_path(okta: Provider, ledger: Any) -> None:
    eve = await hired(okta, "eve")

    await okta.patch(f"Users/{eve}", {"op": "replace", "value": {"active": False}})

    assert (await newest(ledger, eve))["active"] is False


async def test_put_that_says_nothing_of_active_does_not_bring_anybody_back(okta: Provider, ledger: Any) -> None:
    eve = await hired(okta, "eve")
    await okta.patch(f"Users/{eve}", {"op": "replace", "value": {"active": False}})
    silent = {name: value for name, value in whole("eve", title="Lead").items() if name != "active"}

    await okta.ask("PUT", f"Users/{eve}", silent)

    assert (await newest(ledger, eve))["active"] is False


async def test_new_login_and_address_keep_the_person(okta: Provider, ledger: Any) -> None:
    eve = await hired(okta, "eve")

    await okta.ask("PUT", f"Users/{eve}", whole("eve.brown", externalId="00u-eve"))

    assert {person["person_id"] for person in await told_of(ledger, eve)} == {eve}
    assert (await newest(ledger, eve))["email"] == "eve.brown@corp.example"
    assert (await okta.ask("GET", 'Users?filter=userName+eq+"eve@corp.example"'))["totalResults"] == 0


async def test_reporting_line_by_manager_of_the_extension(okta: Provider, ledger: Any) -> None:
    dana = await hired(okta, "dana")

    eve = await hired(okta, "eve", **{ENTERPRISE: {"manager": {"value": dana, "displayName": "Dana"}}})

    assert (await newest(ledger, eve))["positions"][-1]["manager_id"] == dana


async def test_pushed_group_is_renamed_and_its_members_are_replaced(okta: Provider, ledger: Any) -> None:
    dana, eve = await hired(okta, "dana"), await hired(okta, "eve")
    group = await okta.group("Payments", dana)

    await okta.patch(f"Groups/{group['id']}", {"op": "replace", "value": {"id": group["id"], "displayName": "Billing"}})
    assert await okta.members(group["id"]) == {dana}
    members = [{"value": eve, "display": "eve@corp.example"}]
    await okta.ask("PUT", f"Groups/{group['id']}", {"displayName": "Billing", "members": members})

    assert await okta.members(group["id"]) == {eve}
    assert (await newest(ledger, dana))["positions"][-1]["team_id"] is None


async def test_pages_meet_without_gap_or_overlap(okta: Provider) -> None:
    ids = [await hired(okta, f"user{number}") for number in range(5)]

    pages = [await okta.ask("GET", f"Users?startIndex={start}&count=2") for start in (1, 3, 5)]

    assert [user["id"] for page in pages for user in page["Resources"]] == ids
    assert {page["totalResults"] for page in pages} == {5}
    assert (await okta.ask("GET", "Users?count=0"))["totalResults"] == 5
