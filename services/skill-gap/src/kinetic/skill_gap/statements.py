"""What a manager sees and says of what their reports hold.

Saying reads: who acts → lock the person → is it a report → load → decide (pure) → save, and assess the team again.
"""

from __future__ import annotations

from kinetic.common.auth import Principal
from kinetic.common.database import Transaction
from kinetic.common.events import new_id
from kinetic.common.locks import lock_keys
from kinetic.common.problems import Problem
from kinetic.contracts.ids import CompetencyKey, PersonId
from kinetic.contracts.skill_gap import CapabilitiesPublished
from kinetic.directory import store as directory
from kinetic.directory.actors import require_actor, require_person
from kinetic.skill_gap.domain.mastery import Holding, MasteryKey
from kinetic.skill_gap.domain.validation import Saying, Words, decide_validation
from kinetic.skill_gap.handlers import keep_mastery
from kinetic.skill_gap.person_views import HeldView, PersonView, view_held
from kinetic.skill_gap.store import maps, masteries, validations


async def show(tx: Transaction, caller: Principal, person_id: PersonId) -> PersonView:
    """What a report of the caller holds of each competency of the map, and of others that they have learned."""
    await _require_report(tx, await require_person(tx, caller), person_id)
    rules = await maps.load(tx)
    held = {competency: holding for (_, competency), holding in (await masteries.load(tx, [person_id])).items()}
    said = await validations.load(tx, person_id)
    named = [competency.key for competency in rules.competencies] if rules else []
    now = await tx.now()
    competencies = [*named, *sorted(held.keys() - set(named))]
    views = [
        view_held(one, held.get(one, Holding()), [about for about in said if about.competency == one], now)
        for one in competencies
    ]
    return PersonView(person_id=person_id, as_of=now, competencies=views)


async def say(tx: Transaction, caller: Principal, about: MasteryKey, words: Words) -> HeldView:
    """Validate or correct a level. Problem 404 for who is no report of the caller, 503 when the directory is stale."""
    person_id, competency = about
    actor = await require_actor(tx, caller)
    await lock_keys(tx, "person", [person_id])
    await _require_report(tx, actor.person_id, person_id)
    _require_competency(await maps.load(tx), competency)
    return await _settle(tx, Saying(about, words, actor.person_id, actor.directory_version))


async def _settle(tx: Transaction, saying: Saying) -> HeldView:
    person_id, competency = saying.about
    holding = (await masteries.load(tx, [person_id])).get(saying.about, Holding())
    said = [one for one in await validations.load(tx, person_id) if one.competency == competency]
    now = await tx.now()
    fresh = decide_validation(holding, said[0] if said else None, saying, now, new_id())
    if fresh is not None:
        holding, said = holding.take(fresh.evidence), [fresh, *said][: validations.LOADED]
        await validations.add(tx, fresh)
        await keep_mastery(tx, {saying.about: holding})
    return view_held(competency, holding, said, now)


async def _require_report(tx: Transaction, manager_id: PersonId, person_id: PersonId) -> None:
    if person_id not in await directory.reports_of(tx, manager_id):
        raise Problem(404, "No such person", f"You have no report {person_id}.")


def _require_competency(rules: CapabilitiesPublished | None, competency: CompetencyKey) -> None:
    if rules is None or competency not in {one.key for one in rules.competencies}:
        raise Problem(404, "No such competency", f"The capability map has no competency {competency}.")
