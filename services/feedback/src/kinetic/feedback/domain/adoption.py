"""Do managers look at nudges and act on them, and how fast? For groups, never for single people but to themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from statistics import median

from kinetic.contracts.ids import PersonId


@dataclass(frozen=True, slots=True)
class ManagerWeek:
    """What one manager did with the nudges of a week about the teams of one unit; `week` is its Monday."""

    manager_id: PersonId
    week: date
    unit: str | None
    composed: int
    seen: int
    seconds_to_act: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Adoption:
    """The same of a group; `unit` is None for the whole organisation. `median_seconds_to_act` is None when too few acted."""

    week: date
    unit: str | None
    managers: int
    composed: int
    seen: int
    acted: int
    median_seconds_to_act: float | None


def adoption_of_groups(weeks: Iterable[ManagerWeek], least: int) -> list[Adoption]:
    """The whole organisation and its units, the newest week first, without groups of fewer than `least` managers.

    Nor does any follow by subtraction: where the units that are not shown have too few managers together, the smallest of the
    others is not shown either.
    """
    found: list[Adoption] = []
    for week, members in groupby(sorted(weeks, key=_newest_first), key=lambda one: one.week):
        everybody = list(members)
        if _managers(everybody) >= least:
            found.append(_adoption(week, None, everybody, least))
            found += [_adoption(week, unit, group, least) for unit, group in _shown_units(everybody, least)]
    return found


def adoption_of_one(weeks: Iterable[ManagerWeek]) -> list[Adoption]:
    """What one manager did, for themselves, the newest week first."""
    ordered = sorted(weeks, key=_newest_first)
    return [_adoption(week, None, list(own), 1) for week, own in groupby(ordered, key=lambda one: one.week)]


def _shown_units(everybody: Sequence[ManagerWeek], least: int) -> list[tuple[str, list[ManagerWeek]]]:
    units: dict[str | None, list[ManagerWeek]] = {}
    for one in everybody:
        units.setdefault(one.unit, []).append(one)
    by_size = sorted(units.items(), key=lambda unit: (_managers(unit[1]), unit[0] or ""))
    hidden: list[ManagerWeek] = []
    shown: list[tuple[str, list[ManagerWeek]]] = []
    for unit, group in by_size:
        if unit is None or _managers(group) < least or 0 < _managers(hidden) < least:
            hidden += group
        else:
            shown.append((unit, group))
    return sorted(shown)


def _adoption(week: date, unit: str | None, group: Sequence[ManagerWeek], least: int) -> Adoption:
    seconds = [second for one in group for second in one.seconds_to_act]
    acting = _managers([one for one in group if one.seconds_to_act])
    return Adoption(
        week=week,
        unit=unit,
        managers=_managers(group),
        composed=sum(one.composed for one in group),
        seen=sum(one.seen for one in group),
        acted=len(seconds),
        median_seconds_to_act=median(seconds) if acting >= least else None,
    )


def _managers(group: Iterable[ManagerWeek]) -> int:
    return len({one.manager_id for one in group})


def _newest_first(one: ManagerWeek) -> int:
    return -one.week.toordinal()
