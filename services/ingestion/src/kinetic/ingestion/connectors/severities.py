"""How bad is it? The rules by which the words of tools become a severity between 0 and 1."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from kinetic.ingestion.connectors.languages import ENGLISH

NEUTRAL = 0.5
"""Where the tool says nothing, or a word nobody here knows."""

HIGH = 0.75
"""What is escalated is at least this bad."""


class Severity(NamedTuple):
    """How bad it is, 0..1, and the words of the tool that no rule knows and that were read as neutral."""

    value: float
    unknown: tuple[str, ...] = ()

    def raised_by(self, more: float) -> Severity:
        """The same, worse by `more`, 1 at most."""
        return Severity(min(round(self.value + more, 2), 1.0), self.unknown)

    def at_least(self, value: float) -> Severity:
        """The same, or `value` when that is worse."""
        return Severity(max(self.value, value), self.unknown)


_NOT_SAID = Severity(NEUTRAL)


@dataclass(frozen=True, slots=True)
class Scale:
    """The words of one field of one tool, in lower case, and how bad each is."""

    field: str
    words: Mapping[str, float]
    _severities: Mapping[str, Severity] = dataclasses.field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        severities = {word: Severity(value) for word, value in self.words.items()}
        object.__setattr__(self, "_severities", severities)

    def of(self, word: str | None) -> Severity:
        """How bad `word` is: neutral when the tool gives none, and neutral and unknown when the scale does not have it."""
        if not word:
            return _NOT_SAID
        name = word.strip().lower()
        known = self._severities.get(name) or self._severities.get(ENGLISH.get(name, ""))
        return known or Severity(NEUTRAL, (f"{self.field} {word}",))


_WORDS = {
    1.0: ("blocker", "critical", "highest", "urgent", "emergency", "p0", "sev0"),
    0.75: ("high", "major", "important", "error", "p1", "sev1"),
    0.5: ("medium", "moderate", "normal", "warning", "p2", "sev2"),
    0.25: ("low", "minor", "note", "p3", "sev3"),
    0.1: ("lowest", "trivial", "p4", "sev4"),
}
_SEVERITY = {word: severity for severity, words in _WORDS.items() for word in words}
_SEPARATORS = re.compile(r"[\W_]+")


_RANKS = (1.0, 0.75, 0.5, 0.25, 0.1)


def ranks(*prefixes: str) -> dict[str, float]:
    """The words of a scale from 1, the worst, to 5 behind each of `prefixes`: ``p1``, ``sev-1``."""
    return {f"{prefix}{rank}": severity for prefix in prefixes for rank, severity in enumerate(_RANKS, start=1)}


@lru_cache(maxsize=1024)
def severity_of(name: str | None) -> float | None:
    """The severity of a priority such as ``High``, ``priority: critical`` or ``P1``; None for an unknown one."""
    if not name:
        return None
    for word in reversed(_words_of(name)):
        if word in _SEVERITY:
            return _SEVERITY[word]
    return _SEVERITY.get(ENGLISH.get(name.strip().lower(), ""))


def judge(field: str, name: str | None) -> Severity:
    """How bad something is by the `name` in a `field` that every company words as it likes, such as a priority."""
    if not name:
        return _NOT_SAID
    known = severity_of(name)
    return Severity(NEUTRAL, (f"{field} {name}",)) if known is None else Severity(known)


def worst_of(names: Iterable[str]) -> float:
    """The highest severity among names, neutral when none says anything."""
    return max((found for name in names if (found := severity_of(name)) is not None), default=NEUTRAL)


def severity_of_delay(days: float) -> Severity:
    """A few days late is a sign, a month is trouble: below 7 days 0.3, below 30 days 0.5, else 0.75."""
    if days < 7:
        return Severity(0.3)
    return Severity(0.5 if days < 30 else 0.75)


def says(name: str, wanted: frozenset[str]) -> bool:
    """Whether `name` holds a wanted word, as ``bug``, ``type: bug``, ``kind/bug`` and ``[Bug]`` all do."""
    return not wanted.isdisjoint(_words_of(name))


def says_outright(name: str, wanted: frozenset[str], denied_by: frozenset[str]) -> bool:
    """Whether `name` holds a wanted word, and before it none that denies it, as ``pre-prod`` does."""
    for word in _words_of(name):
        if word in wanted:
            return True
        if word in denied_by:
            return False
    return False


@lru_cache(maxsize=1024)
def _words_of(name: str) -> tuple[str, ...]:
    """The words of a type, a label or a priority, in lower case. The same few come again and again."""
    return tuple(_SEPARATORS.split(name.lower()))
