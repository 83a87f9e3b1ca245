"""Access tokens: signed JWTs with the claims that Kinetic's services check."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from joserfc import jwt
from joserfc.jwk import RSAKey

from examples.issuer.keys import ALGORITHM, load_signing_key
from examples.issuer.users import load_accounts

DEFAULT_ISSUER: Final = "http://127.0.0.1:8100"
DEFAULT_AUDIENCE: Final = "kinetic"
LIFETIME_SECONDS: Final = 3600


def issue_token(
    key_folder: Path,
    email: str,
    roles: Sequence[str],
    *,
    issuer: str = DEFAULT_ISSUER,
    audience: str = DEFAULT_AUDIENCE,
    lifetime_seconds: int = LIFETIME_SECONDS,
) -> str:
    """A signed token for a person. `issuer` is the `iss` that the services expect. Makes the key when there is none."""
    key = load_signing_key(key_folder)
    return sign(key, {"iss": issuer, "aud": audience, "email": email.lower(), "roles": list(roles)}, lifetime_seconds)


def token_for(
    key_folder: Path,
    accounts_file: Path,
    email: str,
    *,
    issuer: str = DEFAULT_ISSUER,
    lifetime_seconds: int = LIFETIME_SECONDS,
) -> str:
    """A signed token for a person with the roles that the accounts file gives. UnknownUser when it does not name them."""
    roles = load_accounts(accounts_file).roles_of(email)
    return issue_token(key_folder, email, roles, issuer=issuer, lifetime_seconds=lifetime_seconds)


def sign(key: RSAKey, claims: dict[str, object], lifetime_seconds: int) -> str:
    """A JWT of `claims` with `sub`, `iat`, `exp` and `jti` added. `sub` is opaque and the same for one e-mail or client."""
    now = int(time.time())
    name = claims.get("email") or claims.get("client_id")
    added = {"sub": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{claims['iss']}/{name}")), "jti": str(uuid.uuid4())}
    header = {"alg": ALGORITHM, "kid": key.kid, "typ": "at+jwt"}
    return jwt.encode(
        header, {**claims, **added, "iat": now, "exp": now + lifetime_seconds}, key, algorithms=[ALGORITHM]
    )
