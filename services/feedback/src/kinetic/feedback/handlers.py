"""The Kafka doors of feedback: what came of nudges and assignments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeGuard, get_args

from kinetic.common.database import Transaction
from kinetic.common.doors import Door
from kinetic.common.events import Envelope
from kinetic.common.locks import lock_keys
from kinetic.common.retention import KEPT, first_id_of
from kinetic.contracts import topics
from kinetic.contracts.ids import PersonId
from kinetic.contracts.ingestion import ContentChanged, PersonErased
from kinetic.contracts.recommendation import HoldoutDrawn, NudgeWithheld
from kinetic.directory import handlers as directory_handlers
from kinetic.feedback import store
from kinetic.feedback.appraisals import appraise
from kinetic.feedback.domain.appraisal import Change
from kinetic.feedback.domain.assignments import AssignmentEvent
from kinetic.feedback.domain.nudges import Noticed, NudgeEvent
from kinetic.feedback.domain.outcomes import decide_assignments, decide_nudges
from kinetic.feedback.domain.tally import NOTHING

HoldoutEvent = HoldoutDrawn | NudgeWithheld
AboutNudge = NudgeEvent | Noticed


async def on_nudges(tx: Transaction, events: Sequence[Envelope[AboutNudge | HoldoutEvent]]) -> None:
    """Keep what came of each nudge, what the holdout drew and withheld, and appraise the content of which counts have changed."""
    await store.save_draws(tx, [event.data for event in events if isinstance(event.data, HoldoutDrawn)])
    await store.save_withheld(tx, [event.data for event in events if isinstance(event.data, NudgeWithheld)])
    await _note_nudges(tx, [event for event in events if _is_of_nudge(event)])


async def _note_nudges(tx: Transaction, events: Sequence[Envelope[AboutNudge]]) -> None:
    await lock_keys(tx, "content", {event.data.content_id for event in events})
    known = await store.load_nudges(tx, [event.data.nudge_id for event in events])
    noted = decide_nudges(known, events)
    await store.save_nudges(tx, noted.outcomes)
    await appraise(tx, noted.changes)


async def on_assignments(tx: Transaction, events: Sequence[Envelope[AssignmentEvent]]) -> None:
    """Keep where each assignment stands, and appraise the content again of which counts have changed."""
    await lock_keys(tx, "content", {event.data.content_id for event in events})
    known = await store.load_assignments(tx, [event.data.assignment_id for event in events])
    noted = decide_assignments(known, events)
    await store.save_assignments(tx, noted.outcomes)
    await appraise(tx, noted.changes)


async def on_catalogue_changed(tx: Transaction, contents: Sequence[Envelope[ContentChanged]]) -> None:
    """Remember which content there is: only that can be reviewed."""
    await store.save_contents(tx, [content.data.content_id for content in contents])


async def on_directory_changed(tx: Transaction, events: Sequence[Envelope[directory_handlers.DirectoryEvent]]) -> None:
    """Keep the directory. The reviews of erased people go, and their ratings with them."""
    erased: dict[PersonId, Envelope[directory_handlers.DirectoryEvent]] = {
        event.data.person_id: event for event in events if isinstance(event.data, PersonErased)
    }
    await lock_keys(tx, "content", await store.contents_reviewed_by(tx, erased))
    await directory_handlers.on_directory_changed(tx, events)
    reviews = await store.erase_people(tx, erased)
    await appraise(tx, [Change(r.content_id, NOTHING - r.tally, erased[r.person_id].cause) for r in reviews])


async def sweep(tx: Transaction) -> int:
    """The timer: forget what came of nudges and assignments, and was drawn, long ago. It stays in the counts. Nothing is left to do: 0."""
    before = await tx.now() - KEPT
    await store.sweep(tx, first_id_of(before))
    await store.sweep_holdout(tx, before)
    return 0


def _is_of_nudge(event: Envelope[AboutNudge | HoldoutEvent]) -> TypeGuard[Envelope[AboutNudge]]:
    return not isinstance(event.data, HoldoutDrawn | NudgeWithheld)


doors = (
    Door(topics.DIRECTORY, directory_handlers.door.takes, on_directory_changed),
    Door(topics.CATALOGUE, (ContentChanged,), on_catalogue_changed),
    Door(topics.NUDGES, get_args(AboutNudge | HoldoutEvent), on_nudges),
    Door(topics.ASSIGNMENTS, get_args(AssignmentEvent), on_assignments),
)
