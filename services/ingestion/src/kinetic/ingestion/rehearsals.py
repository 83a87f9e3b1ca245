"""What would become of an event: the decision of intake, as it would be now, of which nothing is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kinetic.common.database import Database, Transaction
from kinetic.common.failures import Overloaded
from kinetic.common.problems import Problem
from kinetic.contracts.ingestion import SignalObserved
from kinetic.ingestion.committer import GROUP_SECONDS, Committer
from kinetic.ingestion.domain.attribution import PERSON_FACT, named
from kinetic.ingestion.domain.intake import Arrival, Intake, Parked
from kinetic.ingestion.domain.occurrences import MemberPlace, Signal, TeamPlace
from kinetic.ingestion.intake import place
from kinetic.ingestion.journal import Outcome
from kinetic.ingestion.reception import refuse_overload, refuse_parking
from kinetic.ingestion.store import handles


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would have become of an event, and the HTTP status that its sender would have been answered.

    `team` is the slug of the team of which it would have been told, or which a rule names.
    """

    outcome: Outcome
    answered: int
    reason: str | None = None
    kinds: tuple[str, ...] = ()
    facts: tuple[Mapping[str, str], ...] = ()
    team: str | None = None


def refused(problem: Problem) -> Rehearsal:
    """The door would have answered `problem`."""
    reason = problem.detail or problem.title
    places = "; ".join(f"{fault.pointer} {fault.detail}" for fault in problem.errors)
    return Rehearsal(Outcome.REFUSED, problem.status_code, f"{reason.rstrip('.')}: {places}" if places else reason)


async def rehearse(
    database: Database, committer: Committer, arrivals: Sequence[Arrival], facts: Mapping[str, str], answered: int
) -> Rehearsal:
    """What would become of `arrivals`, which have these facts for rules; `answered` is the status for what is taken.

    The lanes are held and what is known is read as for a real delivery. Nothing is written.
    """
    try:
        full = committer.admit(len(arrivals))
    except Overloaded as error:
        return refused(refuse_overload(error).problem)
    async with asyncio.timeout(GROUP_SECONDS), database.transaction() as tx:
        intake = await place(tx, arrivals, await tx.now(), full)
        team = await _team_of(tx, intake)
    if intake.refused:
        return refused(refuse_parking().problem)
    if intake.parked:
        return Rehearsal(Outcome.PARKED, answered, _reason_of(intake.parked[0], facts), team=team)
    return Rehearsal(Outcome.MAPPED, answered, team=team)


async def _team_of(tx: Transaction, intake: Intake) -> str | None:
    for told in intake.told:
        if isinstance(told.event, SignalObserved):
            return await handles.find_slug(tx, told.event.team_id)
    occurrences = [parked.arrival.occurrence for parked in intake.parked]
    places = [occurrence.place for occurrence in occurrences if isinstance(occurrence, Signal)]
    return next((place.slug for place in places if isinstance(place, TeamPlace)), None)


def _reason_of(parked: Parked, facts: Mapping[str, str]) -> str:
    """Why it would wait; where no rule fits, with the facts that rules could use."""
    reason, occurrence = parked.missing.reason, parked.arrival.occurrence
    usable = {name: value for name, value in facts.items() if name != PERSON_FACT}
    if isinstance(occurrence, Signal) and isinstance(occurrence.place, MemberPlace) and usable:
        return f"{reason}; rules could use {named(usable)}"
    return reason
