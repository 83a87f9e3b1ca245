"""What content teaches, and what people hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from kinetic.common.database import Transaction
from kinetic.contracts.ids import CompetencyKey, ContentId, EventId, PersonId, TeamId
from kinetic.contracts.ingestion import ContentChanged, Teaches
from kinetic.directory import store as directory
from kinetic.skill_gap.domain.coverage import Learner
from kinetic.skill_gap.domain.mastery import Mastery


async def save_contents(tx: Transaction, contents: Sequence[ContentChanged]) -> None:
    """Keep the newest version of what each content item teaches."""
    await tx.execute_many(
        """INSERT INTO content (content_id, teaches, version) VALUES ($1, $2, $3)
           ON CONFLICT (content_id) DO UPDATE SET teaches = excluded.teaches, version = excluded.version
           WHERE content.version < excluded.version""",
        [(c.content_id, [t.model_dump(mode="json") for t in c.teaches], c.version) for c in contents],
    )


async def load_teaches(tx: Transaction, content_ids: Iterable[ContentId]) -> dict[ContentId, list[Teaches]]:
    """What each known content item teaches."""
    rows = await tx.fetch(
        "SELECT content_id, teaches FROM content WHERE content_id = ANY($1::uuid[])", sorted(set(content_ids))
    )
    return {row["content_id"]: [Teaches.model_validate(item) for item in row["teaches"]] for row in rows}


async def load_learners(tx: Transaction, team_ids: Iterable[TeamId]) -> dict[TeamId, list[Learner]]:
    """The members of each team, with what they hold of each competency."""
    members = await directory.members(tx, set(team_ids))
    people = [member.person_id for team in members.values() for member in team]
    rows = await tx.fetch(
        "SELECT person_id, competency, level, as_of FROM mastery WHERE person_id = ANY($1::uuid[])", people
    )
    held: dict[PersonId, dict[CompetencyKey, Mastery]] = {}
    for row in rows:
        held.setdefault(row["person_id"], {})[row["competency"]] = Mastery(row["level"], row["as_of"])
    return {
        team_id: [Learner(member.person_id, member.role, held.get(member.person_id, {})) for member in team]
        for team_id, team in members.items()
    }


async def load(tx: Transaction, person_ids: Iterable[PersonId]) -> dict[tuple[PersonId, CompetencyKey], Mastery]:
    """What each person holds."""
    rows = await tx.fetch("SELECT * FROM mastery WHERE person_id = ANY($1::uuid[])", sorted(set(person_ids)))
    return {(row["person_id"], row["competency"]): Mastery(row["level"], row["as_of"], row["rests_on"]) for row in rows}


async def save(tx: Transaction, masteries: dict[tuple[PersonId, CompetencyKey], Mastery]) -> None:
    """Keep what people hold now."""
    await tx.execute_many(
        """INSERT INTO mastery (person_id, competency, level, as_of, rests_on) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (person_id, competency) DO UPDATE
           SET level = excluded.level, as_of = excluded.as_of, rests_on = excluded.rests_on""",
        [(*key, held.level, held.as_of, held.rests_on) for key, held in sorted(masteries.items(), key=lambda m: m[0])],
    )


async def forget(tx: Transaction, resting_on: dict[EventId, PersonId]) -> None:
    """Forget what people hold by one learning record alone (event id → learner)."""
    await tx.execute(
        """DELETE FROM mastery USING unnest($1::uuid[], $2::uuid[]) AS void (event_id, person_id)
           WHERE mastery.person_id = void.person_id AND mastery.rests_on = void.event_id""",
        list(resting_on),
        list(resting_on.values()),
    )


async def erase_people(tx: Transaction, person_ids: Sequence[PersonId]) -> None:
    """Forget what erased people held."""
    await tx.execute("DELETE FROM mastery WHERE person_id = ANY($1::uuid[])", list(person_ids))


async def sweep(tx: Transaction, before: datetime) -> None:
    """Forget what people who left were last known to hold, before then."""
    await tx.execute(
        """DELETE FROM mastery USING directory_person AS person
           WHERE mastery.person_id = person.person_id AND NOT person.active AND mastery.as_of < $1""",
        before,
    )
