"""The Kafka doors of assignment, and the timer that lets held assignments leave for the LMS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import timedelta
from functools import partial

from kinetic.assignment import store
from kinetic.assignment.domain.assignment import Step
from kinetic.assignment.domain.hold import Window, decide_held
from kinetic.assignment.domain.progress import decide_progress
from kinetic.assignment.domain.reinforcement import completing, decide_reinforcement
from kinetic.assignment.domain.request import decide_requests
from kinetic.assignment.steps import take_steps
from kinetic.common import outbox, waiting
from kinetic.common.database import Transaction
from kinetic.common.doors import Door, Handle
from kinetic.common.events import Envelope, new_id
from kinetic.common.locks import lock_keys
from kinetic.common.retention import KEPT, first_id_of
from kinetic.common.timers import Due, Timer, aggregate_timer
from kinetic.contracts import topics
from kinetic.contracts.ids import NudgeId
from kinetic.contracts.ingestion import ContentChanged, LearningRecorded, PersonChanged, PersonErased
from kinetic.contracts.recommendation import NudgeAccepted
from kinetic.directory import handlers as directory_handlers
from kinetic.directory import store as directory
from kinetic.directory.actors import STALE_AFTER_SECONDS


def hold_for(undo_window: timedelta) -> Handle:
    """The handler of accepted nudges under an undo window."""

    async def on_nudges_accepted(tx: Transaction, accepted: Sequence[Envelope[NudgeAccepted]]) -> None:
        """Turn one click into one assignment per person, held while it can be undone."""
        ready = await _keep_ready(tx, accepted)
        await lock_keys(tx, "person", {person_id for click in ready for person_id in click.data.person_ids})
        assigned = await store.assigned_by_nudges(tx, [click.data.nudge_id for click in ready])
        await take_steps(tx, decide_held(ready, assigned, Window(await tx.now(), undo_window), new_id))

    return on_nudges_accepted


async def on_learning(tx: Transaction, records: Sequence[Envelope[LearningRecorded]]) -> None:
    """Let assignments follow what the LMS reports of their learners."""
    await lock_keys(tx, "person", {record.data.person_id for record in records})
    assignments = await store.load_lessons(tx, [(record.data.person_id, record.data.content_id) for record in records])
    await _reinforce(tx, completing(await take_steps(tx, decide_progress(assignments, records))))


async def _reinforce(tx: Transaction, completions: Mapping[NudgeId, Step]) -> None:
    """Ask managers to bring up what nobody is still learning.

    The manager's lock comes after those of people. It keeps two completions at once from each taking the other for under way.
    """
    if not completions:
        return
    await lock_keys(tx, "manager", {last.assignment.assigned_by for last in completions.values()})
    classes = await store.load_classes(tx, completions)
    await outbox.append(tx, decide_reinforcement(completions, classes, await tx.now()))


async def on_directory_changed(tx: Transaction, events: Sequence[Envelope[directory_handlers.DirectoryEvent]]) -> None:
    """Keep the directory, forget erased people, and look again at assignments that lacked an account."""
    erased = {event.data.person_id for event in events if isinstance(event.data, PersonErased)}
    changed = {event.data.person_id for event in events if isinstance(event.data, PersonChanged)}
    await lock_keys(tx, "person", erased)
    await directory_handlers.on_directory_changed(tx, events)
    await store.erase_people(tx, erased)
    await store.wake_people(tx, sorted(changed))


async def on_catalogue_changed(tx: Transaction, contents: Sequence[Envelope[ContentChanged]]) -> None:
    """Keep the catalogue, look again at assignments that lacked the content, and wake clicks that waited for it."""
    changed = sorted({content.data.content_id for content in contents})
    await store.save_contents(tx, [content.data for content in contents])
    await store.wake_contents(tx, changed)
    await waiting.wake(tx, [f"content/{content_id}" for content_id in changed])


async def request_due(lms: str, tx: Transaction, people: Set[str]) -> int:
    """The timer: ask the LMS for held assignments whose undo window is over, unless they may not leave any more.

    It holds back while the directory is stale: who reports to whom is not guessed.
    """
    age = await directory.age(tx)
    if age is None or age.seconds > STALE_AFTER_SECONDS:
        return 0
    due = await store.load_due(tx, people)
    if not due:
        return 0
    picture = await store.load_picture(tx, lms, age.version, due)
    steps = decide_requests(due, picture, await tx.now())
    stepping = {step.assignment.assignment_id for step in steps}
    await store.let_rest(tx, [assignment for assignment in due if assignment.assignment_id not in stepping])
    await take_steps(tx, steps)
    return len(due)


async def sweep(tx: Transaction) -> int:
    """The timer: forget assignments that were made long ago. Nothing is left to do: 0."""
    await store.sweep(tx, first_id_of(await tx.now() - KEPT))
    return 0


async def _keep_ready(tx: Transaction, accepted: Sequence[Envelope[NudgeAccepted]]) -> list[Envelope[NudgeAccepted]]:
    """The clicks whose content and people are known, up to the first of their team that lacks one."""
    contents = await store.known_contents(tx, [click.data.content_id for click in accepted])
    people = await directory.known_people(tx, {person_id for click in accepted for person_id in click.data.person_ids})

    def missing(click: NudgeAccepted) -> str | None:
        if click.content_id not in contents:
            return f"content/{click.content_id}"
        return next((f"person/{person_id}" for person_id in click.person_ids if person_id not in people), None)

    return await waiting.hold_back(tx, accepted, missing)


def doors(undo_window: timedelta) -> tuple[Door, ...]:
    """What assignment reads."""
    return (
        Door(topics.DIRECTORY, directory_handlers.door.takes, on_directory_changed),
        Door(topics.CATALOGUE, (ContentChanged,), on_catalogue_changed),
        Door(topics.NUDGES, (NudgeAccepted,), hold_for(undo_window)),
        Door(topics.LEARNING, (LearningRecorded,), on_learning),
    )


def timers(lms: str) -> tuple[Timer, ...]:
    """What comes due."""
    return (
        aggregate_timer("request", 0.5, Due("person", store.find_due_people, partial(request_due, lms))),
        Timer("outlived", 3600.0, sweep),
    )
