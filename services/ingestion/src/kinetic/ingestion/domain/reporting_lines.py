"""Reporting lines, which change at dates, and circles in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from kinetic.contracts.ids import PersonId
from kinetic.contracts.ingestion import PersonChanged
from kinetic.ingestion.domain.positions import position_at

Lines = dict[PersonId, PersonId | None]
"""Person → manager."""


def find_circles(people: Sequence[PersonChanged], now: datetime) -> Iterator[tuple[PersonId, ...]]:
    """Everybody who manages themselves by way of others, now or from a planned date on."""
    lines: Lines = {}
    for person in people:
        position = position_at(person.positions, now)
        if position is not None:
            lines[person.person_id] = position.manager_id
    yield from _circles_through(lines, lines)
    for changes in _planned(people, now):
        lines.update(changes)
        yield from _circles_through(lines, changes)


def _planned(people: Iterable[PersonChanged], now: datetime) -> Iterator[Lines]:
    """The changes of each date after `now`, in the order of the dates."""
    by_date: dict[datetime, Lines] = {}
    for person in people:
        for position in person.positions:
            if position.effective_from > now:
                by_date.setdefault(position.effective_from, {})[person.person_id] = position.manager_id
    for date in sorted(by_date):
        yield by_date[date]


def _circles_through(
    lines: Mapping[PersonId, PersonId | None], starts: Iterable[PersonId]
) -> Iterator[tuple[PersonId, ...]]:
    harmless: set[PersonId] = set()
    for start in starts:
        path: dict[PersonId, None] = {}
        at: PersonId | None = start
        while at is not None and at not in harmless and at not in path:
            path[at] = None
            at = lines.get(at)
        if at is not None and at in path:
            walked = list(path)
            yield tuple(walked[walked.index(at) :])
        harmless.update(path)
