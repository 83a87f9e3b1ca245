"""The Kafka doors of skill-gap: signals, measurements, learning and the catalogue."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping, Sequence, Set
from datetime import datetime
from functools import partial
from typing import TypeGuard, TypeVar

from kinetic.common import outbox, waiting
from kinetic.common.database import Transaction
from kinetic.common.doors import Door
from kinetic.common.events import Envelope, new_id
from kinetic.common.locks import lock_keys
from kinetic.common.retention import KEPT
from kinetic.common.timers import Due, Timer, aggregate_timer
from kinetic.contracts import topics
from kinetic.contracts.ids import ContentId
from kinetic.contracts.ingestion import (
    ContentChanged,
    LearningRecorded,
    LearningVoided,
    MeasurementRecorded,
    PersonChanged,
    PersonErased,
    SignalObserved,
)
from kinetic.contracts.skill_gap import CapabilitiesPublished
from kinetic.directory import handlers as directory_handlers
from kinetic.directory import store as directory
from kinetic.skill_gap.domain.assess import Decision, decide_after_demands, decide_after_turns, decide_again
from kinetic.skill_gap.domain.assessment import AssessmentKey, Demand, demands_of_signal
from kinetic.skill_gap.domain.association import associate
from kinetic.skill_gap.domain.evidence import KINDS, practice_of
from kinetic.skill_gap.domain.mastery import Holding, MasteryKey, decide_mastery, take_back
from kinetic.skill_gap.domain.readings import reckon
from kinetic.skill_gap.domain.weeks import side_by_side
from kinetic.skill_gap.store import (
    assessments,
    associations,
    charts,
    contents,
    maps,
    masteries,
    unmapped,
    validations,
    verdicts,
    weeks,
)

AboutTeam = TypeVar("AboutTeam", SignalObserved, MeasurementRecorded)
Learning = LearningRecorded | LearningVoided

MAP = "capabilities"
"""What events wait for before the first capability map."""


async def on_signals(tx: Transaction, signals: Sequence[Envelope[SignalObserved]]) -> None:
    """Turn signals into pressure, and pressure into gap changes; remember what no rule takes."""
    rules, ready = await _keep_ready(tx, signals)
    if rules is None:
        return
    asked = [(signal, demands_of_signal(signal, rules)) for signal in ready]
    await _press(tx, rules, [demand for _, demands in asked for demand in demands])
    await unmapped.note(tx, [signal.data for signal, demands in asked if not demands])


async def on_measurements(tx: Transaction, events: Sequence[Envelope[MeasurementRecorded]]) -> None:
    """Put measurements on the control charts of their KPIs, and turn what slips into gap changes."""
    rules, ready = await _keep_ready(tx, events)
    if rules is None:
        return
    held = await charts.load(tx, [(measurement.data.team_id, measurement.data.kpi) for measurement in ready])
    reckoning = reckon(held, ready, rules)
    await charts.save(tx, reckoning.charts)
    await weeks.add(tx, reckoning.weeks)
    keys = {
        (team_id, rule.competency) for team_id, kpi in reckoning.charts for rule in rules.kpi_rules if rule.kpi == kpi
    }
    if keys:
        picture = await assessments.load_picture(tx, rules, {team_id for team_id, _ in keys}, keys)
        now = await tx.now()
        decision = decide_after_turns(picture, reckoning.turns, now, new_id)
        await _save(tx, decision, now)
        await weeks.save_coverages(tx, rules, decision.coverages, now)


async def on_learning(tx: Transaction, events: Sequence[Envelope[Learning]]) -> None:
    """Turn what people learn into evidence of mastery, unless they were erased, and assess their teams again."""
    meant = [event for event in events if not _is_record(event) or event.data.verb in KINDS]
    taught = await contents.load(tx, [event.data.content_id for event in meant if _is_record(event)])
    ready = await waiting.hold_back(tx, meant, partial(_untaught, taught))

    people = {event.data.person_id for event in ready}
    await lock_keys(tx, "person", people)
    people -= await directory.erased_people(tx, people)
    ready = [event for event in ready if event.data.person_id in people]
    void = {event.data.voided_event_id: event.data.person_id for event in ready if _is_voiding(event)}
    practices = [practice_of(event) for event in ready if _is_record(event) and event.id not in void]
    held = await masteries.load(tx, people)
    left = take_back(held, void)
    await keep_mastery(tx, left | decide_mastery({**held, **left}, practices, taught))


async def keep_mastery(tx: Transaction, held: Mapping[MasteryKey, Holding]) -> None:
    """Keep what people hold now, and assess what their teams hold of the same again. The people are locked."""
    await masteries.save(tx, held, await tx.now())
    teams = await directory.current_teams(tx, {person_id for person_id, _ in held})
    await lock_keys(tx, "team", set(teams.values()))
    await _decide_again(tx, {(teams[person_id], competency) for person_id, competency in held if person_id in teams})


async def on_catalogue_changed(tx: Transaction, events: Sequence[Envelope[ContentChanged]]) -> None:
    """Keep what content teaches, and offer learning records that waited for it again."""
    await contents.save(tx, [event.data for event in events])
    await waiting.wake(tx, [f"content/{event.data.content_id}" for event in events])


async def on_directory_changed(tx: Transaction, events: Sequence[Envelope[directory_handlers.DirectoryEvent]]) -> None:
    """Keep the directory, forget erased people, and let the teams that people joined or left be assessed again."""
    moved = [e.data for e in events if isinstance(e.data, PersonChanged | PersonErased)]
    erased = [person.person_id for person in moved if isinstance(person, PersonErased)]
    await lock_keys(tx, "person", erased)
    left = await directory.current_teams(tx, [person.person_id for person in moved])
    joined = {at.team_id for person in moved if isinstance(person, PersonChanged) for at in person.positions}
    teams = {*left.values(), *(team_id for team_id in joined if team_id)}
    await lock_keys(tx, "team", teams)
    await directory_handlers.on_directory_changed(tx, events)
    await masteries.erase_people(tx, erased)
    await validations.erase_people(tx, erased)
    await assessments.mark_due(tx, teams)


async def reassess_due(tx: Transaction, teams: Set[str]) -> int:
    """The timer: pressure falls, skills fade and maps change without any event arriving."""
    due = await assessments.find_due(tx, teams)
    await assessments.postpone(tx, due)
    await _decide_again(tx, due)
    return len(due)


async def reckon_association(tx: Transaction) -> int:
    """The timer: how one KPI goes with one competency is reckoned anew, once a day, from the weeks that are kept."""
    rules = await maps.load(tx)
    if rules is None:
        return 0
    await associations.prepare(tx, rules)
    due = await associations.claim(tx)
    if due is None:
        return 0
    observed = await weeks.load(tx, due, await tx.now())
    direction = next(kpi.direction for kpi in rules.kpis if kpi.key == due[0])
    await associations.save(tx, due, associate(side_by_side(observed, direction)))
    return 1


async def sweep(tx: Transaction) -> int:
    """The timer: forget teams and people who went long ago, KPIs no longer measured, maps long superseded. Nothing is left to do: 0."""
    before = await tx.now() - KEPT
    for subject in (assessments, masteries, validations, charts, verdicts, maps, unmapped, weeks):
        await subject.sweep(tx, before)
    return 0


def _is_record(event: Envelope[Learning]) -> TypeGuard[Envelope[LearningRecorded]]:
    return isinstance(event.data, LearningRecorded)


def _is_voiding(event: Envelope[Learning]) -> TypeGuard[Envelope[LearningVoided]]:
    return isinstance(event.data, LearningVoided)


def _untaught(taught: Container[ContentId], learning: Learning) -> str | None:
    """The content that a record waits for. What takes one back waits behind it, and else for nothing."""
    if isinstance(learning, LearningVoided) or learning.content_id in taught:
        return None
    return f"content/{learning.content_id}"


async def _decide_again(tx: Transaction, keys: Collection[AssessmentKey]) -> None:
    """Decide those of these pairs again about which something was observed. Their teams are locked."""
    rules = await maps.load(tx)
    if rules is None or not keys:
        return
    picture = await assessments.load_picture(tx, rules, {team_id for team_id, _ in keys}, keys)
    now = await tx.now()
    decision = decide_again(picture, now, new_id)
    await _save(tx, decision, now)
    await weeks.save_coverages(tx, rules, decision.coverages, now)


async def _press(tx: Transaction, rules: CapabilitiesPublished, demands: Sequence[Demand]) -> None:
    """Let demands press on their teams, and decide. Their teams are locked."""
    if not demands:
        return
    keys = {demand.key for demand in demands}
    picture = await assessments.load_picture(tx, rules, {team_id for team_id, _ in keys}, keys)
    now = await tx.now()
    await _save(tx, decide_after_demands(picture, demands, now, new_id), now)


async def _save(tx: Transaction, decision: Decision, now: datetime) -> None:
    await assessments.save(tx, decision.assessments, decision.told, now)
    await verdicts.save(tx, decision.told)
    await outbox.append(tx, decision.emissions)


async def _keep_ready(
    tx: Transaction, events: Sequence[Envelope[AboutTeam]]
) -> tuple[CapabilitiesPublished | None, list[Envelope[AboutTeam]]]:
    """The map in force and the events whose team is known, with their teams locked; all others wait."""
    known = await directory.known_teams(tx, {event.data.team_id for event in events})
    ready = await waiting.hold_back(
        tx, events, lambda about: None if about.team_id in known else f"team/{about.team_id}"
    )
    await lock_keys(tx, "team", known)
    rules = await maps.load(tx)
    if rules is None:
        return None, await waiting.hold_back(tx, ready, lambda _: MAP)
    return rules, ready


doors = (
    Door(topics.DIRECTORY, directory_handlers.door.takes, on_directory_changed),
    Door(topics.CATALOGUE, (ContentChanged,), on_catalogue_changed),
    Door(topics.SIGNALS, (SignalObserved,), on_signals),
    Door(topics.MEASUREMENTS, (MeasurementRecorded,), on_measurements),
    Door(topics.LEARNING, (LearningRecorded, LearningVoided), on_learning),
)


def timers() -> tuple[Timer, ...]:
    """What comes due."""
    return (
        aggregate_timer("reassess", 1.0, Due("team", assessments.find_due_teams, reassess_due)),
        Timer("outlived", 3600.0, sweep),
        Timer("associations", 300.0, reckon_association),
    )
