"""Who may knock at the door of the bot. Each test takes one mechanism away, and then the stranger gets in."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from unittest.mock import patch

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from joserfc.jwt import JWTClaimsRegistry

from kinetic.common.database import Database
from kinetic.recommendation import teams_door
from kinetic.recommendation.app import create_service
from kinetic.recommendation.channels import teams_proof
from services.recommendation.tests.bot_connector import KEY, BotConnector, activity
from services.recommendation.tests.company import fetch
from tests.support.http import open_doors

OTHER_KEY = RSAKey.generate_key(2048, {"kid": "bot-1", "use": "sig"})

Off = Callable[[], AbstractContextManager[Any]]


async def knock(connector: BotConnector, database: Database, token: str | None, **changes: Any) -> httpx.Response:
    """Bring an activity to doors that have just opened."""
    headers = {} if token is None else {"Authorization": token}
    async with open_doors(create_service(), database) as http:
        return await http.post("/teams/messages", json=activity(connector, **changes), headers=headers)


def _published_instead(key: RSAKey) -> Off:
    async def fetch_keys(*_: Any) -> Mapping[str, Any]:
        return {"bot-1": _Endorsed(key)}

    return lambda: patch.object(teams_proof, "fetch_keys", fetch_keys)


class _Endorsed(RSAKey):
    def __init__(self, key: RSAKey) -> None:
        super().__init__(key.raw_value, {**key.as_dict(private=False), "endorsements": ["msteams"]})


def _without(claim: str) -> Off:
    def registry(**options: Any) -> JWTClaimsRegistry:
        return JWTClaimsRegistry(**{name: option for name, option in options.items() if name != claim})

    return lambda: patch.object(jwt, "JWTClaimsRegistry", registry)


def _set(name: str, value: Any) -> Off:
    return lambda: patch.object(teams_proof, name, value)


def _everything_admitted() -> AbstractContextManager[Any]:
    return patch.object(teams_door, "_admit", lambda *_: None)


@pytest.fixture(autouse=True)
async def _set_up(in_teams: httpx.AsyncClient) -> None:
    """Teams is set up in the environment."""


async def test_the_bot_framework_is_let_in(connector: BotConnector, database: Database) -> None:
    assert (await knock(connector, database, f"Bearer {connector.token()}")).status_code == 200


STRANGERS: dict[str, tuple[dict[str, Any], Off]] = {
    "signed by another key": ({"key": OTHER_KEY}, _published_instead(OTHER_KEY)),
    "for another bot": ({"aud": "b0a7c0de-0000-4000-8000-00000000beef"}, _without("aud")),
    "of another issuer": ({"iss": "https://sts.windows.net/x/"}, _set("ISSUER", "https://sts.windows.net/x/")),
    "expired": ({"ends": -310}, _set("LEEWAY_SECONDS", 10_000)),
    "of tomorrow": ({"begins": 400, "ends": 9000}, _set("LEEWAY_SECONDS", 10_000)),
    "without an end": ({"exp": None}, _without("exp")),
    "with another algorithm": ({"header": {"alg": "RS512"}}, _set("ALGORITHMS", ("RS256", "RS512"))),
}


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize("off", [False, True])
async def test_a_token_that_is_not_proper_opens_nothing(
    connector: BotConnector, database: Database, stranger: str, off: bool
) -> None:
    told, without = STRANGERS[stranger]
    with without() if off else nullcontext():
        answer = await knock(connector, database, f"Bearer {connector.token(**told)}")
    assert answer.status_code == (200 if off else 401), answer.text
    assert (await fetch(database, "SELECT FROM teams_conversation") != []) is off
    assert off or answer.headers["www-authenticate"] == 'Bearer realm="teams"'


OTHERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "another service": ({"serviceurl": "https://evil.example/"}, {}),
    "another tenant": ({}, {"channelData": {"tenant": {"id": "7e4a4700-0000-4000-8000-00000000beef"}}}),
    "no tenant": ({}, {"channelData": {}}),
    "another channel": ({}, {"channelId": "webchat"}),
}


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("off", [False, True])
async def test_a_proper_token_for_something_else_opens_nothing(
    connector: BotConnector, database: Database, other: str, off: bool
) -> None:
    claims, changes = OTHERS[other]
    with _everything_admitted() if off else nullcontext():
        answer = await knock(connector, database, f"Bearer {connector.token(**claims)}", **changes)
    assert answer.status_code == (200 if off else 403)
    assert (await fetch(database, "SELECT FROM teams_conversation") != []) is off


@pytest.mark.parametrize("off", [False, True])
async def test_a_key_that_is_not_endorsed_for_teams_speaks_for_no_activity_of_teams(
    connector: BotConnector, database: Database, off: bool
) -> None:
    connector.endorsements = ["webchat"]
    with _everything_admitted() if off else nullcontext():
        answer = await knock(connector, database, f"Bearer {connector.token()}")
    assert answer.status_code == (200 if off else 403)


def _put_together(header: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    """A token of the Bot Framework with a header and a signature of somebody's own."""
    whole = BotConnector().token().split(".")
    head = urlsafe_b64encode(json.dumps({"kid": "bot-1", "typ": "JWT", **header}).encode()).rstrip(b"=")
    content = head + b"." + whole[1].encode()
    return (content + b"." + urlsafe_b64encode(sign(content)).rstrip(b"=")).decode()


