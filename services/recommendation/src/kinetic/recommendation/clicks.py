"""What a manager does with a nudge, wherever they click: read it, act on it, and learn what came of it.

Every action reads: lock the nudge's team → load → decide (pure) → save → the card as it is now.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_never

from kinetic.common.database import Transaction
from kinetic.common.locks import lock_keys
from kinetic.common.problems import Fault, Problem
from kinetic.contracts.ids import PersonId
from kinetic.contracts.recommendation import DismissalReason, SnoozeUntil
from kinetic.directory import store as directory
from kinetic.directory.actors import Actor
from kinetic.recommendation import handlers
from kinetic.recommendation.cards import Card, Reader, card_of
from kinetic.recommendation.domain import nudge as life
from kinetic.recommendation.domain import snooze as rest
from kinetic.recommendation.domain.attention import zone_of
from kinetic.recommendation.domain.nudge import Change, Click, NotAssignable, Nudge, Reports, Superseded
from kinetic.recommendation.domain.preferences import attention_of
from kinetic.recommendation.store import absences, contents, gaps, left_out, nudges, policies, preferences
from kinetic.recommendation.words import phrasebook_of


class NudgeMovedOn(Problem):
    """409: the click came too late. Carries the card as it is now."""

    def __init__(self, card: Card) -> None:
        super().__init__(
            409,
            "The nudge has moved on",
            f"It is {card.state} in version {card.version}. Nothing was changed; look at it again.",
            slug="moved-on",
        )
        self.card = card

    def document(self) -> dict[str, Any]:
        """The problem with the current card as `nudge`."""
        return {**super().document(), "nudge": self.card.model_dump(mode="json")}


async def show(tx: Transaction, person_id: PersonId, found: Sequence[Nudge]) -> list[Card]:
    """The cards of a manager's own nudges."""
    if not found:
        return []
    concerned = {person for nudge in found for person in nudge.offer.person_ids}
    people = await directory.people(tx, {person_id, *concerned})
    teams = await directory.teams(tx, {nudge.team_id for nudge in found})
    wishes = await preferences.of(tx, person_id)
    reader = Reader(
        reports=await directory.reports_of(tx, person_id),
        names={person.person_id: person.name for person in people.values()},
        team_names={team.team_id: team.name for team in teams.values()},
        left_out=await left_out.load(tx, [nudge.nudge_id for nudge in found]),
        appraisals=await contents.appraisals(tx, {nudge.offer.content.content_id for nudge in found}),
        zone=zone_of(people[person_id].time_zone),
        book=phrasebook_of(wishes.language or people[person_id].language),
        weekly_budget=attention_of(await policies.load(tx), wishes, 0.0).weekly_budget,
        now=await tx.now(),
    )
    return [card_of(nudge, reader) for nudge in found]


async def read(tx: Transaction, person_id: PersonId, nudge_id: str) -> Card:
    """One card. Problem 404 when it is not the reader's."""
    return await _card(tx, person_id, await require_own(tx, person_id, nudge_id))


async def see(tx: Transaction, actor: Actor, nudge_id: str) -> Card:
    """The manager has opened the nudge."""
    nudge = await _take(tx, actor, nudge_id)
    return await _settle(tx, actor, life.see(nudge, await tx.now()))


async def assign(tx: Transaction, actor: Actor, nudge_id: str, version: int, chosen: Sequence[PersonId] | None) -> Card:
    """Accept the nudge for `chosen`, or for everybody in it; for own reports only, as of a fresh directory."""
    nudge = await _take(tx, actor, nudge_id)
    reports = Reports(await directory.reports_of(tx, actor.person_id), actor.directory_version)
    click = Click(version, actor.person_id, await tx.now())
    return await _settle(tx, actor, life.accept(nudge, click, chosen, reports))


async def snooze(tx: Transaction, actor: Actor, nudge_id: str, version: int, until: SnoozeUntil) -> Card:
    """Put the nudge off. Its gap is due when it is to come back."""
    nudge = await _take(tx, actor, nudge_id)
    now = await tx.now()
    zone = zone_of((await directory.people(tx, [actor.person_id]))[actor.person_id].time_zone)
    gap = (await gaps.load(tx, [nudge.gap_id])).get(nudge.gap_id)
    pressure = gap.told.pressure if gap else 0.0
    attention = attention_of(await policies.load(tx), await preferences.of(tx, actor.person_id), pressure)
    due_at = rest.due_at(until, attention, zone, now)
    wish = rest.wish_of(until, nudge, pressure, due_at, now)
    answer = rest.snooze(nudge, Click(version, actor.person_id, now), wish)
    if isinstance(answer, Change) and due_at is not None:
        await gaps.mark_due_by(tx, nudge.gap_id, due_at)
    return await _settle(tx, actor, answer)


async def dismiss(tx: Transaction, actor: Actor, nudge_id: str, version: int, reason: DismissalReason) -> Card:
    """Say no to the nudge."""
    nudge = await _take(tx, actor, nudge_id)
    click = Click(version, actor.person_id, await tx.now())
    return await _settle(tx, actor, life.dismiss(nudge, click, reason))


async def _take(tx: Transaction, actor: Actor, nudge_id: str) -> Nudge:
    """The nudge as it is while its team is locked."""
    found = await require_own(tx, actor.person_id, nudge_id)
    await lock_keys(tx, "team", [found.team_id])
    return await require_own(tx, actor.person_id, nudge_id)


async def require_own(tx: Transaction, person_id: PersonId, nudge_id: str) -> Nudge:
    """A nudge of this manager. An open one about a team that somebody else manages by now is theirs no longer, unless they stand in."""
    nudge = await nudges.find(tx, nudge_id)
    if nudge is None or nudge.manager_id != person_id:
        raise _no_such(nudge_id)
    if nudge.is_open and not await absences.acts_for(tx, person_id, nudge.team_id):
        raise _no_such(nudge_id)
    return nudge


async def require_known(tx: Transaction, nudge_id: str) -> Nudge:
    """A nudge, whoever has it. Problem 404."""
    nudge = await nudges.find(tx, nudge_id)
    if nudge is None:
        raise Problem(404, "No such nudge", f"There is no nudge {nudge_id}.")
    return nudge


async def _settle(tx: Transaction, actor: Actor, answer: Change | Superseded | NotAssignable) -> Card:
    match answer:
        case Change(nudge, ()):
            return await _card(tx, actor.person_id, nudge)
        case Change():
            return await _card(tx, actor.person_id, (await handlers.save_change(tx, answer)).nudge)
        case Superseded(nudge):
            raise NudgeMovedOn(await _card(tx, actor.person_id, nudge))
        case NotAssignable():
            raise _refusal(answer)
        case never:
            assert_never(never)


def _no_such(nudge_id: str) -> Problem:
    return Problem(404, "No such nudge", f"You have no nudge {nudge_id}.")


async def _card(tx: Transaction, person_id: PersonId, nudge: Nudge) -> Card:
    (card,) = await show(tx, person_id, [nudge])
    return card


def _refusal(refused: NotAssignable) -> Problem:
    faults = [
        *(
            Fault("#/person_ids", f"{person_id} is not among the people of this nudge")
            for person_id in refused.strangers
        ),
        *(
            Fault("#/person_ids", f"{person_id} does not report to you")
            for person_id in refused.moved - refused.strangers
        ),
    ]
    return Problem(
        422,
        "Not everybody can be assigned",
        "Nothing was assigned. Leave these people out and try again.",
        slug="not-assignable",
        errors=sorted(faults, key=lambda fault: fault.detail),
    )
