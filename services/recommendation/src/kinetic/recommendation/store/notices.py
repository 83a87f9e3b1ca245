"""Notices: what other services ask to be brought before managers, and to whom it goes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import asyncpg

from kinetic.common.database import Transaction
from kinetic.common.retention import SWEPT_AT_ONCE
from kinetic.contracts.ids import EventId, NoticeId, PersonId, TeamId
from kinetic.contracts.notices import NoticeRequested
from kinetic.contracts.recommendation import NoticeEnding
from kinetic.directory import store as directory
from kinetic.recommendation.domain.attention import zone_of
from kinetic.recommendation.domain.notice import Notice, State
from kinetic.recommendation.domain.subjects import SUBJECTS
from kinetic.recommendation.store import absences, pictures
from kinetic.recommendation.store.causes import cause_column, cause_of

KEPT_AFTER_ENDING: Final = timedelta(days=30)

_BY_TYPE: Final = {subject.type: subject for subject in SUBJECTS}


async def known_requests(tx: Transaction, request_ids: Iterable[EventId]) -> set[EventId]:
    """Those of `request_ids` that have a notice already."""
    rows = await tx.fetch("SELECT request_id FROM notice WHERE request_id = ANY($1::uuid[])", list(request_ids))
    return {row["request_id"] for row in rows}


async def find(tx: Transaction, notice_id: str) -> Notice | None:
    """One notice; None when there is none of that id."""
    row = await tx.fetch_one("SELECT * FROM notice WHERE notice_id = $1", notice_id)
    return _notice(row) if row else None


async def hold(tx: Transaction, notice_id: str) -> Notice | None:
    """One notice, held until the transaction ends."""
    row = await tx.fetch_one("SELECT * FROM notice WHERE notice_id = $1 FOR UPDATE", notice_id)
    return _notice(row) if row else None


async def standing_before(tx: Transaction, manager_id: PersonId, limit: int) -> list[Notice]:
    """What stands before a manager, the newest first."""
    rows = await tx.fetch(
        "SELECT * FROM notice WHERE manager_id = $1 AND state = 'composed' ORDER BY composed_at DESC LIMIT $2",
        manager_id,
        limit,
    )
    return [_notice(row) for row in rows]


async def in_state(tx: Transaction, state: State, limit: int) -> list[Notice]:
    """Notices in that state, the latest change first."""
    rows = await tx.fetch(
        "SELECT * FROM notice WHERE state = $1 ORDER BY changed_at DESC, notice_id DESC LIMIT $2", state, limit
    )
    return [_notice(row) for row in rows]


async def find_due_people(tx: Transaction, limit: int, resting: Collection[str]) -> set[str]:
    """For whom the first notices are that are due. Rows are not locked: the person is, before they are read again."""
    rows = await tx.fetch(
        """SELECT asked_for FROM notice WHERE due_at <= clock_timestamp() AND asked_for <> ALL($2::uuid[])
           ORDER BY due_at LIMIT $1""",
        limit,
        list(resting),
    )
    return {row["asked_for"] for row in rows}


async def take_due(tx: Transaction, person_ids: Iterable[str]) -> list[Notice]:
    """The notices for locked people that are still due. They are held, so that what makes one due again comes after."""
    rows = await tx.fetch(
        """SELECT * FROM notice WHERE asked_for = ANY($1::uuid[]) AND due_at <= clock_timestamp()
           ORDER BY notice_id FOR UPDATE""",
        list(person_ids),
    )
    return [_notice(row) for row in rows]


async def mark_due(tx: Transaction, team_ids: Iterable[TeamId], person_ids: Iterable[PersonId]) -> None:
    """Let notices about teams, and those for or before people, be considered again at once: who gets them may have changed."""
    await tx.execute(
        """UPDATE notice SET due_at = clock_timestamp() WHERE notice_id IN (
               SELECT notice_id FROM notice
               WHERE state <> 'ended' AND (team_id = ANY($1::uuid[]) OR asked_for = ANY($2::uuid[])
                                           OR manager_id = ANY($2::uuid[]))
               ORDER BY notice_id FOR UPDATE)""",
        list(team_ids),
        list(person_ids),
    )


async def mark_waiting_due(tx: Transaction) -> None:
    """Let what waits be considered again at once: the policy has changed."""
    await tx.execute(
        """UPDATE notice SET due_at = clock_timestamp() WHERE notice_id IN (
               SELECT notice_id FROM notice WHERE state = 'waiting' ORDER BY notice_id FOR UPDATE)"""
    )


async def save(tx: Transaction, notices: Sequence[Notice]) -> None:
    """Keep notices in the order given: one that makes room for another goes before it."""
    await tx.execute_many(
        """INSERT INTO notice (notice_id, request_id, asked_for, team_id, told, cause, changed_at, state, version,
                               manager_id, hindrance, due_at, composed_at, ending)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
           ON CONFLICT (notice_id) DO UPDATE SET
               cause = excluded.cause, changed_at = excluded.changed_at, state = excluded.state,
               version = excluded.version, manager_id = excluded.manager_id, hindrance = excluded.hindrance,
               due_at = excluded.due_at, composed_at = excluded.composed_at, ending = excluded.ending""",
        [_columns(notice) for notice in notices],
    )


async def sweep(tx: Transaction) -> int:
    """Forget some of the notices that ended long ago; how many. One that a message is led by goes after the message."""
    return await tx.execute(
        """DELETE FROM notice WHERE notice_id IN (
               SELECT notice_id FROM notice WHERE state = 'ended'
                 AND changed_at < clock_timestamp() - $1::interval
                 AND NOT EXISTS (SELECT FROM delivery WHERE delivery.notice_id = notice.notice_id) LIMIT $2)""",
        KEPT_AFTER_ENDING,
        SWEPT_AT_ONCE,
    )


async def erase_people(tx: Transaction, person_ids: Iterable[PersonId]) -> None:
    """Forget what was meant for erased people, and that anything stood before them: it is to go to who is there instead.

    What was meant for them and stood before somebody else is that person's: it counts in their week.
    """
    erased = list(person_ids)
    await tx.execute(
        """DELETE FROM notice WHERE asked_for = ANY($1::uuid[])
             AND (manager_id IS NULL OR manager_id = ANY($1::uuid[]))""",
        erased,
    )
    await tx.execute(
        """UPDATE notice SET asked_for = manager_id,
               told = jsonb_set(told, '{data,manager_id}', to_jsonb(manager_id::text))
           WHERE asked_for = ANY($1::uuid[])""",
        erased,
    )
    await tx.execute(
        """UPDATE notice SET manager_id = NULL, composed_at = NULL, version = version + 1,
               due_at = CASE WHEN state = 'composed' THEN clock_timestamp() ELSE due_at END,
               state = CASE WHEN state = 'composed' THEN 'waiting' ELSE state END
           WHERE manager_id = ANY($1::uuid[])""",
        erased,
    )


async def addressed(
    tx: Transaction, asked: Mapping[EventId, NoticeRequested]
) -> tuple[dict[EventId, PersonId], dict[PersonId, ZoneInfo]]:
    """Who gets each request now, and on which clock: who manages its team or, without one, who is named; or who stands in for them."""
    roster = await pictures.load_roster(tx, {told.team_id for told in asked.values() if told.team_id})
    named = await _acting(tx, {told.manager_id for told in asked.values() if told.team_id is None})
    to_whom: dict[EventId, PersonId] = {}
    for request_id, told in asked.items():
        person_id = roster.managers.get(told.team_id) if told.team_id else named.get(told.manager_id)
        if person_id is not None:
            to_whom[request_id] = person_id
    people = await directory.people(tx, set(to_whom.values()))
    return to_whom, {person_id: zone_of(one.time_zone) for person_id, one in people.items()}


async def is_theirs(tx: Transaction, notice: Notice) -> bool:
    """Whether a notice still goes to the manager before whom it stands."""
    to_whom, _ = await addressed(tx, {notice.request_id: notice.told})
    return to_whom.get(notice.request_id) == notice.manager_id


async def _acting(tx: Transaction, person_ids: Iterable[PersonId]) -> dict[PersonId, PersonId]:
    here = {one.person_id for one in (await directory.people(tx, person_ids)).values() if one.active}
    standing_in = await absences.delegates(tx, here)
    return {person_id: standing_in.get(person_id, person_id) for person_id in here}


def _columns(notice: Notice) -> tuple[Any, ...]:
    told = notice.told
    return (
        notice.notice_id,
        notice.request_id,
        told.manager_id,
        told.team_id,
        {"type": told.type, "data": told.model_dump(mode="json")},
        cause_column(notice.cause),
        notice.changed_at,
        notice.state,
        notice.version,
        notice.manager_id,
        notice.hindrance,
        notice.due_at,
        notice.composed_at,
        notice.ending,
    )


def _notice(row: asyncpg.Record) -> Notice:
    return Notice(
        notice_id=NoticeId(row["notice_id"]),
        request_id=EventId(row["request_id"]),
        told=_BY_TYPE[row["told"]["type"]].model_validate(row["told"]["data"]),
        cause=cause_of(row["cause"]),
        changed_at=row["changed_at"],
        state=State(row["state"]),
        version=row["version"],
        manager_id=row["manager_id"],
        hindrance=NoticeEnding(row["hindrance"]) if row["hindrance"] else None,
        due_at=row["due_at"],
        composed_at=row["composed_at"],
        ending=NoticeEnding(row["ending"]) if row["ending"] else None,
    )
