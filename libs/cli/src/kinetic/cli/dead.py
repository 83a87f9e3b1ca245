"""`kinetic dead`: what services gave up, why, and handing it to them again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.table import Table

from kinetic.cli.doors import ask
from kinetic.cli.errors import Refused

Letter = dict[str, Any]


def list_letters(services: Mapping[str, str], token: str, limit: int) -> list[Letter]:
    """The newest dead letters of these services (name → base URL), the newest first, each with its `service`."""
    letters: list[Letter] = []
    for name, url in services.items():
        answer = ask("GET", f"{url}/dead-letters", token, params={"limit": limit})
        letters += [{**letter, "service": name} for letter in answer]
    return sorted(letters, key=lambda letter: str(letter["dead_at"]), reverse=True)[:limit]


def show_letter(services: Mapping[str, str], token: str, letter_id: str) -> Letter:
    """One dead letter, whole. Refused when none of the services has it."""
    for name, url in services.items():
        if (letter := _find(url, token, letter_id)) is not None:
            return {"service": name, **letter}
    raise _nowhere(services, letter_id)


def replay_letter(services: Mapping[str, str], token: str, letter_id: str) -> Letter:
    """Hand it to its service again. Refused when it was replayed before or fails again."""
    for name, url in services.items():
        if _find(url, token, letter_id) is not None:
            return {"service": name, **ask("POST", f"{url}/dead-letters/{letter_id}/replay", token)}
    raise _nowhere(services, letter_id)


def letters_table(letters: Sequence[Letter]) -> Table:
    """Dead letters as a table."""
    table = Table("service", "dead since", "topic", "type", "cause", "replayed", "id", box=None, header_style="bold")
    for letter in letters:
        table.add_row(*_cells(letter))
    return table


def _cells(letter: Letter) -> Iterator[str]:
    for name in ("service", "dead_at", "topic", "type", "cause", "replayed_at", "dead_letter_id"):
        yield str(letter.get(name) or "-")[:200]


def _find(url: str, token: str, letter_id: str) -> Letter | None:
    try:
        letter: Letter = ask("GET", f"{url}/dead-letters/{letter_id}", token)
    except Refused as refusal:
        if refusal.status == 404:
            return None
        raise
    return letter


def _nowhere(services: Mapping[str, str], letter_id: str) -> Refused:
    return Refused(f"no dead letter {letter_id} in {', '.join(services)}")
