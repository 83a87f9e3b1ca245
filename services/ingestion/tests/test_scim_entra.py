"""What Microsoft Entra ID sends: capitalised operations, Booleans as text, bare managers, values in a removal."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.support.scim import CORE, ENTERPRISE, Provider, newest, told_of

MANAGER = f"{ENTERPRISE}:manager"


@pytest.fixture
def entra(sender: httpx.AsyncClient) -> Provider:
    return Provider(sender)


async def hired(entra: Provider, name: str, **attributes: Any) -> str:
    """The id of a user as Entra creates one."""
    given, _, family = name.partition(".")
    user = await entra.create(
        f"{name}@corp.example",
        externalId=f"object-{name}",
        displayName=f"{given.title()} {family.title()}",
        name={
            "formatted": f"{given.title()} {family.title()}",
            "givenName": given.title(),
            "familyName": family.title(),
        },
        emails=[{"primary": True, "type": "work", "value": f"{name}@corp.example"}],
        meta={"resourceType": "User"},
        **attributes,
    )
    return str(user["id"])


async def test_connection_test_finds_nobody_and_no_error(entra: Provider) -> None:
    answer = await entra.ask("GET", 'Users?filter=userName+eq+"0b3d2c1e-unknown"')

    assert (answer["totalResults"], answer.get("Resources", [])) == (0, [])


async def test_new_user_is_told_as_a_person(entra: Provider, ledger: Any) -> None:
    user_id = await hired(entra, "eve.adams", title="Senior Engineer", preferredLanguage="de-DE")

    person = await newest(ledger, user_id)
    assert (person["name"], person["email"], person["active"]) == ("Eve Adams", "eve.adams@corp.example", True)
    assert person["external_ids"] == {"scim": "object-eve.adams"}
    assert (person["language"], person["time_zone"]) == ("de-DE", "UTC")
    assert person["positions"][0]["role"] == "senior-engineer"
    assert (await entra.user(user_id))["title"] == "Senior Engineer"


async def test_user_is_found_by_user_name_in_any_case_and_by_external_id(entra: Provider) -> None:
    user_id = await hired(entra, "eve.adams")

    for wanted in ('userName eq "EVE.Adams@corp.example"', 'externalId eq "object-eve.adams"'):
        found = await entra.ask("GET", f"Users?filter={wanted.replace(' ', '+')}")
        assert [user["id"] for user in found["Resources"]] == [user_id]
    assert (await entra.ask("GET", 'Users?filter=externalId+eq+"OBJECT-eve.adams"'))["totalResults"] == 0


@pytest.mark.parametrize("value", ["False", "false", False])
async def test_deactivation_reaches_the_directory(entra: Provider, ledger: Any, value: Any) -> None:
    user_id = await hired(entra, "eve.adams")

    await entra.patch(f"Users/{user_id}", {"op": "Replace", "path": "active", "value": value})

    assert (await newest(ledger, user_id))["active"] is False
    assert (await entra.user(user_id))["active"] is False


async def test_restored_user_is_active_again(entra: Provider, ledger: Any) -> None:
    user_id = await hired(entra, "eve.adams")

    for value in ("False", "True"):
        await entra.patch(f"Users/{user_id}", {"op": "Replace", "path": "active", "value": value})

    assert [person["active"] for person in await told_of(ledger, user_id)] == [True, False, True]


@pytest.mark.parametrize("form", ["{id}", {"value": "{id}"}, [{"$ref": "Users/{id}", "value": "{id}"}]])
@pytest.mark.parametrize("op", ["Add", "Replace"])
async def test_every_form_of_a_manager_becomes_the_reporting_line(
    entra: Provider, ledger: Any, form: Any, op: str
) -> None:
    dana, eve = await hired(entra, "dana.okafor"), await hired(entra, "eve.adams")

    def filled(value: Any) -> Any:
        if isinstance(value, str):
            return value.replace("{id}", dana)
        return [filled(one) for one in value] if isinstance(value, list) else {k: filled(v) for k, v in value.items()}

    await entra.patch(f"Users/{eve}", {"op": op, "path": MANAGER, "value": filled(form)})

    assert (await newest(ledger, eve))["positions"][-1]["manager_id"] == dana
    assert (await entra.user(eve))[ENTERPRISE]["manager"]["value"] == dana


async def test_manager_is_taken_away(entra: Provider, ledger: Any) -> None:
    dana = await hired(entra, "dana.okafor")
    eve = await hired(entra, "eve.adams", **{ENTERPRISE: {"manager": dana}})

    await entra.patch(f"Users/{eve}", {"op": "Remove", "path": MANAGER})

    assert [p["positions"][-1]["manager_id"] for p in await told_of(ledger, eve)] == [dana, None]


async def test_flat_names_in_one_value_are_taken(entra: Provider, ledger: Any) -> None:
    user_id = await hired(entra, "eve.adams")
    value = {"displayName": "Eve Brown", "name.familyName": "Brown", f"{ENTERPRISE}:employeeNumber": "4711", "shoe": 9}

    await entra.patch(f"Users/{user_id}", {"op": "Replace", "value": value})

    assert (await newest(ledger, user_id))["external_ids"]["employee-number"] == "4711"
    shown = await entra.user(user_id)
    assert (shown["name"]["familyName"], shown["displayName"]) == ("Brown", "Eve Brown")


async def test_attributes_that_are_not_kept_change_nothing(entra: Provider, ledger: Any) -> None:
    user_id = await hired(entra, "eve.adams", phoneNumbers=[{"type": "mobile", "value": "+49 1"}], nickName="E")
    path = 'addresses[type eq "work"].formatted'

    await entra.patch(f"Users/{user_id}", {"op": "Add", "path": path, "value": "Street 1"})

    assert len(await told_of(ledger, user_id)) == 1
    assert {"phoneNumbers", "nickName", "addresses"}.isdisjoint(await entra.user(user_id))


async def test_new_mailbox_keeps_the_person_and_the_user_name_leads_to_them(entra: Provider, ledger: Any) -> None:
    user = await entra.create("eve@corp.example")
    path = 'emails[type eq "work"].value'

    await entra.patch(f"Users/{user['id']}", {"op": "Add", "path": path, "value": "Eve.Adams@mail.example"})

    person = await newest(ledger, user["id"])
    assert person["email"] == "eve.adams@mail.example"
    assert person["external_ids"] == {"email-alias-login": "eve@corp.example"}
    found = await entra.ask("GET", 'Users?filter=userName+eq+"eve@corp.example"')
    assert [one["id"] for one in found["Resources"]] == [user["id"]]


async def test_lost_mailbox_does_not_hinder_the_deactivation_in_the_same_request(entra: Provider, ledger: Any) -> None:
    user = await entra.create("eve@corp.example", emails=[{"type": "work", "value": "eve@mail.example"}])

    await entra.patch(
        f"Users/{user['id']}",
        {"op": "Remove", "path": 'emails[type eq "work"].value'},
        {"op": "Replace", "path": "active", "value": "False"},
    )

    person = await newest(ledger, user["id"])
    assert (person["email"], person["active"]) == ("eve@corp.example", False)


async def test_members_come_and_go(entra: Provider, ledger: Any) -> None:
    dana, eve = await hired(entra, "dana.okafor"), await hired(entra, "eve.adams")
    group = await entra.group("Payments EMEA", externalId="object-group")

    await entra.patch(
        f"Groups/{group['id']}", {"op": "Add", "path": "members", "value": [{"value": dana}, {"value": eve}]}
    )
    assert await entra.members(group["id"]) == {dana, eve}
    assert (await newest(ledger, group["id"]))["slug"] == "payments-emea"
    assert (await newest(ledger, eve))["positions"][-1]["team_id"] == group["id"]
    assert (await entra.user(eve))["groups"][0]["value"] == group["id"]

    await entra.patch(f"Groups/{group['id']}", {"op": "Remove", "path": "members", "value": [{"value": dana}]})
    await entra.patch(f"Groups/{group['id']}", {"op": "Remove", "path": f'members[value eq "{eve}"]'})
    assert await entra.members(group["id"]) == set()
    assert (await newest(ledger, eve))["positions"][-1]["team_id"] is None


async def test_group_is_looked_up_without_its_members_and_renamed(entra: Provider, ledger: Any) -> None:
    dana = await hired(entra, "dana.okafor")
    group = await entra.group("Payments", dana)

    found = await entra.ask("GET", 'Groups?excludedAttributes=members&filter=displayName+eq+"PAYMENTS"')
    await entra.patch(f"Groups/{group['id']}", {"op": "Replace", "path": "displayName", "value": "Billing"})

    assert "members" not in found["Resources"][0]
    team = await newest(ledger, group["id"])
    assert (team["slug"], team["name"], team["removed"]) == ("payments", "Billing", False)
    assert await entra.members(group["id"]) == {dana}


async def test_deleted_and_hired_again_is_the_same_person(entra: Provider, ledger: Any) -> None:
    dana = await hired(entra, "dana.okafor")
    eve = await hired(entra, "eve.adams", **{ENTERPRISE: {"manager": dana}})
    await entra.group("Payments", eve)

    await entra.ask("DELETE", f"Users/{eve}", status=204)
    gone = await newest(ledger, eve)
    assert (gone["active"], gone["positions"][-1]["team_id"], gone["positions"][-1]["manager_id"]) == (
        False,
        None,
        None,
    )
    await entra.ask("GET", f"Users/{eve}", status=404)
    assert (await entra.ask("GET", "Users"))["totalResults"] == 1

    assert await hired(entra, "eve.adams") == eve
    assert (await newest(ledger, eve))["active"] is True
    assert (await entra.user(eve))["schemas"][0] == CORE
