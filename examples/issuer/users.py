"""Who may get a token, and with which roles: read from a YAML file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


class UnknownUser(LookupError):
    """Nobody of that name gets a token. Says who does."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """People by their lower-case e-mail, and clients (programs) by their id; each with roles."""

    users: dict[str, tuple[str, ...]]
    clients: dict[str, tuple[str, ...]]

    def roles_of(self, email: str) -> tuple[str, ...]:
        """The roles of a person. UnknownUser when the file does not name them."""
        try:
            return self.users[email.lower()]
        except KeyError:
            raise UnknownUser(f"{email} gets no token; known are {', '.join(self.users)}") from None


def load_accounts(path: Path) -> Accounts:
    """Read the accounts. OSError or ValueError when the file is missing or not of the expected shape."""
    document: Any = yaml.safe_load(path.read_text())
    try:
        return Accounts(
            users={entry["email"].lower(): tuple(entry["roles"]) for entry in document["users"]},
            clients={entry["id"]: tuple(entry["roles"]) for entry in document["clients"]},
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path}: expected users with email and roles, clients with id and roles; {error!r}"
        ) from error
