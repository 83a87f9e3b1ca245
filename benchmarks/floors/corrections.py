"""What skill-gap's floor remembers of measurements, so that a correction takes the place of what it corrects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from benchmarks.floors.evidence import alarm_of, measured_in
from benchmarks.floors.loop import Connection, Read

Measured = tuple[str, str, datetime, datetime]

_KEYS = "unnest($1::text[]::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[])"
_LOAD = f"""SELECT team_id::text, kpi, period_start, period_end, version, event_id::text, pressed
            FROM measurement JOIN {_KEYS} AS wanted (team_id, kpi, period_start, period_end)
            USING (team_id, kpi, period_start, period_end)"""
_SAVE = """INSERT INTO measurement (team_id, kpi, period_start, period_end, version, event_id, pressed, pressed_at)
           SELECT *, period_end FROM unnest($1::text[]::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::int[],
                                            $6::text[]::uuid[], $7::text[]::jsonb[])
               AS fresh (team_id, kpi, period_start, period_end, version, event_id, pressed)
           ON CONFLICT (team_id, kpi, period_start, period_end) DO UPDATE SET
               version = excluded.version, event_id = excluded.event_id, pressed = excluded.pressed,
               pressed_at = excluded.pressed_at"""


@dataclass(slots=True)
class Remembered:
    """The newest version of a measurement: the competency, weight and half-life that it pressed; None when it did not."""

    version: int
    event_id: str
    pressed: tuple[str, float, float] | None
    at: datetime


Demand = tuple[Read, Any, float, dict[str, Any], Remembered | None]
"""What was read, its rule, how severe it is, its evidence, and what it corrects."""


async def demands_of_measurements(connection: Connection, rules: dict[str, Any], read: Sequence[Read]) -> list[Demand]:
    """What measurements press, each in the place of the version before it; all are remembered."""
    kpis = {kpi["key"]: kpi for kpi in rules["kpis"]}
    by_kpi = {rule["kpi"]: rule for rule in rules["kpi_rules"]}
    keys = [_key(one) for one in read]
    known = await _load(connection, keys)
    newest: dict[Measured, Remembered] = {}
    demands: list[Demand] = []
    for one, key in zip(read, keys, strict=True):
        before, kpi, rule = newest.get(key) or known.get(key), kpis[key[1]], by_kpi[key[1]]
        if before and before.version > one.data["version"]:
            continue
        severity = alarm_of(kpi, one.data["value"])
        pressed = (rule["competency"], severity * rule["weight"], rule["half_life_days"]) if severity else None
        newest[key] = Remembered(one.data["version"], one.id, pressed, key[3])
        if severity or (before and before.pressed):
            demands.append((one, rule, severity, measured_in(one, kpi), before))
    await _save(connection, newest)
    return demands


def _key(one: Read) -> Measured:
    data = one.data
    begin, end = datetime.fromisoformat(data["period_start"]), datetime.fromisoformat(data["period_end"])
    return data["team_id"], data["kpi"], begin, end


async def _load(connection: Connection, keys: Sequence[Measured]) -> dict[Measured, Remembered]:
    rows = await connection.fetch(_LOAD, *([key[place] for key in keys] for place in range(4)))
    return {
        (row["team_id"], row["kpi"], row["period_start"], row["period_end"]): Remembered(
            row["version"], row["event_id"], tuple(row["pressed"][0]) if row["pressed"] else None, row["period_end"]
        )
        for row in rows
    }


async def _save(connection: Connection, newest: Mapping[Measured, Remembered]) -> None:
    kept = newest.values()
    await connection.execute(
        _SAVE,
        *([key[place] for key in newest] for place in range(4)),
        [one.version for one in kept],
        [one.event_id for one in kept],
        [orjson.dumps([one.pressed] if one.pressed else []).decode() for one in kept],
    )
