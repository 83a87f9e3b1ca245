"""Feeds of learning platforms, and how their last reading went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kinetic.common.database import Transaction


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed. `due_at` is when it is read next; `error` is why the last reading changed nothing; the secret is encrypted."""

    feed_id: str
    system: str
    url: str
    format: str
    every_minutes: int
    secret: bytes | None
    etag: str | None
    created_at: datetime
    due_at: datetime
    read_at: datetime | None = None
    changed: int = 0
    failures: int = 0
    error: str | None = None


async def create(tx: Transaction, feed: Feed) -> bool:
    """Keep a new feed; False when its system has one."""
    created = await tx.execute(
        """INSERT INTO catalogue_feed (feed_id, system, url, format, every_minutes, secret, created_at, due_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (system) DO NOTHING""",
        feed.feed_id,
        feed.system,
        feed.url,
        feed.format,
        feed.every_minutes,
        feed.secret,
        feed.created_at,
        feed.due_at,
    )
    return created == 1


async def everyone(tx: Transaction) -> list[Feed]:
    """All feeds by system."""
    return [_feed(row) for row in await tx.fetch("SELECT * FROM catalogue_feed ORDER BY system")]


async def delete(tx: Transaction, feed_id: str) -> bool:
    """Forget a feed; False when there is none of that id. What it brought stays in the catalogue."""
    return await tx.execute("DELETE FROM catalogue_feed WHERE feed_id = $1", feed_id) == 1


async def claim_due(tx: Transaction) -> Feed | None:
    """A feed that is due, which from now on is due in its next turn: no other replica reads it meanwhile."""
    row = await tx.fetch_one(
        """UPDATE catalogue_feed SET due_at = clock_timestamp() + make_interval(mins => every_minutes)
           WHERE feed_id = (SELECT feed_id FROM catalogue_feed WHERE due_at <= clock_timestamp()
                            ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
           RETURNING *"""
    )
    return _feed(row) if row else None


async def succeed(tx: Transaction, feed_id: str, etag: str | None, changed: int) -> bool:
    """A feed was read; False when it was deleted meanwhile."""
    kept = await tx.execute(
        """UPDATE catalogue_feed SET read_at = clock_timestamp(), etag = $2, changed = $3, failures = 0, error = NULL
           WHERE feed_id = $1""",
        feed_id,
        etag,
        changed,
    )
    return kept == 1


async def fail(tx: Transaction, feed_id: str, error: str) -> None:
    """A feed could not be read, or has mistakes."""
    await tx.execute("UPDATE catalogue_feed SET failures = failures + 1, error = $2 WHERE feed_id = $1", feed_id, error)


def _feed(row: Any) -> Feed:
    return Feed(**dict(row))
