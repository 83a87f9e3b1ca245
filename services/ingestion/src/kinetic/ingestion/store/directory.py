"""The directory: teams, people and the handles that name people."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from kinetic.common.database import Transaction
from kinetic.contracts import topics
from kinetic.contracts.ingestion import DirectoryConfirmed, PersonChanged, TeamChanged
from kinetic.ingestion.domain.directory import Directory
from kinetic.ingestion.domain.directory_rules import Claim, handles_of

SUBJECT = "directory"
HEARTBEAT_SECONDS = 5.0


async def lock_directory(tx: Transaction) -> Directory:
    """The directory, held against every other change until the transaction ends."""
    return await _load(tx, await hold_directory(tx))


async def hold_directory(tx: Transaction) -> int:
    """Let nobody else change the directory until the transaction ends; its version."""
    version: int = await tx.fetch_value("SELECT version FROM publication WHERE subject = $1 FOR UPDATE", SUBJECT)
    return version


async def lock_part(tx: Transaction, people: Collection[str], claims: Collection[Claim]) -> Directory:
    """All teams, and of the people as many as a change of `people`, or of whoever has `claims`, is decided by.

    Those are they and everybody above them, now and later: a circle of managers goes through a changed person.
    """
    version = await hold_directory(tx)
    systems, ids = zip(*set(claims), strict=True) if claims else ((), ())
    rows = await tx.fetch(
        """WITH RECURSIVE part AS (
               SELECT person_id, state FROM person
               WHERE person_id = ANY($1::uuid[]) OR person_id IN (
                   SELECT person_id FROM person_handle
                   JOIN unnest($2::text[], $3::text[]) AS claim (system, id) USING (system, id))
               UNION
               SELECT above.person_id, above.state
               FROM part, jsonb_array_elements(part.state -> 'positions') AS position
               JOIN person AS above ON above.person_id = (position ->> 'manager_id')::uuid
           ) SELECT state FROM part""",
        list(people),
        list(systems),
        list(ids),
    )
    teams = [TeamChanged.model_validate(row["state"]) for row in await tx.fetch("SELECT state FROM team")]
    return _directory(version, teams, [PersonChanged.model_validate(row["state"]) for row in rows])


async def load_directory(tx: Transaction) -> Directory:
    """The directory as it stands."""
    version = await tx.fetch_value("SELECT version FROM publication WHERE subject = $1", SUBJECT)
    return await _load(tx, version)


async def _load(tx: Transaction, version: int) -> Directory:
    teams = [TeamChanged.model_validate(row["state"]) for row in await tx.fetch("SELECT state FROM team")]
    people = [PersonChanged.model_validate(row["state"]) for row in await tx.fetch("SELECT state FROM person")]
    return _directory(version, teams, people)


def _directory(version: int, teams: Sequence[TeamChanged], people: Sequence[PersonChanged]) -> Directory:
    return Directory(version, {team.slug: team for team in teams}, {person.email: person for person in people})


async def save_directory(
    tx: Transaction, version: int, teams: Sequence[TeamChanged], people: Sequence[PersonChanged]
) -> None:
    """Keep changed teams and people. The directory is locked."""
    await tx.execute("UPDATE publication SET version = $2 WHERE subject = $1", SUBJECT, version)
    await tx.execute_many(
        """INSERT INTO team (team_id, slug, removed, state) VALUES ($1, $2, $3, $4)
           ON CONFLICT (team_id) DO UPDATE SET removed = excluded.removed, state = excluded.state,
               changed_at = clock_timestamp()""",
        [(team.team_id, team.slug, team.removed, team.model_dump(mode="json")) for team in teams],
    )
    await tx.execute_many(
        """INSERT INTO person (person_id, state) VALUES ($1, $2)
           ON CONFLICT (person_id) DO UPDATE SET state = excluded.state, changed_at = clock_timestamp()""",
        [(person.person_id, person.model_dump(mode="json")) for person in people],
    )
    await _save_handles(tx, people)


async def _save_handles(tx: Transaction, people: Iterable[PersonChanged]) -> None:
    handles = {
        (system, external_id, person.person_id) for person in people for system, external_id in handles_of(person)
    }
    await tx.execute(
        "DELETE FROM person_handle WHERE person_id = ANY($1::uuid[])", list({person_id for _, _, person_id in handles})
    )
    await tx.execute_many("INSERT INTO person_handle (system, id, person_id) VALUES ($1, $2, $3)", handles)


async def claim_heartbeat(tx: Transaction) -> DirectoryConfirmed | None:
    """The heartbeat that is due; None when another replica has it or the directory is being changed.

    It also stays due while changes wait for Kafka: it says that all of a version has been told.
    """
    version = await tx.fetch_value(
        """SELECT version FROM publication WHERE subject = $1 AND due_at <= clock_timestamp()
           FOR UPDATE SKIP LOCKED""",
        SUBJECT,
    )
    # Asked under the lock: what a change before it left in the outbox is seen here.
    if version is None or await tx.fetch_value(
        "SELECT EXISTS (SELECT 1 FROM outbox WHERE topic = $1)", topics.DIRECTORY
    ):
        return None
    await tx.execute(
        "UPDATE publication SET due_at = clock_timestamp() + make_interval(secs => $2) WHERE subject = $1",
        SUBJECT,
        HEARTBEAT_SECONDS,
    )
    return DirectoryConfirmed(version=version, confirmed_at=await tx.now())
