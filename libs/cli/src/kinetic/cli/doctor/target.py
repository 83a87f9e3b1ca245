"""What is examined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from kinetic.cli.addresses import Addresses


@dataclass(frozen=True, slots=True)
class Target:
    """An installation by its addresses. Without `postgres` or `token` what needs them is skipped.

    `without_token` says why there is no token.
    """

    addresses: Addresses
    jwks_url: str
    audience: str
    postgres: str | None = None
    token: str | None = None
    without_token: str = ""

    @property
    def services(self) -> Mapping[str, str]:
        """The services' base URLs by name."""
        return self.addresses.services

    @property
    def secrets(self) -> set[str]:
        """What must not be told: the token, the address of Postgres whole, and every password in an address."""
        urls = [self.postgres or "", self.jwks_url, self.addresses.issuer, *self.services.values()]
        passwords = [password for url in urls if (password := _password_in(url))]
        known = {self.token or "", self.postgres or "", *passwords, *map(unquote, passwords)}
        return {secret for secret in known if secret}


def _password_in(url: str) -> str | None:
    try:
        return urlsplit(url).password
    except ValueError:
        return None
