"""What a manager does in the inbox: look, and click."""

from __future__ import annotations

from typing import Any

from kinetic.cli.addresses import Addresses
from kinetic.cli.doors import ask
from kinetic.cli.errors import Refused
from kinetic.cli.tokens import mint

Nudge = dict[str, Any]


def open_inbox(addresses: Addresses, email: str) -> list[Nudge]:
    """The nudges that stand in a manager's inbox, the newest first."""
    inbox: list[Nudge] = ask("GET", f"{addresses.services['recommendation']}/inbox", mint(addresses, email))
    return inbox


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


def stopped_by_budget(addresses: Addresses, observer: str, manager_id: str) -> list[dict[str, Any]]:
    """The gaps that a manager's weekly budget keeps from becoming nudges, as recommendation tells an observer."""
    url = f"{addresses.services['recommendation']}/deferred"
    hindered: list[dict[str, Any]] = ask("GET", url, mint(addresses, observer))
    return [gap for gap in hindered if gap["obstacle"] == "weekly_budget" and gap["manager_id"] == manager_id]
