"""Tokens of the example's issuer, minted from its key folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kinetic.cli.addresses import Addresses
from kinetic.cli.clone import require_clone
from kinetic.cli.errors import Misused, Refused

LIFETIME_SECONDS = 8 * 3600


def mint(addresses: Addresses, email: str, roles: Sequence[str] = ()) -> str:
    """A token for a person, with the roles the example gives them unless `roles` are named.

    Raises Misused when there is no key to sign with, Refused when the example does not know the person.
    """
    accounts = require_clone() / "examples" / "company" / "users.yaml"
    from examples.issuer import UnknownUser, issue_token, token_for

    folder = _key_folder(addresses)
    try:
        if roles:
            return issue_token(folder, email, roles, issuer=addresses.issuer, lifetime_seconds=LIFETIME_SECONDS)
        return token_for(folder, accounts, email, issuer=addresses.issuer, lifetime_seconds=LIFETIME_SECONDS)
    except UnknownUser as error:
        raise Refused(f"{error}; or name the roles with --role") from error


def _key_folder(addresses: Addresses) -> Path:
    folder = Path(addresses.key_folder) if addresses.key_folder else None
    if folder is None or not folder.is_dir():
        raise Misused("the example issuer has no key yet: start `make run` first, or bring a token in KINETIC_TOKEN")
    return folder
