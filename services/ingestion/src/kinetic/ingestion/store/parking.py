"""Parked events. They stand in lanes; the first of a lane says what the lane waits for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg
from pydantic import TypeAdapter

from kinetic.common.database import Transaction
from kinetic.contracts.ids import EventId
from kinetic.contracts.ingestion import LearningRecorded, MeasurementRecorded, SignalObserved
from kinetic.ingestion.domain.attribution import Missing
from kinetic.ingestion.domain.intake import Arrival, Origin, Parked
from kinetic.ingestion.domain.occurrences import Learning, Measurement, Occurrence

EXPIRE_AFTER_HOURS = 24
FORGET_AFTER_DAYS = 7
ROWS_AT_ONCE = 500
FIRST_RETRY_SECONDS = 1.0
LONGEST_RETRY_SECONDS = 300.0

_occurrence: TypeAdapter[Occurrence] = TypeAdapter(Occurrence)


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane that is held, with the first of its events and when each was accepted."""

    name: str
    arrivals: tuple[Arrival, ...]
    accepted_at: Mapping[EventId, datetime]


async def lock_lanes(tx: Transaction, names: Iterable[str]) -> dict[str, Missing]:
    """Those of `names` in which events wait, held: nobody parks in them or releases them before this transaction ends."""
    rows = await tx.fetch(
        """SELECT lane, waits_for, reason FROM parking_lane WHERE lane = ANY($1)
           ORDER BY lane COLLATE "C" FOR UPDATE""",
        list(set(names)),
    )
    return {row["lane"]: Missing(row["waits_for"], row["reason"]) for row in rows}


async def park(tx: Transaction, parked: Sequence[Parked], now: datetime) -> None:
    """Let events wait at the end of their lanes."""
    if not parked:
        return
    await _hold_lanes(tx, parked, FIRST_RETRY_SECONDS)
    await tx.execute_many(
        """INSERT INTO parked (event_id, lane, type, occurrence, sender, traceparent, accepted_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)""",
        [
            (
                entry.arrival.event_id,
                entry.lane,
                _type_of(entry.arrival.occurrence),
                _occurrence.dump_python(entry.arrival.occurrence, mode="json"),
                entry.arrival.origin.sender,
                entry.arrival.origin.traceparent,
                now,
            )
            for entry in parked
        ],
    )


async def _hold_lanes(tx: Transaction, parked: Sequence[Parked], due_seconds: float) -> None:
    """Open the lanes of `parked`, or hold those that somebody opened meanwhile, so that nobody closes them before we end."""
    lanes = {entry.lane: entry.missing for entry in reversed(parked)}
    await tx.execute_many(
        """INSERT INTO parking_lane (lane, waits_for, reason, attempts, due_at)
           VALUES ($1, $2, $3, 0, clock_timestamp() + make_interval(secs => $4))
           ON CONFLICT (lane) DO UPDATE SET lane = excluded.lane""",
        [(lane, lanes[lane].waits_for, lanes[lane].reason, due_seconds) for lane in sorted(lanes)],
    )


def _type_of(occurrence: Occurrence) -> str:
    if isinstance(occurrence, Learning):
        return LearningRecorded.type
    return MeasurementRecorded.type if isinstance(occurrence, Measurement) else SignalObserved.type


async def drop(tx: Transaction, event_ids: Sequence[EventId]) -> None:
    """Some parked events are not to be told after all; their lanes are held. What waited behind them is tried at once."""
    await tx.execute(
        """WITH dropped AS (DELETE FROM parked WHERE event_id = ANY($1::uuid[]) RETURNING lane)
           UPDATE parking_lane SET due_at = clock_timestamp() FROM dropped WHERE parking_lane.lane = dropped.lane""",
        list(event_ids),
    )


async def wake(tx: Transaction, arrived: Iterable[str]) -> None:
    """Offer lanes that wait for one of `arrived` again at once."""
    await tx.execute(
        """UPDATE parking_lane SET due_at = clock_timestamp() FROM (
               SELECT lane FROM parking_lane WHERE waits_for = ANY($1) ORDER BY lane COLLATE "C" FOR UPDATE) AS woken
           WHERE parking_lane.lane = woken.lane""",
        list(arrived),
    )


async def claim_due_lane(tx: Transaction) -> Lane | None:
    """A lane that is due, held by this transaction; None when there is none."""
    name = await tx.fetch_value(
        """SELECT lane FROM parking_lane WHERE due_at <= clock_timestamp()
           ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED"""
    )
    if name is None:
        return None
    rows = await tx.fetch(
        """SELECT event_id, occurrence, sender, traceparent, accepted_at FROM parked
           WHERE lane = $1 AND expired_reason IS NULL ORDER BY position LIMIT $2""",
        name,
        ROWS_AT_ONCE,
    )
    return Lane(name, tuple(_arrival(name, row) for row in rows), {row["event_id"]: row["accepted_at"] for row in rows})


