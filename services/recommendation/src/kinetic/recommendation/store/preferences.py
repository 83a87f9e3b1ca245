"""What managers wish."""

from __future__ import annotations

from collections.abc import Iterable

import asyncpg

from kinetic.common.database import Transaction
from kinetic.contracts.ids import PersonId
from kinetic.recommendation.domain.attention import QuietHours
from kinetic.recommendation.domain.preferences import NO_WISHES, Absence, Preferences


async def load(tx: Transaction, person_ids: Iterable[PersonId]) -> dict[PersonId, Preferences]:
    """The wishes of those of `person_ids` who have any. An absence that is over is none."""
    rows = await tx.fetch(
        "SELECT *, away_until > clock_timestamp() AS is_away FROM preference WHERE person_id = ANY($1::uuid[])",
        list(person_ids),
    )
    return {row["person_id"]: _preferences(row) for row in rows}


async def of(tx: Transaction, person_id: PersonId) -> Preferences:
    """The wishes of one person, if any."""
    return (await load(tx, [person_id])).get(person_id, NO_WISHES)


async def save(tx: Transaction, person_id: PersonId, wishes: Preferences) -> None:
    """Keep the wishes of somebody who is locked in the place of their earlier ones."""
    quiet = wishes.quiet_hours
    await tx.execute(
        """INSERT INTO preference (person_id, weekly_budget, quiet_start, quiet_end, working_days, daily_from, language,
                                   channels, away_until, delegate_id, set_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, clock_timestamp())
           ON CONFLICT (person_id) DO UPDATE SET
               weekly_budget = excluded.weekly_budget, quiet_start = excluded.quiet_start,
               quiet_end = excluded.quiet_end, working_days = excluded.working_days,
               daily_from = excluded.daily_from, language = excluded.language, channels = excluded.channels,
               away_until = excluded.away_until, delegate_id = excluded.delegate_id, set_at = excluded.set_at""",
        person_id,
        wishes.weekly_budget,
        quiet.start if quiet else None,
        quiet.end if quiet else None,
        None if wishes.working_days is None else sorted(wishes.working_days),
        wishes.daily_from,
        wishes.language,
        list(wishes.channels),
        wishes.absence.until if wishes.absence else None,
        wishes.absence.delegate_id if wishes.absence else None,
    )


async def erase_people(tx: Transaction, person_ids: Iterable[PersonId]) -> None:
    """Forget erased people, and that anybody named them as a delegate."""
    erased = list(person_ids)
    await tx.execute("DELETE FROM preference WHERE person_id = ANY($1::uuid[])", erased)
    await tx.execute(
        "UPDATE preference SET away_until = NULL, delegate_id = NULL WHERE delegate_id = ANY($1::uuid[])", erased
    )


def _preferences(row: asyncpg.Record) -> Preferences:
    days = row["working_days"]
    return Preferences(
        weekly_budget=row["weekly_budget"],
        quiet_hours=None if row["quiet_start"] is None else QuietHours(row["quiet_start"], row["quiet_end"]),
        working_days=None if days is None else frozenset(days),
        daily_from=row["daily_from"],
        language=row["language"],
        channels=tuple(row["channels"]),
        absence=Absence(row["away_until"], PersonId(row["delegate_id"])) if row["is_away"] else None,
    )
