"""What a manager wishes, over HTTP: their own wishes only, and never more than the policy allows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field, field_validator

from kinetic.common.auth import Principal, Role, require
from kinetic.common.database import Transaction
from kinetic.common.locks import lock_keys
from kinetic.common.operations import database_of
from kinetic.common.problems import Fault, Problem
from kinetic.common.web import api_router
from kinetic.contracts.fields import Time
from kinetic.contracts.ids import PersonId
from kinetic.directory import store as directory
from kinetic.directory.actors import require_person
from kinetic.recommendation.domain.attention import Policy
from kinetic.recommendation.domain.preferences import (
    Absence,
    Channel,
    Language,
    Preferences,
    attention_of,
    leaves_an_hour,
    slot_of,
)
from kinetic.recommendation.policy_document import (
    Clock,
    Day,
    QuietHoursDocument,
    days_of,
    hours_of,
    numbers_of,
    shown_hours,
)
from kinetic.recommendation.store import absences, gaps, notices, pictures, policies, preferences

router = api_router(tags=["recommendation"])

Manager = Annotated[Principal, Depends(require(Role.MANAGER))]

LONGEST_ABSENCE: Final = timedelta(days=366)


class AbsenceDocument(BaseModel):
    """The caller is away: nudges about their teams go to a manager above them, as long as that is above them."""

    model_config = ConfigDict(extra="forbid")

    until: Time
    delegate_id: UUID


class PreferencesDocument(BaseModel):
    """What the caller wishes, on their own clock. What is left out, or null, is as the policy has it."""

    model_config = ConfigDict(extra="forbid")

    weekly_budget: int | None = Field(default=None, ge=0, description="At most so many nudges and notices a week.")
    quiet_hours: QuietHoursDocument | None = Field(default=None, description="Quiet besides the hours of the policy.")
    working_days: list[Day] | None = Field(default=None, min_length=1, max_length=7)
    daily_from: Clock | None = Field(
        default=None, description="The nudges of a day come from this time on; urgent ones wait for no slot."
    )
    language: Language | None = Field(default=None, description="Null takes that of the directory.")
    channels: list[Channel] = Field(default=[], max_length=5, description="In the order of the wish; none is no wish.")

    absence: AbsenceDocument | None = None

    @field_validator("channels")
    @classmethod
    def _must_differ(cls, channels: list[Channel]) -> list[Channel]:
        if len(set(channels)) < len(channels):
            raise ValueError("a channel stands twice")
        return channels


class AttentionView(BaseModel):
    """What holds for nudges that are not urgent: the policy, and what was wished of less."""

    weekly_budget: int
    quiet_hours: list[QuietHoursDocument]
    working_days: list[Day]


class DelegateView(BaseModel):
    """A manager above the caller."""

    person_id: PersonId
    name: str


class PreferencesView(PreferencesDocument):
    """What the caller wishes, and what holds for them. Their time zone is that of the directory."""

    time_zone: str
    in_force: AttentionView
    possible_delegates: list[DelegateView]


@router.get("/preferences")
async def read_preferences(request: Request, caller: Manager) -> PreferencesView:
    """What the caller wishes, and what holds for them."""
    async with database_of(request).transaction() as tx:
        person_id = await require_person(tx, caller)
        return await _view(tx, person_id, await preferences.of(tx, person_id))


@router.put("/preferences")
async def set_preferences(request: Request, caller: Manager, document: PreferencesDocument) -> PreferencesView:
    """Replace the caller's wishes. 422 naming what asks for more than the policy allows, or leaves no time at all.

    What waits for the caller's attention is considered again at once.
    """
    async with database_of(request).transaction() as tx:
        person_id = await _lock_self(tx, caller)
        wishes = _wishes(document)
        faults = [*_excesses(wishes, await policies.load(tx)), *await _absurd(tx, person_id, wishes.absence)]
        if faults:
            raise Problem(422, "This cannot be wished for", "Nothing was changed.", errors=faults)
        await _save(tx, person_id, wishes)
        return await _view(tx, person_id, wishes)


async def _save(tx: Transaction, person_id: PersonId, wishes: Preferences) -> None:
    """Keep the wishes. Who stands in changes whom nudges go to, so teams are locked as when their manager changes."""
    before = await preferences.of(tx, person_id)
    teams = await pictures.managed_teams(tx, [person_id])
    if before.absence == wishes.absence:
        await preferences.save(tx, person_id, wishes)
        await notices.mark_due(tx, teams, [person_id])
        await gaps.mark_manager_due(tx, person_id)
        return
    await lock_keys(tx, "team", teams)
    await preferences.save(tx, person_id, wishes)
    await notices.mark_due(tx, teams, [person_id])
    await gaps.mark_teams_due(tx, teams)


async def _absurd(tx: Transaction, person_id: PersonId, absence: Absence | None) -> list[Fault]:
    if absence is None:
        return []
    faults = []
    if not timedelta() < absence.until - await tx.now() <= LONGEST_ABSENCE:
        faults.append(Fault("#/absence/until", f"It must lie in the next {LONGEST_ABSENCE.days} days."))
    if absence.delegate_id not in await absences.above(tx, person_id):
        faults.append(Fault("#/absence/delegate_id", "Only a manager above you can stand in for you."))
    return faults


async def _lock_self(tx: Transaction, caller: Principal) -> PersonId:
    """The caller, whom nobody erases meanwhile."""
    await lock_keys(tx, "person", [await require_person(tx, caller)])
    return await require_person(tx, caller)


def _excesses(wishes: Preferences, policy: Policy) -> Iterator[Fault]:
    if wishes.weekly_budget is not None and wishes.weekly_budget > policy.weekly_budget:
        yield Fault("#/weekly_budget", f"The policy allows at most {policy.weekly_budget} a week.")
    if wishes.working_days is not None and not wishes.working_days <= policy.working_days:
        yield Fault("#/working_days", f"The policy allows {', '.join(days_of(policy.working_days))} only.")
    quiet = policy.quiet if wishes.quiet_hours is None else (*policy.quiet, wishes.quiet_hours)
    slot = slot_of(wishes)
    if not leaves_an_hour(quiet):
        yield Fault("#/quiet_hours", "With the quiet hours of the policy no time of the day is left.")
    elif slot and not leaves_an_hour((*quiet, slot)):
        yield Fault("#/daily_from", "From then on it is quiet until midnight.")


def _wishes(document: PreferencesDocument) -> Preferences:
    away = document.absence
    return Preferences(
        weekly_budget=document.weekly_budget,
        quiet_hours=hours_of(document.quiet_hours) if document.quiet_hours else None,
        working_days=None if document.working_days is None else numbers_of(document.working_days),
        daily_from=None if document.daily_from is None else time.fromisoformat(document.daily_from),
        language=document.language,
        channels=tuple(document.channels),
        absence=Absence(away.until, PersonId(str(away.delegate_id))) if away else None,
    )


async def _view(tx: Transaction, person_id: PersonId, wishes: Preferences) -> PreferencesView:
    attention = attention_of(await policies.load(tx), wishes, 0.0)
    people = await directory.people(tx, {person_id, *await absences.above(tx, person_id)})
    absence = wishes.absence
    return PreferencesView(
        weekly_budget=wishes.weekly_budget,
        quiet_hours=shown_hours(wishes.quiet_hours) if wishes.quiet_hours else None,
        working_days=None if wishes.working_days is None else days_of(wishes.working_days),
        daily_from=None if wishes.daily_from is None else f"{wishes.daily_from:%H:%M}",
        language=wishes.language,
        channels=list(wishes.channels),
        absence=absence and AbsenceDocument(until=absence.until, delegate_id=UUID(absence.delegate_id)),
        time_zone=people[person_id].time_zone,
        in_force=AttentionView(
            weekly_budget=attention.weekly_budget,
            quiet_hours=[shown_hours(hours) for hours in attention.quiet],
            working_days=days_of(attention.working_days),
        ),
        possible_delegates=[
            DelegateView(person_id=one.person_id, name=one.name)
            for one in sorted(people.values(), key=lambda one: one.name)
            if one.person_id != person_id
        ],
    )