def _arrival(lane: str, row: asyncpg.Record) -> Arrival:
    origin = Origin(row["sender"], row["traceparent"])
    return Arrival(row["event_id"], _occurrence.validate_python(row["occurrence"]), lane, origin)


async def release(tx: Transaction, event_ids: Sequence[EventId]) -> None:
    """These events were told: they wait no longer."""
    await tx.execute("DELETE FROM parked WHERE event_id = ANY($1::uuid[])", list(event_ids))


async def move(tx: Transaction, parked: Sequence[Parked]) -> None:
    """Let events go on waiting in other lanes."""
    await _hold_lanes(tx, parked, 0.0)
    await tx.execute_many(
        "UPDATE parked SET lane = $2, occurrence = $3 WHERE event_id = $1",
        [(e.arrival.event_id, e.lane, _occurrence.dump_python(e.arrival.occurrence, mode="json")) for e in parked],
    )


async def settle_lane(tx: Transaction, name: str, missing: Missing | None) -> None:
    """Close a held lane when it is empty; else try again later, or at once when nothing is `missing`."""
    closed = await tx.execute(
        """DELETE FROM parking_lane WHERE lane = $1
             AND NOT EXISTS (SELECT 1 FROM parked WHERE parked.lane = $1 AND expired_reason IS NULL)""",
        name,
    )
    if not closed and missing is not None:
        await tx.execute(
            """UPDATE parking_lane SET waits_for = $2, reason = $3, attempts = attempts + 1,
                   due_at = clock_timestamp() + make_interval(secs => least(2.0 ^ least(attempts, 20), $4))
               WHERE lane = $1""",
            name,
            missing.waits_for,
            missing.reason,
            LONGEST_RETRY_SECONDS,
        )


async def expire(tx: Transaction) -> int:
    """Give up what has waited for a day: it stays visible and is no longer offered. How many."""
    held = await tx.fetch(
        """SELECT lane FROM parking_lane WHERE lane IN (
               SELECT lane FROM parked WHERE expired_reason IS NULL
                 AND accepted_at < clock_timestamp() - make_interval(hours => $1))
           ORDER BY lane COLLATE "C" FOR UPDATE""",
        EXPIRE_AFTER_HOURS,
    )
    lanes = [row["lane"] for row in held]
    expired = await tx.execute(
        """UPDATE parked SET expired_reason = coalesce(lane.reason, 'nothing says what it waited for')
           FROM parked AS old LEFT JOIN parking_lane AS lane USING (lane)
           WHERE parked.position = old.position AND (lane.lane IS NULL OR lane.lane = ANY($1))
             AND old.expired_reason IS NULL AND old.accepted_at < clock_timestamp() - make_interval(hours => $2)""",
        lanes,
        EXPIRE_AFTER_HOURS,
    )
    for lane in lanes:
        await settle_lane(tx, lane, None)
    return expired


async def forget(tx: Transaction) -> int:
    """Delete what expired long ago: it may hold personal data. How many."""
    return await tx.execute(
        "DELETE FROM parked WHERE accepted_at < clock_timestamp() - make_interval(days => $1)", FORGET_AFTER_DAYS
    )


async def latest(tx: Transaction, limit: int) -> list[asyncpg.Record]:
    """The newest parked events, and why they wait or expired."""
    return await tx.fetch(
        """SELECT event_id, type, sender, accepted_at, waits_for, expired_reason IS NOT NULL AS expired,
                  coalesce(expired_reason, reason) AS reason
           FROM parked LEFT JOIN parking_lane USING (lane) ORDER BY position DESC LIMIT $1""",
        limit,
    )


async def full_senders(tx: Transaction, limit: int) -> frozenset[str]:
    """Those of whom `limit` events or more wait."""
    rows = await tx.fetch(
        "SELECT sender FROM parked WHERE expired_reason IS NULL GROUP BY sender HAVING count(*) >= $1", limit
    )
    return frozenset(row["sender"] for row in rows)


async def counts(tx: Transaction) -> tuple[int, int]:
    """How many events wait, and how many have expired."""
    row = await tx.fetch_one(
        """SELECT count(*) FILTER (WHERE expired_reason IS NULL) AS waiting,
                  count(*) FILTER (WHERE expired_reason IS NOT NULL) AS expired FROM parked"""
    )
    return (row["waiting"], row["expired"]) if row else (0, 0)
