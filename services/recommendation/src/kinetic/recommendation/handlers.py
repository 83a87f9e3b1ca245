"""The Kafka doors of recommendation (directory, catalogue, gaps, assignments, learning, feedback) and its timers.

Locks are taken in one order everywhere: people, then teams, then managers. A person's lock keeps what they have taken from
being written while they are erased, a team's lock keeps its gaps and nudges still, a manager's lock keeps the count of their
week still, so that two replicas never both spend the last nudge of it. Rows that are made due are taken after all locks, those of
notices before those of gaps.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from typing import get_args

from kinetic.common import outbox, waiting
from kinetic.common.database import Transaction
from kinetic.common.doors import Door
from kinetic.common.events import Emission, Envelope, new_id
from kinetic.common.locks import lock_keys
from kinetic.common.timers import Due, Timer, aggregate_timer
from kinetic.contracts import topics
from kinetic.contracts.feedback import ContentAppraised
from kinetic.contracts.ids import PersonId, TeamId
from kinetic.contracts.ingestion import (
    ContentChanged,
    LearningRecorded,
    LearningVoided,
    PersonChanged,
    PersonErased,
    TeamChanged,
)
from kinetic.contracts.notices import NoticeRequested
from kinetic.contracts.skill_gap import GapChanged, GapClosed, GapOpened
from kinetic.directory import handlers as directory_handlers
from kinetic.directory import store as directory
from kinetic.recommendation import asking
from kinetic.recommendation.domain.arrival import missing
from kinetic.recommendation.domain.consider import Decision, decide_after_gaps, decide_again
from kinetic.recommendation.domain.gap import ToldGap
from kinetic.recommendation.domain.left_out import standings
from kinetic.recommendation.domain.nudge import Change, Nudge, expire, follow
from kinetic.recommendation.domain.occasion import occasions
from kinetic.recommendation.domain.picture import Picture
from kinetic.recommendation.domain.subjects import subjects_on
from kinetic.recommendation.domain.taken import AssignmentTold, Learning, Taken, taken_by_assignment, taken_by_learning
from kinetic.recommendation.store import (
    contents,
    deliveries,
    gaps,
    holdout,
    left_out,
    mail_stops,
    notices,
    nudges,
    pictures,
    preferences,
    taken,
    teams_conversations,
)
from kinetic.recommendation.store.pictures import Roster


async def on_gaps(tx: Transaction, events: Sequence[Envelope[ToldGap]]) -> None:
    """Turn gaps into nudges, keep open nudges current, and withdraw them when their gap has closed."""
    ready = await _keep_ready(tx, events)
    if not ready:
        return
    told = [event.data for event in ready]
    await lock_keys(tx, "team", {about.team_id for about in told})
    known = await gaps.load(tx, [about.gap_id for about in told])
    roster = await _lock_managers(tx, {about.team_id for about in (*known.values(), *told)})
    picture = await pictures.load_picture(tx, roster, known, told)
    await _save(tx, picture, decide_after_gaps(picture, ready, new_id))


async def on_catalogue_changed(tx: Transaction, events: Sequence[Envelope[ContentChanged]]) -> None:
    """Keep the catalogue, and let the gaps that it may help, or no longer helps, be considered again."""
    changed = [event.data for event in events]
    await contents.save(tx, changed)
    await waiting.wake(tx, [f"content/{content.content_id}" for content in changed])
    competencies = {taught.competency for content in changed for taught in content.teaches}
    await gaps.mark_content_due(tx, [content.content_id for content in changed], competencies)


async def on_feedback(tx: Transaction, events: Sequence[Envelope[ContentAppraised | NoticeRequested]]) -> None:
    """Keep what became of each content item: its value rests on it. Bring before managers what feedback asks for."""
    ready = await asking.keep_ready(tx, events)
    appraised = [event.data for event in ready if isinstance(event.data, ContentAppraised)]
    requests = asking.requests_in(ready)
    await lock_keys(tx, "person", asking.asked_for(requests))
    await contents.save_appraisals(tx, appraised)
    await asking.take_up(tx, requests)
    await gaps.mark_appraised_due(tx, {content.content_id for content in appraised})


async def on_assignments(tx: Transaction, events: Sequence[Envelope[AssignmentTold | NoticeRequested]]) -> None:
    """Keep who has what assigned, and who was left out of a nudge. Bring before managers what assignment asks for."""
    ready = await asking.keep_ready(tx, events)
    told = [event.data for event in ready if isinstance(event.data, AssignmentTold)]
    requests = asking.requests_in(ready)
    await lock_keys(tx, "person", {one.person_id for one in told} | asking.asked_for(requests))
    await left_out.save(tx, standings(told))
    await asking.take_up(tx, requests)
    await _take(tx, taken_by_assignment(told))


async def on_learning(tx: Transaction, events: Sequence[Envelope[Learning]]) -> None:
    """Keep who has done what."""
    await _take(tx, taken_by_learning(events))


async def on_directory_changed(tx: Transaction, events: Sequence[Envelope[directory_handlers.DirectoryEvent]]) -> None:
    """Keep the directory, and let gaps of teams whose manager or people have changed be considered again.

    Their teams are locked after the change is written: a nudge that is being composed for a former manager is either
    seen here, or composed for the new one. What the erased were to be sent is forgotten after that.
    """
    people = [e.data.person_id for e in events if isinstance(e.data, PersonChanged | PersonErased)]
    erased = [e.data.person_id for e in events if isinstance(e.data, PersonErased)]
    await lock_keys(tx, "person", erased)
    await teams_conversations.erase_people(tx, erased)
    before = await _teams_of(tx, people)
    await directory_handlers.on_directory_changed(tx, events)
    await left_out.erase_people(tx, erased)
    await taken.erase_people(tx, erased)
    await preferences.erase_people(tx, erased)
    await mail_stops.erase_people(tx, erased)
    await notices.erase_people(tx, erased)
    teams = {e.data.team_id for e in events if isinstance(e.data, TeamChanged)} | before | await _teams_of(tx, people)
    await lock_keys(tx, "team", teams)
    await deliveries.erase_people(tx, erased)
    await notices.mark_due(tx, teams, people)
    await gaps.mark_teams_due(tx, teams)


async def consider_due(tx: Transaction, teams: Set[str]) -> int:
    """The timer: a deferral is over, or a manager, people or content have changed."""
    roster = await _lock_managers(tx, {TeamId(team_id) for team_id in teams})
    due = await gaps.take_due(tx, teams)
    if due:
        picture = await pictures.load_picture(tx, roster, due, [])
        await _save(tx, picture, decide_again(picture, new_id))
    return len(due)


async def expire_due(tx: Transaction, teams: Set[str]) -> int:
    """The timer: nobody acted on a nudge in time."""
    stale = await nudges.load_expiring(tx, teams)
    now = await tx.now()
    for nudge in stale:
        await save_change(tx, expire(nudge, now))
    return len(stale)


async def sweep(tx: Transaction) -> int:
    """Forget gaps that closed and nudges that ended long ago. The count is not work left to do: 0."""
    await gaps.sweep(tx)
    await nudges.sweep(tx)
    await notices.sweep(tx)
    await left_out.sweep(tx)
    await taken.sweep(tx)
    await deliveries.sweep(tx)
    await holdout.sweep(tx)
    await teams_conversations.sweep(tx)
    return 0


async def save_change(tx: Transaction, change: Change) -> Change:
    """Tell and keep a change of one nudge, whose team is locked. The change as it was kept."""
    (nudge,) = await _keep(tx, [change.nudge], change.emissions)
    return Change(nudge, change.emissions)


async def _take(tx: Transaction, found: Sequence[Taken]) -> None:
    if not found:
        return
    people = {one.person_id for one in found}
    await lock_keys(tx, "person", people)
    people -= await directory.erased_people(tx, people)
    await taken.save(tx, [one for one in found if one.person_id in people])
    await gaps.mark_taken_due(tx, {one.content_id for one in found if one.content_id}, people)


async def _save(tx: Transaction, picture: Picture, decision: Decision) -> None:
    await gaps.save(tx, decision.gaps, picture.now)
    await holdout.save(tx, decision.draws)
    await _keep(tx, decision.nudges, decision.emissions)


async def _keep(tx: Transaction, changed: Sequence[Nudge], emissions: Sequence[Emission]) -> list[Nudge]:
    """Tell and keep changes of nudges, and enter in the ledger what their managers are to be sent of them."""
    kept = follow(changed, await outbox.append(tx, emissions))
    await nudges.save(tx, kept)
    await deliveries.note(tx, occasions(kept, emissions))
    return kept


async def _lock_managers(tx: Transaction, team_ids: Iterable[TeamId]) -> Roster:
    """The roster of teams that are locked, and its managers locked, before it is counted what they got this week."""
    roster = await pictures.load_roster(tx, team_ids)
    await lock_keys(tx, "manager", roster.manager_ids)
    return roster


async def _keep_ready(tx: Transaction, events: Sequence[Envelope[ToldGap]]) -> list[Envelope[ToldGap]]:
    """The events whose team and people are known; all others wait, and what comes after them about their team too."""
    concerned = {
        person for event in events if not isinstance(event.data, GapClosed) for person in event.data.person_ids
    }
    known_teams = await directory.known_teams(tx, {event.data.team_id for event in events})
    known_people = await directory.known_people(tx, concerned)
    return await waiting.hold_back(tx, events, lambda told: missing(told, known_teams, known_people))


async def _teams_of(tx: Transaction, people: Iterable[PersonId]) -> set[TeamId]:
    """The teams in which people work, and those that they manage or stand in for."""
    people = list(people)
    working = await directory.current_teams(tx, people)
    return {*working.values(), *await pictures.managed_teams(tx, people)}


doors = (
    Door(topics.DIRECTORY, directory_handlers.door.takes, on_directory_changed),
    Door(topics.CATALOGUE, (ContentChanged,), on_catalogue_changed),
    Door(topics.GAPS, (GapOpened, GapChanged, GapClosed), on_gaps),
    Door(
        topics.ASSIGNMENTS,
        (*get_args(AssignmentTold), *subjects_on(topics.ASSIGNMENTS)),
        on_assignments,
    ),
    Door(topics.LEARNING, (LearningRecorded, LearningVoided), on_learning),
    Door(topics.FEEDBACK, (ContentAppraised, *subjects_on(topics.FEEDBACK)), on_feedback),
)


def timers() -> tuple[Timer, ...]:
    """What comes due."""
    return (
        aggregate_timer("consider", 0.5, Due("team", gaps.find_due_teams, consider_due)),
        aggregate_timer("notices", 0.5, Due("person", notices.find_due_people, asking.consider_due)),
        aggregate_timer("expire", 5.0, Due("team", nudges.find_expiring_teams, expire_due)),
        Timer("outlived", 3600.0, sweep),
    )
