"""How bad is it? The rules by which the words of tools become a severity between 0 and 1."""

from __future__ import annotations

import re
from collections.abc import Iterable

NEUTRAL = 0.5
"""Where the tool says nothing, or a word nobody here knows."""

_WORDS = {
    1.0: ("blocker", "critical", "highest", "urgent", "emergency", "p0", "sev0"),
    0.75: ("high", "major", "important", "error", "p1", "sev1"),
    0.5: ("medium", "moderate", "normal", "warning", "p2", "sev2"),
    0.25: ("low", "minor", "note", "p3", "sev3"),
    0.1: ("lowest", "trivial", "p4", "sev4"),
}
_SEVERITY = {word: severity for severity, words in _WORDS.items() for word in words}
_SEPARATORS = re.compile(r"[\s:/._-]+")


def severity_of(name: str | None) -> float | None:
    """The severity of a priority such as ``High``, ``priority: critical`` or ``P1``; None for an unknown one."""
    if not name:
        return None
    words = _SEPARATORS.split(name.lower())
    return next((_SEVERITY[word] for word in reversed(words) if word in _SEVERITY), None)


def worst_of(names: Iterable[str]) -> float:
    """The highest severity among names, neutral when none says anything."""
    return max((found for name in names if (found := severity_of(name)) is not None), default=NEUTRAL)


def severity_of_delay(days: float) -> float:
    """A few days late is a sign, a month is trouble: below 7 days 0.3, below 30 days 0.5, else 0.75."""
    if days < 7:
        return 0.3
    return 0.5 if days < 30 else 0.75


def says(names: Iterable[str], wanted: frozenset[str]) -> bool:
    """Whether one of `names` holds a wanted word, as ``bug``, ``type: bug`` and ``kind/bug`` all do."""
    return any(not wanted.isdisjoint(_SEPARATORS.split(name.lower())) for name in names)
