"""Whatever is sent to the doors of SCIM is answered in SCIM's form, and never with a 5xx of ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from kinetic.common.auth import Role
from kinetic.common.database import Database
from tests.support.scim import JSON, PATCH, Provider

ERROR = ["urn:ietf:params:scim:api:messages:2.0:Error"]


@pytest.fixture
def idp(sender: httpx.AsyncClient) -> Provider:
    return Provider(sender)


@pytest.fixture
async def stranger(admin: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=admin._transport, base_url="http://door") as client:
        yield client


def assert_scim_error(answer: httpx.Response, status: int, scim_type: str | None = None) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/scim+json"
    body = answer.json()
    assert (body["schemas"], body["status"], body.get("scimType")) == (ERROR, str(status), scim_type)
    assert body["detail"]


@pytest.mark.parametrize("path", ["Users", "Groups", "Schemas", "ServiceProviderConfig", "ResourceTypes", "nowhere"])
async def test_no_door_is_open(stranger: httpx.AsyncClient, path: str) -> None:
    answer = await stranger.get(f"/scim/v2/{path}")

    assert_scim_error(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("role", [Role.MANAGER, Role.LEARNING])
async def test_only_services_and_administrators_provision(stranger: httpx.AsyncClient, role: Role) -> None:
    assert_scim_error(await stranger.get("/scim/v2/Users", headers={"authorization": f"Bearer {role}"}), 403)


@pytest.mark.parametrize(
    ("body", "scim_type"),
    [
        (b"", "invalidSyntax"),
        (b"{", "invalidSyntax"),
        (b"\xff\xfe", "invalidSyntax"),
        (b"[" * 10_000 + b"]" * 10_000, "invalidSyntax"),
        (b'{"userName": "\\ud800"}', "invalidSyntax"),
        (b"[]", "invalidSyntax"),
        (b'"text"', "invalidSyntax"),
        (b"{}", "invalidValue"),
        (b'{"userName": "eve"}', "invalidValue"),
        (b'{"userName": "eve", "emails": []}', "invalidValue"),
        (b'{"userName": "eve", "emails": [{"type": "work"}]}', "invalidValue"),
        (b'{"userName": "eve", "emails": [{"value": "no address"}]}', "invalidValue"),
        (b'{"userName": "e@x.example", "emails": 7}', "invalidValue"),
        (b'{"userName": "e@x.example", "displayName": "a\\u0000b"}', "invalidValue"),
        (b'{"userName": "e@x.example", "title": "a\\u0000b"}', "invalidValue"),
        (b'{"userName": "e@x.example", "externalId": "a\\u0000b"}', "invalidValue"),
        (b'{"userName": "e@x.example", "timezone": "Mars/Olympus"}', "invalidValue"),
        (b'{"userName": "e@x.example", "preferredLanguage": "!!"}', "invalidValue"),
        (b'{"userName": "e@x.example", "active": "perhaps"}', "invalidValue"),
        (b'{"userName": "e@x.example", "displayName": "' + b"x" * 500 + b'"}', "invalidValue"),
        (
            b'{"userName": "e@x.example", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": "7"}}',
            "invalidValue",
        ),
    ],
)
async def test_bad_user_is_refused(sender: httpx.AsyncClient, ledger: Any, body: bytes, scim_type: str) -> None:
    assert_scim_error(await sender.post("/scim/v2/Users", content=body, headers=JSON), 400, scim_type)
    assert await ledger.count("person") == 0


async def test_number_beyond_float_and_duplicate_keys_do_no_harm(sender: httpx.AsyncClient) -> None:
    body = b'{"userName": "a@x.example", "userName": "b@x.example", "emails": [{"value": "b@x.example"}], "x": 1e999}'

    answer = await sender.post("/scim/v2/Users", content=body, headers=JSON)

    assert (answer.status_code, answer.json()["userName"]) == (201, "b@x.example")


@pytest.mark.parametrize(
    ("operation", "scim_type"),
    [
        ({"op": "explode", "path": "title", "value": "x"}, "invalidValue"),
        ({"op": "remove"}, "noTarget"),
        ({"op": "replace", "path": "emails[type eq", "value": "x"}, "invalidPath"),
        ({"op": "replace", "path": "active", "value": {"a": 1}}, "invalidValue"),
        ({"op": "remove", "path": "userName"}, "mutability"),
        ({"op": "replace", "path": "emails", "value": [{"value": "nobody"}]}, "invalidValue"),
        ({"op": "replace", "path": "id", "value": "7"}, "mutability"),
    ],
)
async def test_bad_operation_changes_nothing(idp: Provider, ledger: Any, operation: Any, scim_type: str) -> None:
    user = await idp.create("eve@x.example")
    good = {"op": "replace", "path": "displayName", "value": "Changed"}

    error = await idp.patch(f"Users/{user['id']}", good, operation, status=400)

    assert error["scimType"] == scim_type
    assert len(await ledger.told()) == 1


@pytest.mark.parametrize(
    ("method", "path", "status", "scim_type"),
    [
        ("GET", "Users/7", 404, None),
        ("GET", "Users/0190a6d5-0000-7000-8000-000000000000", 404, None),
        ("DELETE", "Groups/x%00y", 404, None),
        ("GET", "Nothing", 404, None),
        ("GET", "Users/a/b", 404, None),
        ("DELETE", "Users", 405, None),
        ("POST", "Schemas", 405, None),
        ("GET", "Me", 501, None),
        ("POST", "Bulk", 501, None),
        ("GET", "Users?filter=userName", 400, "invalidFilter"),
        ("GET", "Users?filter=shoeSize+eq+9", 400, "invalidFilter"),
        ("GET", "Users?filter=userName+eq+%22a%00b%22", 400, "invalidFilter"),
        ("GET", "Users?startIndex=x", 400, "invalidValue"),
        ("GET", "Users?sortBy=nothing", 400, "invalidPath"),
    ],
)
async def test_what_cannot_be_asked_is_answered(
    sender: httpx.AsyncClient, method: str, path: str, status: int, scim_type: str | None
) -> None:
    assert_scim_error(await sender.request(method, f"/scim/v2/{path}", headers=JSON), status, scim_type)


@pytest.mark.parametrize("member", [{"value": "7"}, {"value": "0190a6d5-0000-7000-8000-000000000000"}, {}])
async def test_group_of_nobody_is_refused(idp: Provider, ledger: Any, member: dict[str, str]) -> None:
    error = await idp.ask("POST", "Groups", {"displayName": "Payments", "members": [member]}, 400)

    assert error["scimType"] == "invalidValue"
    assert await ledger.count("team") == 0


async def test_groups_do_not_stand_in_groups(idp: Provider) -> None:
    inner = await idp.group("Inner")
    members = [{"value": inner["id"], "type": "Group"}]

    error = await idp.ask("POST", "Groups", {"displayName": "Outer", "members": members}, 400)

    assert "teams do not stand in teams" in error["detail"]


async def test_body_that_is_no_json_is_refused(sender: httpx.AsyncClient) -> None:
    answer = await sender.post("/scim/v2/Users", content=b"<a/>", headers={"content-type": "text/xml"})

    assert_scim_error(answer, 415)


async def test_body_that_is_too_large_is_refused(sender: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 100_000

    assert_scim_error(await sender.post("/scim/v2/Users", content=endless(), headers=JSON), 413)


async def test_stale_version_is_refused_and_known_version_is_not_sent_again(idp: Provider) -> None:
    user = await idp.create("eve@x.example")
    body = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "title", "value": "Lead"}]}
    path, version = f"Users/{user['id']}", user["meta"]["version"]

    await idp.ask("GET", path, status=304, **{"if-none-match": version})
    await idp.ask("PATCH", path, body, 204, **{"if-match": version})
    await idp.ask("PATCH", path, body, 412, **{"if-match": version})
    assert (await idp.user(user["id"]))["meta"]["version"] != version


async def test_without_postgres_nothing_is_taken(sender: httpx.AsyncClient, database: Database) -> None:
    database.dsn = "postgresql://nobody@127.0.0.1:1/nowhere"
    await database.close()

    answer = await sender.post("/scim/v2/Users", json={"userName": "eve@x.example"})

    assert_scim_error(answer, 503)
    assert int(answer.headers["retry-after"]) > 0