def _forged() -> Iterator[tuple[str, str]]:
    connector, public = BotConnector(), KEY.as_pem(private=False)
    yield (
        "symmetric, with the public key",
        _put_together({"alg": "HS256"}, lambda it: hmac.digest(public, it, "sha256")),
    )
    yield "unsigned", _put_together({"alg": "none"}, lambda _: b"")
    yield "unsigned, and says otherwise", _put_together({"alg": "RS256"}, lambda _: b"")
    yield "unknown key", connector.token(KEY, {"kid": "bot-2"})
    yield "without a service", connector.token(serviceurl=None)
    yield "another kind of key", connector.token(ECKey.generate_key("P-256"), {"alg": "ES256"})
    yield "cut", connector.token()[:-1]
    yield "none", "x"
    yield "long", "x" * 20_000


async def test_a_forged_token_opens_nothing(connector: BotConnector, database: Database) -> None:
    for how, token in _forged():
        answer = await knock(connector, database, f"Bearer {token}", serviceUrl="/amer/")
        assert answer.status_code == 401, (how, answer.text)


async def test_without_a_token_nothing_opens(connector: BotConnector, database: Database) -> None:
    for header in (None, "", "Bearer", "Basic x", "bot"):
        assert (await knock(connector, database, header)).status_code == 401, header


async def test_a_slash_at_the_end_makes_no_other_service(connector: BotConnector, database: Database) -> None:
    token = connector.token(serviceurl=connector.service_url.rstrip("/"))
    assert (await knock(connector, database, f"Bearer {token}")).status_code == 200


async def test_a_token_is_good_within_five_minutes_of_its_end(connector: BotConnector, database: Database) -> None:
    token = connector.token(begins=240, ends=-240)
    assert (await knock(connector, database, f"Bearer {token}")).status_code == 200


async def test_while_the_keys_cannot_be_had_the_answer_is_503(
    connector: BotConnector, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = f"Bearer {connector.token()}"
    for url in ("http://127.0.0.1:9/openid", f"{connector.url}/keys", "http://[", f"{connector.url}/nowhere"):
        monkeypatch.setenv("KINETIC_TEAMS_OPENID_URL", url)
        answer = await knock(connector, database, token)
        assert (answer.status_code, "retry-after" in answer.headers) == (503, True), url


async def test_a_token_of_another_issuer_is_worth_no_question_about_its_key(
    in_teams: httpx.AsyncClient, connector: BotConnector
) -> None:
    token = connector.token(iss="https://login.company.example")
    headers = {"Authorization": f"Bearer {token}"}
    assert (await in_teams.post("/teams/messages", json=activity(connector), headers=headers)).status_code == 401
    assert connector.asked_for_keys == 0


async def test_invented_keys_do_not_flood_the_issuer(in_teams: httpx.AsyncClient, connector: BotConnector) -> None:
    for number in range(20):
        token = connector.token(KEY, {"kid": f"invented-{number}"})
        answer = await in_teams.post(
            "/teams/messages", json=activity(connector), headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code == 401
    assert connector.asked_for_keys == 1


async def test_without_a_bot_the_door_is_not_there(
    connector: BotConnector, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("APP_ID", "APP_SECRET", "TENANT_ID"):
        monkeypatch.delenv(f"KINETIC_TEAMS_{name}")
    answer = await knock(connector, database, f"Bearer {connector.token()}")
    assert (answer.status_code, answer.json()["detail"]) == (503, "Microsoft Teams is not set up here.")


NO_ACTIVITIES = (b"", b"{", b"[]", b'{"type": "message"}', b'{"type": "x", "serviceUrl": 1, "conversation": {}}')


async def test_what_is_no_activity_is_refused(in_teams: httpx.AsyncClient, connector: BotConnector) -> None:
    headers = {"Authorization": f"Bearer {connector.token()}", "Content-Type": "application/json"}
    for body in NO_ACTIVITIES:
        answer = await in_teams.post("/teams/messages", content=body, headers=headers)
        assert answer.status_code in (400, 422), body
        assert answer.headers["content-type"] == "application/problem+json"
    assert (await in_teams.post("/teams/messages", json={"type": "message"})).status_code == 401
