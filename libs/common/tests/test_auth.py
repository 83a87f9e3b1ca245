"""Bearer tokens are judged by the issuer's published keys, and by nothing that the caller can choose."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from kinetic.common import auth
from kinetic.common.auth import Principal, Role, Verifier
from kinetic.common.keys import InvalidToken

AUDIENCE = "kinetic"


RSA = RSAKey.generate_key(2048, {"kid": "rsa-1", "use": "sig", "alg": "RS256"})


LENIENT = jws.JWSRegistry(strict_check_header=False)
EC = ECKey.generate_key("P-256", {"kid": "ec-1", "use": "sig"})


class Issuer(ThreadingHTTPServer):
    """An OIDC issuer, as far as we see of it: a JWK set behind a real HTTP server."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), IssuerHandler)
        self.document: Any = KeySet([RSA, EC]).as_dict(private=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class IssuerHandler(BaseHTTPRequestHandler):
    server: Issuer

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(self.server.document).encode())

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with Issuer() as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


@pytest.fixture
def verifier(issuer: Issuer, http: httpx.AsyncClient) -> Verifier:
    return Verifier(issuer.url, AUDIENCE, f"{issuer.url}/jwks", http)


def claims_of(issuer: Issuer, **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {
        "iss": issuer.url,
        "aud": AUDIENCE,
        "sub": "u1",
        "exp": now + 60,
        "iat": now,
        "roles": ["manager"],
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def token_of(issuer: Issuer, key: RSAKey | ECKey = RSA, **changes: Any) -> str:
    algorithm = "ES256" if isinstance(key, ECKey) else "RS256"
    return jwt.encode({"alg": algorithm, "kid": key.kid}, claims_of(issuer, **changes), key)


def unsigned(header: Any, claims: Any, signature: str = "") -> str:
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims))
    return ".".join([*parts, signature])


async def test_a_token_names_its_caller(issuer: Issuer, verifier: Verifier) -> None:
    token = token_of(issuer, email="Anna@Example.com", roles=["manager", "admin", "unknown", 7])

    assert await verifier.verify(token) == Principal("u1", "anna@example.com", frozenset({Role.MANAGER, Role.ADMIN}))


async def test_a_token_signed_with_an_elliptic_curve_is_taken(issuer: Issuer, verifier: Verifier) -> None:
    assert (await verifier.verify(token_of(issuer, EC))).subject == "u1"


async def test_a_header_parameter_that_nobody_knows_is_ignored(issuer: Issuer, verifier: Verifier) -> None:
    token = jwt.encode({"alg": "RS256", "kid": "rsa-1", "nonce": "n"}, claims_of(issuer), RSA, registry=LENIENT)

    assert (await verifier.verify(token)).subject == "u1"


async def test_one_of_several_audiences_is_enough(issuer: Issuer, verifier: Verifier) -> None:
    assert (await verifier.verify(token_of(issuer, aud=["other", AUDIENCE]))).subject == "u1"


@pytest.mark.parametrize("changes", [{}, {"email": 5}, {"email": ""}, {"email": "a@b.c", "email_verified": False}])
async def test_an_absent_or_unverified_address_is_no_address(
    issuer: Issuer, verifier: Verifier, changes: dict[str, Any]
) -> None:
    assert (await verifier.verify(token_of(issuer, **changes))).email is None


@pytest.mark.parametrize("roles", [None, "manager", {"manager": True}, []])
async def test_roles_that_are_no_list_are_no_roles(issuer: Issuer, verifier: Verifier, roles: Any) -> None:
    assert (await verifier.verify(token_of(issuer, roles=roles))).roles == frozenset()


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 1},
        {"exp": int(time.time()) - auth.LEEWAY_SECONDS - 5},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": float("nan")},
        {"aud": "other"},
        {"aud": ["other"]},
        {"aud": None},
        {"aud": {}},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 5},
        {"nbf": int(time.time()) + 3600},
        {"iat": int(time.time()) + 3600},
    ],
)
async def test_wrong_claims_are_refused(issuer: Issuer, verifier: Verifier, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidToken):
        await verifier.verify(token_of(issuer, **changes))


