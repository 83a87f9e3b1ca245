"""The Kafka doors, against real Postgres."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from kinetic.common.database import Database
from kinetic.common.events import new_id
from kinetic.common.retention import first_id_of
from kinetic.contracts.assignment import AssignmentCompleted, AssignmentHeld, AssignmentRequested
from kinetic.contracts.ids import AssignmentId, NudgeId
from kinetic.contracts.ingestion import PersonErased
from kinetic.contracts.recommendation import NudgeAccepted, NudgeComposed, NudgeDismissed
from kinetic.feedback import handlers
from services.feedback.tests.loop import COURSE, DANA, OTHER, appraised, assignment, hand, nudge, told


async def test_a_batch_appraises_each_content_once_and_a_replay_changes_nothing(database: Database) -> None:
    accepted = [nudge(NudgeAccepted, 2, NudgeId(new_id())) for _ in range(3)]
    dismissed = nudge(NudgeDismissed, 2, NudgeId(new_id()), OTHER)
    await hand(database, handlers.on_nudges, *accepted, dismissed)
    await hand(database, handlers.on_nudges, *accepted, dismissed)
    counts = {
        one.content_id: (one.nudges_accepted, one.nudges_dismissed, one.version) for one in await appraised(database)
    }
    assert counts == {COURSE: (3, 0, 1), OTHER: (0, 1, 1)}
    assert len(await told(database)) == 2


async def test_counts_add_up_over_batches(database: Database) -> None:
    one, other = AssignmentId(new_id()), AssignmentId(new_id())
    await hand(database, handlers.on_assignments, assignment(AssignmentHeld, 1, one))
    assert await appraised(database) == []
    await hand(database, handlers.on_assignments, *(assignment(AssignmentRequested, 2, a) for a in (one, other)))
    await hand(database, handlers.on_assignments, assignment(AssignmentCompleted, 3, one))
    newest = (await appraised(database))[-1]
    assert (newest.assignments_requested, newest.assignments_completed, newest.version) == (2, 1, 2)


async def test_replicas_that_count_the_same_content_at_once_lose_nothing(database: Database) -> None:
    batches = [[nudge(NudgeAccepted, 2, NudgeId(new_id())) for _ in range(4)] for _ in range(5)]
    await asyncio.gather(*(hand(database, handlers.on_nudges, *batch) for batch in batches))
    told_counts = [(one.version, one.nudges_accepted) for one in await appraised(database)]
    assert told_counts == [(1, 4), (2, 8), (3, 12), (4, 16), (5, 20)]


async def test_an_appraisal_belongs_to_the_life_of_the_event_that_changed_it(database: Database) -> None:
    (cause,) = await hand(database, handlers.on_nudges, nudge(NudgeAccepted, 2, NudgeId(new_id())))
    (emitted,) = await told(database)
    assert (emitted.causation_id, emitted.correlation_id) == (cause.id, cause.correlation_id)


async def test_outcomes_are_forgotten_in_time_and_stay_in_the_counts(database: Database) -> None:
    long_ago, lately = (first_id_of(datetime.now(UTC) - timedelta(days=days)) for days in (401, 399))
    for made in (long_ago, lately):
        await hand(database, handlers.on_nudges, nudge(NudgeAccepted, 2, NudgeId(made)))
        await hand(database, handlers.on_assignments, assignment(AssignmentCompleted, 3, AssignmentId(made)))
    async with database.transaction() as tx:
        await handlers.sweep(tx)
        rows = await tx.fetch(
            "SELECT nudge_id AS id FROM nudge_outcome UNION ALL SELECT assignment_id FROM assignment_outcome"
        )
    assert [row["id"] for row in rows] == [lately, lately]
    newest = (await appraised(database))[-1]
    assert (newest.nudges_accepted, newest.assignments_completed) == (2, 2)


async def test_who_was_nudged_or_assigned_is_forgotten_and_does_not_come_back(database: Database) -> None:
    nudge_id = NudgeId(new_id())
    await hand(database, handlers.on_nudges, nudge(NudgeComposed, 1, nudge_id))
    await hand(database, handlers.on_directory_changed, PersonErased(person_id=DANA, version=2))
    await hand(database, handlers.on_nudges, nudge(NudgeAccepted, 2, nudge_id))
    async with database.transaction() as tx:
        row = await tx.fetch_one("SELECT manager_id, state FROM nudge_outcome")
    assert row is not None
    assert (row["manager_id"], row["state"]) == (None, "accepted")
