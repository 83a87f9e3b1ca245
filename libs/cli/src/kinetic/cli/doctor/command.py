"""`kinetic doctor`: what is examined, and how it is told."""

from __future__ import annotations

import asyncio

from rich.console import Console

from kinetic.cli.addresses import Addresses, known_addresses
from kinetic.cli.doctor.examination import examine
from kinetic.cli.doctor.finding import is_failed
from kinetic.cli.doctor.report import as_json as told_as_json
from kinetic.cli.doctor.report import as_table, summary
from kinetic.cli.doctor.target import Target
from kinetic.cli.errors import CommandFailed
from kinetic.cli.tokens import mint

_UNWRAPPED = 240


def target_of(
    addresses: Addresses, *, jwks_url: str | None, audience: str, postgres: str | None, token: str | None, email: str
) -> Target:
    """What the options and the environment name. The example's issuer signs for `email` when there is no token."""
    why = ""
    if token is None:
        token, why = _minted(addresses, email)
    url = jwks_url or f"{addresses.issuer}/jwks.json"
    return Target(addresses, url, audience, postgres or None, token, why)


def diagnose(target: Target, *, as_json: bool) -> int:
    """Examine, tell, and return the exit code: 0 when nothing is wrong, else 1."""
    findings = asyncio.run(examine(target))
    if as_json:
        print(told_as_json(findings))
    else:
        terminal = Console(highlight=False)
        terminal.width = max(terminal.width, _UNWRAPPED)
        terminal.print(as_table(findings))
        terminal.print(summary(findings))
    return int(is_failed(findings))


def _minted(addresses: Addresses, email: str) -> tuple[str | None, str]:
    """A token of the example's issuer; or None, and why. Nobody else's issuer is to see one."""
    if addresses.issuer != known_addresses().issuer:
        return None, "there is no token of this issuer"
    try:
        return mint(addresses, email), ""
    except CommandFailed as failure:
        return None, str(failure)
