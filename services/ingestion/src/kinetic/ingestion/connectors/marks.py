"""Marks: the types and labels by which people say what kind of trouble an item or a ticket is."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from kinetic.ingestion.connectors import kinds, languages
from kinetic.ingestion.connectors.severities import says

_KINDS = {
    kinds.SERVICE_INCIDENT: languages.INCIDENTS | {"incident", "incidents", "outage"},
    kinds.SECURITY_FINDING: languages.SECURITY | {"security", "vulnerability", "vulnerabilities", "cve", "phishing"},
    kinds.QUALITY_DEFECT: languages.DEFECTS | {"bug", "bugs", "defect", "defects", "regression", "problem"},
    kinds.CUSTOMER_DISSATISFIED: languages.COMPLAINTS | {"complaint", "complaints"},
}
_DENIED = languages.DENIALS | {"not", "no", "non", "review", "postmortem", "retrospective"}
"""``not a bug`` is none, and a review of an incident is planned work."""
_ALONE = {"error": kinds.QUALITY_DEFECT}
"""What marks only by itself: Spanish trackers call a defect so, while ``error handling`` is a matter of its own."""


def kind_of(names: Iterable[str | None]) -> str | None:
    """The signal that types or labels mark something as; None when it is everyday work."""
    marked = {kind for name in names if name and (kind := _kind_of(name))}
    return next((kind for kind in _KINDS if kind in marked), None) if marked else None


@lru_cache(maxsize=1024)
def _kind_of(name: str) -> str | None:
    """What one type or label marks something as. The same few come again and again."""
    if says(name, _DENIED):
        return None
    marked = next((kind for kind, words in _KINDS.items() if says(name, words)), None)
    return marked or _ALONE.get(name.strip().lower())
