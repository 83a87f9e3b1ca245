"""The control charts, and what goes on around teams."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import asyncpg
from pydantic import TypeAdapter

from kinetic.common.database import Transaction
from kinetic.contracts.ids import CompetencyKey, KpiKey, TeamId
from kinetic.contracts.skill_gap import CapabilitiesPublished
from kinetic.directory import store as directory
from kinetic.skill_gap.domain.charts import from_json, to_json
from kinetic.skill_gap.domain.circumstances import (
    NOTICEABLE,
    STAFFING_LOOKS_BACK,
    Circumstances,
    Crowd,
    Staff,
    most_changed,
)
from kinetic.skill_gap.domain.peers import NOBODY, Others, Peers
from kinetic.skill_gap.domain.readings import Charted, ChartKey
from kinetic.skill_gap.domain.slip import Slip
from kinetic.skill_gap.domain.surge import WINDOW_DAYS
from kinetic.skill_gap.domain.track import Track
from kinetic.skill_gap.domain.weighing import linked_kpis

_SLIP = TypeAdapter(Slip)
_TRACK = TypeAdapter(Track)

MOST_OTHERS = 24
"""So many other teams tell what all share as exactly as is needed: their mean varies 24 times less than one of them."""

_RECENT = timedelta(days=WINDOW_DAYS)


async def load(tx: Transaction, keys: Collection[ChartKey]) -> dict[ChartKey, Charted]:
    """Those of `keys` of which something was measured. Their teams are locked."""
    wanted = sorted(set(keys))
    rows = await tx.fetch(
        """SELECT team_id, kpi, chart, slip, versions FROM kpi_chart
           JOIN unnest($1::uuid[], $2::text[]) AS wanted (team_id, kpi) USING (team_id, kpi)""",
        [team_id for team_id, _ in wanted],
        [kpi for _, kpi in wanted],
    )
    return {(row["team_id"], row["kpi"]): _charted(row) for row in rows}


async def save(tx: Transaction, charts: Mapping[ChartKey, Charted]) -> None:
    """Keep the charts as they are now."""
    await tx.execute_many(
        """INSERT INTO kpi_chart (team_id, kpi, chart, slip, versions, score, measured_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)
           ON CONFLICT (team_id, kpi) DO UPDATE SET
               chart = excluded.chart, slip = excluded.slip, versions = excluded.versions, score = excluded.score,
               measured_at = excluded.measured_at""",
        [(*key, *_columns(one)) for key, one in sorted(charts.items(), key=lambda entry: entry[0])],
    )


def _charted(row: asyncpg.Record) -> Charted:
    versions = {float(at): version for at, version in row["versions"].items()}
    return Charted(from_json(row["chart"]), _SLIP.validate_python(row["slip"]), versions)


def _columns(one: Charted) -> tuple[Any, ...]:
    slip = one.slip
    kept = _SLIP.dump_python(slip, mode="json")
    versions = {str(at): version for at, version in one.versions.items()}
    return to_json(one.chart), kept, versions, slip.score, slip.measured_at


async def sweep(tx: Transaction, before: datetime) -> None:
    """Forget the charts of what nobody has measured since then."""
    await tx.execute("DELETE FROM kpi_chart WHERE measured_at < $1", before)


async def load_circumstances(
    tx: Transaction, rules: CapabilitiesPublished, team_ids: Iterable[TeamId], competencies: Collection[CompetencyKey]
) -> dict[TeamId, Circumstances]:
    """What goes on around teams that are locked. The others are not: their figures may be a moment old."""
    teams = sorted(set(team_ids))
    slips = await _load_slips(tx, teams, [kpi.key for kpi in rules.kpis])
    linked = {kpi for competency in competencies for kpi in linked_kpis(rules, competency)}
    by_kpi = await _count_by_kpi(tx, linked)
    tracks = await _load_tracks(tx, linked & {kpi for own in slips.values() for kpi in own})
    peers = {kpi: Peers(found) for kpi, found in tracks.items()}
    by_competency = await _count_by_competency(tx, teams, competencies)
    staffs = await directory.headcounts(tx, teams, STAFFING_LOOKS_BACK)
    found: dict[TeamId, Circumstances] = {}
    for team_id in teams:
        own = slips.get(team_id, {})
        found[team_id] = Circumstances(
            slips=MappingProxyType(own),
            by_kpi={kpi: _besides(crowd, own.get(kpi), team_id, peers.get(kpi)) for kpi, crowd in by_kpi.items()},
            by_competency=by_competency.get(team_id, {}),
            staff=most_changed(Staff(one.now, one.before, one.stayed) for one in staffs[team_id]),
        )
    return found


def _besides(crowd: Crowd, own: Slip | None, team_id: TeamId, peers: Peers | None) -> Crowd:
    """The others, when the team itself was counted too."""
    others = Others(peers, team_id) if peers else NOBODY
    if own is None:
        return replace(crowd, others=others)
    return Crowd(crowd.teams - 1, crowd.slipping - (own.score >= NOTICEABLE), others)


async def _load_slips(
    tx: Transaction, team_ids: Collection[TeamId], kpis: Collection[KpiKey]
) -> dict[TeamId, dict[KpiKey, Slip]]:
    """The slips of the KPIs of the map. One that has left it is measured no more, and stands still, as in a removed team."""
    rows = await tx.fetch(
        """SELECT team_id, kpi, slip FROM kpi_chart JOIN directory_team USING (team_id)
           WHERE team_id = ANY($1::uuid[]) AND kpi = ANY($2) AND NOT removed""",
        list(team_ids),
        list(kpis),
    )
    found: dict[TeamId, dict[KpiKey, Slip]] = {}
    for row in rows:
        found.setdefault(row["team_id"], {})[row["kpi"]] = _SLIP.validate_python(row["slip"])
    return found


async def _count_by_kpi(tx: Transaction, kpis: Collection[KpiKey]) -> dict[KpiKey, Crowd]:
    rows = await tx.fetch(
        """SELECT kpi, count(*) AS teams, count(*) FILTER (WHERE score >= $2) AS slipping
           FROM kpi_chart JOIN directory_team USING (team_id) WHERE kpi = ANY($1) AND NOT removed GROUP BY kpi""",
        list(kpis),
        NOTICEABLE,
    )
    return {row["kpi"]: Crowd(row["teams"], row["slipping"]) for row in rows}


async def _load_tracks(tx: Transaction, kpis: Collection[KpiKey]) -> dict[KpiKey, dict[TeamId, Track]]:
    """How the newest readings of a KPI went in the teams that were measured last."""
    rows = await tx.fetch(
        """SELECT kpi, team_id, track FROM (
               SELECT kpi, team_id, slip->'track' AS track,
                      row_number() OVER (PARTITION BY kpi ORDER BY measured_at DESC, team_id) AS place
               FROM kpi_chart JOIN directory_team USING (team_id)
               WHERE kpi = ANY($1) AND NOT removed AND jsonb_array_length(slip->'track'->'scores') > 0
           ) AS newest WHERE place <= $2""",
        sorted(kpis),
        MOST_OTHERS + 1,
    )
    found: dict[KpiKey, dict[TeamId, Track]] = {}
    for row in rows:
        found.setdefault(row["kpi"], {})[row["team_id"]] = _TRACK.validate_python(row["track"])
    return found


async def _count_by_competency(
    tx: Transaction, team_ids: Collection[TeamId], competencies: Collection[CompetencyKey]
) -> dict[TeamId, dict[CompetencyKey, Crowd]]:
    """How many other teams there are signals of, and in how many of them there are more than usual."""
    rows = await tx.fetch(
        """WITH seen AS (
               SELECT team_id, competency, surge_score >= $3 AND as_of > now() - $4::interval AS slips
               FROM assessment JOIN directory_team USING (team_id) WHERE competency = ANY($2) AND NOT removed
           ), total AS (
               SELECT competency, count(*) AS teams, count(*) FILTER (WHERE slips) AS slipping
               FROM seen GROUP BY competency
           )
           SELECT own.team_id, competency, teams - (slips IS NOT NULL)::int AS teams, slipping - coalesce(slips, false)::int AS slipping
           FROM unnest($1::uuid[]) AS own (team_id) CROSS JOIN total LEFT JOIN seen USING (team_id, competency)""",
        list(team_ids),
        list(competencies),
        NOTICEABLE,
        _RECENT,
    )
    found: dict[TeamId, dict[CompetencyKey, Crowd]] = {}
    for row in rows:
        found.setdefault(row["team_id"], {})[row["competency"]] = Crowd(row["teams"], row["slipping"])
    return found
