"""An observation from what a payload gave, without what it did not give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.protocol import Mapped, Observation
from kinetic.ingestion.connectors.severities import Severity


def observe(
    kind: str,
    severity: Severity,
    *,
    place: str,
    state: str,
    at: datetime | None,
    url: str | None,
    facts: Mapping[str, str | None],
    attributes: Mapping[str, str | None],
    thing: str = "Work",
) -> Observation:
    """What happened to `thing` in `place`, which is a name that the tool configures, as `facts` and `attributes` say."""
    summary = kinds.summarise(kind, place, state, thing)
    known_facts = {name: value for name, value in facts.items() if value}
    known_attributes = {name: value for name, value in attributes.items() if value}
    return Observation(kind, severity.value, summary, url, at, known_facts, known_attributes, severity.unknown)


def together(observations: Sequence[Observation]) -> Mapped:
    """Several observations of one payload, at least one, with the facts that all of them have: they belong to one team."""
    if len(observations) == 1:
        return Mapped(tuple(observations))
    first, *others = (one.attribution for one in observations)
    shared = {name: value for name, value in first.items() if all(facts.get(name) == value for facts in others)}
    return Mapped(tuple(one._replace(attribution=shared) for one in observations))
