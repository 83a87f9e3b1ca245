"""What a check found, and how it is told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

HIDDEN: Final = "…"
_MOST_NAMED: Final = 5


class State(StrEnum):
    """How it stands with what was checked. Only `wrong` fails the command."""

    OK = "ok"
    SKIPPED = "skipped"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. `remedy` is a sentence that says what to do, empty when there is nothing to do."""

    name: str
    state: State
    detail: str
    remedy: str = ""


def fine(name: str, detail: str) -> Finding:
    """Nothing is to be done."""
    return Finding(name, State.OK, detail)


def skipped(name: str, why: str, remedy: str = "") -> Finding:
    """This was not checked."""
    return Finding(name, State.SKIPPED, why, remedy)


def doubtful(name: str, detail: str, remedy: str) -> Finding:
    """It works, and is not as it should be."""
    return Finding(name, State.WARNING, detail, remedy)


def wrong(name: str, detail: str, remedy: str) -> Finding:
    """It does not work, or a promise does not hold."""
    return Finding(name, State.WRONG, detail, remedy)


def without_secrets(findings: Iterable[Finding], secrets: Collection[str]) -> list[Finding]:
    """The findings with every secret blotted out, wherever a message of others may have quoted it."""
    return [
        replace(finding, detail=_blotted(finding.detail, secrets), remedy=_blotted(finding.remedy, secrets))
        for finding in findings
    ]


def listed(names: Iterable[str], most: int = _MOST_NAMED) -> str:
    """Names in one phrase, the first few of them by name."""
    found = list(names)
    left = len(found) - most
    return ", ".join(found) if left <= 0 else f"{', '.join(found[:most])} and {left} more"


def counted(number: int, noun: str) -> str:
    """A number with its noun, which takes an s."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def lasting(seconds: float) -> str:
    """A time span in its largest fitting unit."""
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def is_failed(findings: Sequence[Finding]) -> bool:
    """Whether anything is wrong."""
    return any(finding.state is State.WRONG for finding in findings)


def _blotted(text: str, secrets: Collection[str]) -> str:
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text
