"""Looking up handles: slugs, addresses and ids of other systems become our ids."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from kinetic.common.database import Transaction
from kinetic.contracts.ids import ContentId, PersonId, TeamId
from kinetic.contracts.ingestion import Position
from kinetic.ingestion.domain.attribution import Known
from kinetic.ingestion.domain.occurrences import (
    EMAIL,
    Handle,
    Learning,
    Measurement,
    MemberPlace,
    Occurrence,
    Place,
    TeamPlace,
)
from kinetic.ingestion.domain.positions import position_at
from kinetic.ingestion.store.kpis import find_kpis

_positions: TypeAdapter[tuple[Position, ...]] = TypeAdapter(tuple[Position, ...])


async def load_known(tx: Transaction, occurrences: Sequence[Occurrence], now: datetime) -> Known:
    """What is known of the handles in `occurrences`: one query for each sort of handle that occurs."""
    learned = [o for o in occurrences if isinstance(o, Learning)]
    places: list[Place] = [o.place for o in occurrences if not isinstance(o, Learning)]
    members = [Handle(EMAIL, place.email) for place in places if isinstance(place, MemberPlace)]
    people = await _find_people(tx, {*members, *(learning.person for learning in learned)})
    return Known(
        teams=await _find_teams(tx, {place.slug for place in places if isinstance(place, TeamPlace)}),
        people={handle: person_id for handle, (person_id, _) in people.items()},
        current_teams=_current_teams(people.values(), now) if members else {},
        content=await _find_content(tx, {learning.content for learning in learned}),
        kpis=await find_kpis(tx, {o.kpi for o in occurrences if isinstance(o, Measurement)}),
    )


async def _find_teams(tx: Transaction, slugs: set[str]) -> dict[str, TeamId]:
    if not slugs:
        return {}
    rows = await tx.fetch("SELECT slug, team_id FROM team WHERE slug = ANY($1) AND NOT removed", list(slugs))
    return {row["slug"]: row["team_id"] for row in rows}


async def find_slug(tx: Transaction, team_id: TeamId) -> str | None:
    """The slug of a team; None when there is none of that id."""
    slug: str | None = await tx.fetch_value("SELECT slug FROM team WHERE team_id = $1", team_id)
    return slug


async def _find_people(tx: Transaction, handles: set[Handle]) -> dict[Handle, tuple[PersonId, Any]]:
    if not handles:
        return {}
    rows = await tx.fetch(
        """SELECT system, id, person_id, state->'positions' AS positions
           FROM person_handle JOIN person USING (person_id) JOIN unnest($1::text[], $2::text[]) AS wanted (system, id) USING (system, id)""",
        *_columns(handles),
    )
    return {Handle(row["system"], row["id"]): (row["person_id"], row["positions"]) for row in rows}


async def _find_content(tx: Transaction, handles: set[Handle]) -> dict[Handle, ContentId]:
    if not handles:
        return {}
    rows = await tx.fetch(
        """SELECT system, id, content_id
           FROM content_handle JOIN unnest($1::text[], $2::text[]) AS wanted (system, id) USING (system, id)""",
        *_columns(handles),
    )
    return {Handle(row["system"], row["id"]): row["content_id"] for row in rows}


def _columns(handles: Iterable[Handle]) -> tuple[list[str], list[str]]:
    ordered = list(handles)
    return [handle.system for handle in ordered], [handle.id for handle in ordered]


def _current_teams(people: Iterable[tuple[PersonId, Any]], now: datetime) -> dict[PersonId, TeamId]:
    current: dict[PersonId, TeamId] = {}
    for person_id, positions in people:
        position = position_at(_positions.validate_python(positions), now)
        if position is not None and position.team_id is not None:
            current[person_id] = position.team_id
    return current
