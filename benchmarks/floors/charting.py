"""The control charts of skill-gap's floor: loaded, drawn on with the same arithmetic, and saved."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import orjson

from benchmarks.floors.evidence import alarm_of
from benchmarks.floors.loop import Connection, Read
from benchmarks.floors.weeks import add_to_weeks, week_at
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
    charts = await _load(connection, {(one.data["team_id"], one.data["kpi"]) for one in read})
    turned: dict[Key, tuple[Chart, Slip, dict[str, int]]] = {}
    slips: list[tuple[Read, Slip]] = []
    sums: dict[tuple[str, str, int], tuple[float, float]] = {}
    for one in read:
        key, kpi = (one.data["team_id"], one.data["kpi"]), kpis[one.data["kpi"]]
        before = turned.get(key) or charts.get(key)
        end = datetime.fromisoformat(one.data["period_end"])
        known, versions = (before[0], before[2]) if before else (Chart(Direction(kpi["direction"])), {})
        if one.data["version"] < versions.get(str(end.timestamp()), 1):
            continue
        chart = observe(known, Reading(end, one.data["value"], one.data["n"]), DESIGN, Direction(kpi["direction"]))
        if chart is known:
            continue
        if one.data["version"] > 1:
            versions = {**versions, str(end.timestamp()): one.data["version"]}
        turned[key] = chart, _slip(chart, kpi, one), versions
        slips.append((one, turned[key][1]))
        week = (*key, week_at(end - timedelta(microseconds=1)))
        sums[week] = _more(sums.get(week, (0.0, 0.0)), known, one, end)
    await _save(connection, turned.items())
    await add_to_weeks(connection, sums)
    return slips


async def _load(connection: Connection, keys: Collection[Key]) -> dict[Key, tuple[Chart, Slip, dict[str, int]]]:
    rows = await connection.fetch(_LOAD, [team for team, _ in keys], [kpi for _, kpi in keys])
    return {(row["team_id"], row["kpi"]): (from_json(row["chart"]), row["slip"], row["versions"]) for row in rows}


def _more(sums: tuple[float, float], known: Chart, one: Read, end: datetime) -> tuple[float, float]:
    """A week with one more reading, in the place of the one that it corrects."""
    old = next((scored.point for scored in known.window if scored.point.at == end.timestamp()), None)
    less = (old.value * old.n, old.n) if old else (0.0, 0)
    n = one.data["n"]
    return sums[0] + one.data["value"] * n - less[0], sums[1] + n - less[1]


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
