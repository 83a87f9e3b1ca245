"""The control charts of skill-gap's floor: loaded, drawn on with the same arithmetic, and saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from statistics import median
from typing import Any

import orjson

from benchmarks.floors.evidence import alarm_of
from benchmarks.floors.loop import Connection, Read
from kinetic.contracts.skill_gap import Direction
from kinetic.skill_gap.domain.charts import Chart, Reading, from_json, observe, to_json
from kinetic.skill_gap.domain.readings import DESIGN, FEWEST_READINGS, UNESTABLISHED_SCORE, track_of

Key = tuple[str, str]
Slip = dict[str, Any]

_LOAD = """SELECT team_id::text, kpi, chart, slip, versions FROM kpi_chart
           JOIN unnest($1::text[]::uuid[], $2::text[]) AS wanted (team_id, kpi) USING (team_id, kpi)"""
_SAVE = """INSERT INTO kpi_chart (team_id, kpi, chart, slip, versions, score, measured_at)
           SELECT * FROM unnest($1::text[]::uuid[], $2::text[], $3::text[]::jsonb[], $4::text[]::jsonb[], $5::text[]::jsonb[],
                                $6::float8[], $7::timestamptz[])
           ON CONFLICT (team_id, kpi) DO UPDATE SET
               chart = excluded.chart, slip = excluded.slip, versions = excluded.versions, score = excluded.score,
               measured_at = excluded.measured_at"""


async def draw(connection: Connection, rules: Mapping[str, Any], read: Sequence[Read]) -> list[tuple[Read, Slip]]:
    """What was read on its charts, which are saved, and how each KPI stands then."""
    kpis = {kpi["key"]: kpi for kpi in rules["kpis"]}
    keys = {(one.data["team_id"], one.data["kpi"]) for one in read}
    rows = await connection.fetch(_LOAD, [team for team, _ in keys], [kpi for _, kpi in keys])
    charts = {(row["team_id"], row["kpi"]): (from_json(row["chart"]), row["slip"], row["versions"]) for row in rows}
    turned: dict[Key, tuple[Chart, Slip, dict[str, int]]] = {}
    slips: list[tuple[Read, Slip]] = []
    for one in read:
        key, kpi = (one.data["team_id"], one.data["kpi"]), kpis[one.data["kpi"]]
        before = turned.get(key) or charts.get(key)
        end = datetime.fromisoformat(one.data["period_end"])
        versions = before[2] if before else {}
        if one.data["version"] < versions.get(str(end.timestamp()), 1):
            continue
        direction = Direction(kpi["direction"])
        known = before[0] if before else Chart(direction)
        chart = observe(known, Reading(end, one.data["value"], one.data["n"]), DESIGN, direction)
        if chart is known:
            continue
        if one.data["version"] > 1:
            versions = {**versions, str(end.timestamp()): one.data["version"]}
        turned[key] = chart, _slip(chart, kpi, one), versions
        slips.append((one, turned[key][1]))
    await _save(connection, turned.items())
    return slips


def _slip(chart: Chart, kpi: Mapping[str, Any], one: Read) -> Slip:
    newest, alarm, is_established = chart.window[-1].point, chart.alarm, bool(chart.now.reference)
    values = [scored.point.value for scored in chart.window[-FEWEST_READINGS:]]
    early = UNESTABLISHED_SCORE * alarm_of(kpi, median(values)) if len(values) == FEWEST_READINGS else 0.0
    return {
        "kpi": kpi["key"],
        "score": chart.score(DESIGN) if is_established else early,
        "is_established": is_established,
        "value": newest.value,
        "n": newest.n,
        "event_id": one.id,
        "measured_at": datetime.fromtimestamp(newest.at, UTC),
        "track": asdict(track_of(chart, Direction(kpi["direction"]))),
        "since": alarm.since if alarm else None,
        "usual": alarm.usual if alarm else None,
        "level": alarm.now if alarm else None,
    }


async def _save(connection: Connection, turned: Iterable[tuple[Key, tuple[Chart, Slip, dict[str, int]]]]) -> None:
    kept = list(turned)
    slips = [slip for _, (_, slip, _) in kept]
    await connection.execute(
        _SAVE,
        [team for (team, _), _ in kept],
        [kpi for (_, kpi), _ in kept],
        [orjson.dumps(to_json(chart)).decode() for _, (chart, _, _) in kept],
        [orjson.dumps(slip).decode() for slip in slips],
        [orjson.dumps(versions).decode() for _, (_, _, versions) in kept],
        *([slip[name] for slip in slips] for name in ("score", "measured_at")),
    )
