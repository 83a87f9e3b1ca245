"""What a manager does in the inbox: look, and click."""

from __future__ import annotations

from typing import Any

from kinetic.cli.addresses import Addresses
from kinetic.cli.doors import ask
from kinetic.cli.errors import Refused
from kinetic.cli.tokens import mint

Nudge = dict[str, Any]


def open_inbox(addresses: Addresses, email: str) -> list[Nudge]:
    """The nudges that stand in a manager's inbox."""
    answer = ask("GET", f"{addresses.services['recommendation']}/inbox", mint(addresses, email))
    return [nudge for nudge in nudges_in(answer) if nudge["state"] in ("composed", "seen")]


def nudges_in(answer: Any) -> list[Nudge]:
    """The nudges of an inbox, which is a list or has one."""
    return list(answer if isinstance(answer, list) else answer["nudges"])


def assign(addresses: Addresses, email: str, nudge: Nudge) -> Any:
    """One click. Refused when the nudge is not the manager's or was answered before."""
    url = f"{addresses.services['recommendation']}/nudges/{nudge['nudge_id']}/assign"
    return ask("POST", url, mint(addresses, email), json={"version": nudge["version"]})


def is_hidden_from(addresses: Addresses, email: str, nudge: Nudge) -> bool:
    """Whether a manager's click on somebody else's nudge is answered 404, as if there were no such nudge."""
    try:
        assign(addresses, email, nudge)
    except Refused as refusal:
        return refusal.status == 404
    return False


def deferred(addresses: Addresses, email: str) -> list[dict[str, Any]]:
    """The nudges that wait for a manager's attention, as recommendation tells those who look after learning."""
    answer: list[dict[str, Any]] = ask(
        "GET", f"{addresses.services['recommendation']}/deferred", mint(addresses, email)
    )
    return answer
