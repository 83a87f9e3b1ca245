"""Tokens of the example issuer pass the check that Kinetic's services make, and only those."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from examples.issuer import UnknownUser, client_secret_file, issue_token, token_for
from examples.issuer.keys import load_signing_key
from examples.issuer.users import load_accounts
from examples.tests.conftest import ACCOUNTS
from kinetic.common.auth import Role, Verifier
from kinetic.common.keys import InvalidToken

CLIENT_CREDENTIALS = {"grant_type": "client_credentials"}


def verifier(url: str, http: httpx.AsyncClient, audience: str = "kinetic") -> Verifier:
    return Verifier(url, audience, f"{url}/jwks.json", http)


def secret_of(folder: Path, client: str) -> str:
    return client_secret_file(folder, client).read_text()


async def test_discovery_leads_to_the_keys_and_the_token_door(issuer_url: str, http: httpx.AsyncClient) -> None:
    metadata = (await http.get(f"{issuer_url}/.well-known/openid-configuration")).json()
    assert metadata["issuer"] == issuer_url
    (key,) = (await http.get(metadata["jwks_uri"])).json()["keys"]
    assert (key["kty"], key["alg"], key["use"]) == ("RSA", "RS256", "sig")
    assert not {"d", "p", "q", "dp", "dq", "qi"} & key.keys()


async def test_a_token_of_the_command_line_is_accepted_by_a_service(
    issuer_url: str, issuer_folder: Path, http: httpx.AsyncClient
) -> None:
    token = token_for(issuer_folder, ACCOUNTS, "Dana@Northwind.example", issuer=issuer_url)
    principal = await verifier(issuer_url, http).verify(token)
    assert principal.email == "dana@northwind.example"
    assert principal.roles == {Role.MANAGER}


@pytest.mark.parametrize(("issuer", "seconds"), [("http://127.0.0.1:1", 3600), (None, -3600)])
async def test_a_token_of_another_issuer_or_of_yesterday_is_refused(
    issuer_url: str, issuer_folder: Path, http: httpx.AsyncClient, issuer: str | None, seconds: int
) -> None:
    token = issue_token(
        issuer_folder, "dana@northwind.example", ["manager"], issuer=issuer or issuer_url, lifetime_seconds=seconds
    )
    with pytest.raises(InvalidToken):
        await verifier(issuer_url, http).verify(token)


async def test_a_token_of_another_key_is_refused(issuer_url: str, tmp_path: Path, http: httpx.AsyncClient) -> None:
    token = issue_token(tmp_path / "elsewhere", "dana@northwind.example", ["admin"], issuer=issuer_url)
    with pytest.raises(InvalidToken):
        await verifier(issuer_url, http).verify(token)


async def test_a_client_gets_a_token_for_its_secret(
    issuer_url: str, issuer_folder: Path, http: httpx.AsyncClient
) -> None:
    auth = ("example-lms", secret_of(issuer_folder, "example-lms"))
    answer = await http.post(f"{issuer_url}/token", data=CLIENT_CREDENTIALS, auth=auth)
    assert answer.headers["cache-control"] == "no-store"
    principal = await verifier(issuer_url, http).verify(answer.json()["access_token"])
    assert principal.email is None
    assert principal.roles == {Role.SERVICE}


async def test_a_client_may_show_its_secret_in_the_form(
    issuer_url: str, issuer_folder: Path, http: httpx.AsyncClient
) -> None:
    shown = {"client_id": "example-hris", "client_secret": secret_of(issuer_folder, "example-hris")}
    answer = await http.post(f"{issuer_url}/token", data={**CLIENT_CREDENTIALS, **shown})
    assert answer.status_code == 200


@pytest.mark.parametrize(("client", "secret"), [("example-lms", "guess"), ("nobody", "guess"), ("example-lms", "")])
async def test_a_wrong_secret_gets_nothing(issuer_url: str, http: httpx.AsyncClient, client: str, secret: str) -> None:
    answer = await http.post(f"{issuer_url}/token", data=CLIENT_CREDENTIALS, auth=(client, secret))
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


async def test_the_secret_of_one_client_opens_nothing_for_another(
    issuer_url: str, issuer_folder: Path, http: httpx.AsyncClient
) -> None:
    auth = ("example-lms", secret_of(issuer_folder, "example-hris"))
    answer = await http.post(f"{issuer_url}/token", data=CLIENT_CREDENTIALS, auth=auth)
    assert answer.status_code == 401


async def test_a_password_grant_is_not_supported(issuer_url: str, http: httpx.AsyncClient) -> None:
    answer = await http.post(f"{issuer_url}/token", data={"grant_type": "password"})
    assert (answer.status_code, answer.json()) == (400, {"error": "unsupported_grant_type"})


@pytest.mark.parametrize("authorization", ["Basic !!!", "Basic /w==", "Bearer x", "Basic"])
async def test_a_malformed_authorization_is_refused(
    issuer_url: str, http: httpx.AsyncClient, authorization: str
) -> None:
    headers = {"Authorization": authorization, "Content-Type": "application/x-www-form-urlencoded"}
    answer = await http.post(f"{issuer_url}/token", content=b"grant_type=client_credentials&x=%ff", headers=headers)
    assert answer.status_code == 401


def test_secrets_are_readable_by_their_owner_only(issuer_folder: Path) -> None:
    load_signing_key(issuer_folder)
    (key_file,) = issuer_folder.iterdir()
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600


def test_starts_at_the_same_moment_agree_on_one_key(issuer_folder: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        keys = list(pool.map(load_signing_key, [issuer_folder] * 4))
    assert len({key.kid for key in keys}) == 1


def test_a_person_without_an_entry_gets_no_token(issuer_folder: Path) -> None:
    with pytest.raises(UnknownUser, match="nobody@"):
        token_for(issuer_folder, ACCOUNTS, "nobody@northwind.example")


def test_a_client_id_cannot_lead_out_of_the_folder(issuer_folder: Path) -> None:
    with pytest.raises(ValueError, match="client id"):
        client_secret_file(issuer_folder, "../signing-key")


def test_every_role_in_the_accounts_is_one_that_kinetic_knows() -> None:
    accounts = load_accounts(ACCOUNTS)
    known = {str(role) for role in Role}
    assert {role for roles in (*accounts.users.values(), *accounts.clients.values()) for role in roles} <= known
    assert all(roles == ("service",) for roles in accounts.clients.values())