async def test_a_small_difference_of_clocks_is_forgiven(issuer: Issuer, verifier: Verifier) -> None:
    now = int(time.time())

    caller = await verifier.verify(token_of(issuer, exp=now - 10, nbf=now + 10, iat=now + 10))

    assert caller.subject == "u1"


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "ey.ey.ey",
        "x" * 200_000,
        "\x00.\x00.\x00",
        "é.é.é",
        unsigned([], {}),
        unsigned("alg", {}),
    ],
)
async def test_garbage_is_refused(verifier: Verifier, token: str) -> None:
    with pytest.raises(InvalidToken):
        await verifier.verify(token)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "kid": "rsa-1"},
        {"alg": "HS256", "kid": "rsa-1"},
        {"alg": "RS512", "kid": "rsa-1"},
        {"alg": "RS256"},
        {"alg": "RS256", "kid": 5},
        {"alg": 5, "kid": "rsa-1"},
        {"alg": ["RS256"], "kid": "rsa-1"},
        {"alg": "RS256", "kid": "rsa-1", "crit": 5},
        {"alg": "RS256", "kid": "rsa-1", "crit": ["b64"], "b64": False},
        {"kid": "rsa-1"},
    ],
)
async def test_headers_that_ask_for_anything_else_are_refused(
    issuer: Issuer, verifier: Verifier, header: dict[str, Any]
) -> None:
    with pytest.raises(InvalidToken):
        await verifier.verify(unsigned(header, claims_of(issuer), "c2ln"))


async def test_an_empty_signature_is_refused(issuer: Issuer, verifier: Verifier) -> None:
    with pytest.raises(InvalidToken):
        await verifier.verify(unsigned({"alg": "RS256", "kid": "rsa-1"}, claims_of(issuer)))


async def test_the_public_key_is_no_shared_secret(issuer: Issuer, verifier: Verifier) -> None:
    # By hand, because the library refuses to sign with such a secret.
    signed = unsigned({"alg": "HS256", "kid": "rsa-1"}, claims_of(issuer)).removesuffix(".")
    mac = hmac.digest(RSA.as_pem(private=False), signed.encode(), "sha256")

    with pytest.raises(InvalidToken):
        await verifier.verify(f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}")


async def test_a_symmetric_key_in_the_set_is_left_out(issuer: Issuer, http: httpx.AsyncClient) -> None:
    shared = OctKey.generate_key(256, {"kid": "oct-1"})
    issuer.document["keys"].append(shared.as_dict(private=True))
    verifier = Verifier(issuer.url, AUDIENCE, issuer.url, http, algorithms=("RS256", "HS256"))

    with pytest.raises(InvalidToken, match="unknown key"):
        await verifier.verify(jwt.encode({"alg": "HS256", "kid": "oct-1"}, claims_of(issuer), shared))


async def test_a_key_verifies_only_its_own_algorithm(issuer: Issuer, http: httpx.AsyncClient) -> None:
    verifier = Verifier(issuer.url, AUDIENCE, issuer.url, http, algorithms=("RS256", "PS256"))
    raw = RSAKey.import_key(RSA.as_pem(private=True))
    header = {"alg": "PS256", "kid": "rsa-1"}
    token = jws.serialize_compact(header, json.dumps(claims_of(issuer)), raw, algorithms=["PS256"])

    with pytest.raises(InvalidToken):
        await verifier.verify(token)


async def test_a_token_signed_by_a_stranger_under_a_known_key_id_is_refused(issuer: Issuer, verifier: Verifier) -> None:
    stranger = RSAKey.generate_key(2048, {"kid": "rsa-1"})

    with pytest.raises(InvalidToken):
        await verifier.verify(token_of(issuer, stranger))


async def test_a_changed_token_is_refused(issuer: Issuer, verifier: Verifier) -> None:
    header, _, signature = token_of(issuer).split(".")
    _, claims, _ = unsigned({}, claims_of(issuer, roles=["admin"])).split(".")

    with pytest.raises(InvalidToken):
        await verifier.verify(f"{header}.{claims}.{signature}")
