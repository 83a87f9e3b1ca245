"""Who may push statements: `POST /oauth/token` (RFC 6749, section 4.4), its tokens, and HTTP Basic."""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from urllib.parse import quote_plus

import httpx
import pytest

from kinetic.ingestion import clients
from services.ingestion.tests.xapi_statements import Lms, connect, statement

GRANT = {"grant_type": "client_credentials"}


@pytest.fixture
async def lms(admin: httpx.AsyncClient, company: Any) -> Lms:
    return await connect(admin)


def secret_of(lms: Lms) -> dict[str, str]:
    return {"client_id": lms.integration["integration_id"], "client_secret": lms.integration["secret"]}


async def ask(admin: Any, form: dict[str, Any], **headers: str) -> httpx.Response:
    answer: httpx.Response = await admin.post("/oauth/token", data=form, headers={"authorization": "", **headers})
    return answer


async def token_of(admin: Any, lms: Lms) -> str:
    token: str = (await ask(admin, GRANT | secret_of(lms))).json()["access_token"]
    return token


async def push(lms: Lms, authorization: str) -> int:
    return (await lms.post(statement(), authorization=authorization)).status_code


async def test_token_for_the_secret_in_the_form_opens_the_door(lms: Lms, admin: Any) -> None:
    answer = await ask(admin, GRANT | secret_of(lms))

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    token = answer.json()
    assert (token["token_type"], token["expires_in"], token["scope"]) == ("Bearer", 900, "statements/write")
    assert await push(lms, f"Bearer {token['access_token']}") == 200


@pytest.mark.parametrize("is_encoded", [True, False])
async def test_token_for_the_secret_by_http_basic(lms: Lms, admin: Any, is_encoded: bool) -> None:
    client_id, secret = secret_of(lms).values()
    pair = f"{client_id}:{quote_plus(secret) if is_encoded else secret}"

    answer = await ask(admin, GRANT, authorization=f"Basic {b64encode(pair.encode()).decode()}")

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": ["client_credentials", "client_credentials"]}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({f"field{number}": "x" for number in range(50)}, "invalid_request"),
    ],
)
async def test_other_requests_are_refused_in_the_words_of_the_standard(admin: Any, form: Any, error: str) -> None:
    answer = await ask(admin, form, **{"content-type": "application/x-www-form-urlencoded"})

    assert (answer.status_code, answer.json()["error"]) == (400, error)


@pytest.mark.parametrize("body", [b"grant_type=client_credentials", b"\xff"])
async def test_form_must_be_a_form(admin: Any, body: bytes) -> None:
    media_type = "application/x-www-form-urlencoded" if body == b"\xff" else "application/json"
    answer = await admin.post("/oauth/token", content=body, headers={"content-type": media_type})

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("field", ["client_id", "client_secret"])
async def test_wrong_client_is_told_no_more_than_that(lms: Lms, admin: Any, field: str) -> None:
    right = secret_of(lms)[field]
    wrong = right[:-1] + ("0" if right[-1] != "0" else "1")

    answer = await ask(admin, GRANT | secret_of(lms) | {field: wrong})

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic")
    assert wrong not in answer.text


async def test_client_that_proves_itself_twice_is_refused(lms: Lms, admin: Any) -> None:
    answer = await ask(admin, GRANT | secret_of(lms), authorization=lms.headers["authorization"])

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_secret_of_a_webhook_opens_neither_door(lms: Lms, admin: Any) -> None:
    created = await admin.post("/integrations", json={"tool": "github", "name": "github", "rules": []})
    github = {"client_id": created.json()["integration_id"], "client_secret": created.json()["secret"]}
    pair = ":".join(github.values()).encode()

    assert (await ask(admin, GRANT | github)).status_code == 401
    assert await push(lms, f"Basic {b64encode(pair).decode()}") == 401


async def test_door_of_webhooks_is_shut_for_a_learning_platform(lms: Lms, admin: Any) -> None:
    path = f"/webhooks/{lms.integration['integration_id']}"
    assert (await admin.post(path, json={}, headers=lms.headers)).status_code == 401
    assert lms.integration["path"] == "/xapi"


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Bearer x", "Bearer service", "Basic", "Basic !", "Basic Og==", "Basic 4pyT"],
)
async def test_door_is_shut_for_everybody_else(lms: Lms, authorization: str) -> None:
    answer = await lms.post(statement(), authorization=authorization)

    assert answer.status_code == 401
    assert "Basic" in answer.headers["www-authenticate"]
    assert answer.headers["x-experience-api-version"] == "1.0.3"


async def test_token_is_bound_to_its_time(lms: Lms, admin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    token = await token_of(admin, lms)
    monkeypatch.setattr(clients, "TOKEN_SECONDS", -1)

    assert await push(lms, f"Bearer {token}") == 401


async def test_token_with_one_letter_changed_is_none(lms: Lms, admin: Any) -> None:
    token = await token_of(admin, lms)
    changed = token[:40] + ("A" if token[40] != "A" else "B") + token[41:]

    assert await push(lms, f"Bearer {changed}") == 401


async def test_sealed_secret_is_no_token_even_if_it_is_the_id_of_a_platform(
    lms: Lms, admin: Any, database: Any
) -> None:
    secret = lms.integration["integration_id"]
    created = await admin.post("/integrations", json={"tool": "github", "name": "github", "secret": secret})
    assert created.status_code == 201
    async with database.transaction() as tx:
        sealed: bytes = await tx.fetch_value("SELECT secret FROM integration WHERE tool = 'github'")

    assert await push(lms, f"Bearer {sealed.decode()}") == 401


async def test_deleted_platform_is_shut_out_at_once_with_its_tokens(lms: Lms, admin: Any) -> None:
    token = await token_of(admin, lms)
    assert (await admin.delete(f"/integrations/{lms.integration['integration_id']}")).status_code == 204

    assert await push(lms, f"Bearer {token}") == 401
    assert await push(lms, lms.headers["authorization"]) == 401


async def test_former_secret_is_taken_for_a_while_after_a_rotation(lms: Lms, admin: Any) -> None:
    rotated = await admin.post(f"/integrations/{lms.integration['integration_id']}/rotate")

    former = await ask(admin, GRANT | secret_of(lms))
    new = await ask(admin, GRANT | secret_of(lms) | {"client_secret": rotated.json()["secret"]})

    assert (former.status_code, new.status_code) == (200, 200)


async def test_paused_platform_is_answered_the_same_and_nothing_is_kept(lms: Lms, admin: Any, ledger: Any) -> None:
    await admin.post(f"/integrations/{lms.integration['integration_id']}/pause")

    assert await push(lms, lms.headers["authorization"]) == 200
    assert await ledger.count("statement") == 0


async def test_name_of_a_platform_is_a_system_of_the_catalogue(admin: Any) -> None:
    answer = await admin.post("/integrations", json={"tool": "xapi", "name": "Our Moodle"})

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["#/name"]


async def test_what_became_of_statements_is_shown(lms: Lms, admin: Any, service: Any, database: Any) -> None:
    await lms.post(statement(), statement("http://adlnet.gov/expapi/verbs/shared"))
    await service.state["journal"].write(database)

    shown = (await admin.get(f"/integrations/{lms.integration['integration_id']}/deliveries")).json()

    assert {(one["outcome"], *one["kinds"]) for one in shown} == {("parked", "learning.completed"), ("ignored",)}
    assert "dana" not in str(shown)
