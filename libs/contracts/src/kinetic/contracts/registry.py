"""Every event by its CloudEvents type: the one list from which schemas and documents are made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType, ModuleType

from kinetic.contracts import assignment, feedback, ingestion, recommendation, skill_gap
from kinetic.contracts.event import Event

PRODUCERS: Mapping[str, ModuleType] = MappingProxyType(
    {
        "ingestion": ingestion,
        "skill-gap": skill_gap,
        "recommendation": recommendation,
        "assignment": assignment,
        "feedback": feedback,
    }
)


def _events_of(module: ModuleType) -> Iterator[type[Event]]:
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Event) and "type" in vars(value):
            yield value


BY_PRODUCER: Mapping[str, tuple[type[Event], ...]] = MappingProxyType(
    {name: tuple(_events_of(module)) for name, module in PRODUCERS.items()}
)

BY_TYPE: Mapping[str, type[Event]] = MappingProxyType(
    {event.type: event for events in BY_PRODUCER.values() for event in events}
)
