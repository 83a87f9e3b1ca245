"""The HTTP doors of skill-gap: the capability map, gaps, and what a team holds."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from kinetic.common import outbox, waiting
from kinetic.common.auth import Principal, Role, require
from kinetic.common.database import Transaction
from kinetic.common.events import Emission
from kinetic.common.operations import database_of
from kinetic.common.problems import Fault, Problem
from kinetic.common.web import api_router
from kinetic.contracts.fields import SLUG_PATTERN
from kinetic.contracts.ids import CompetencyKey, KpiKey, PersonId, TeamId
from kinetic.contracts.skill_gap import CapabilitiesPublished
from kinetic.directory import store as directory
from kinetic.directory.actors import require_person
from kinetic.directory.privacy import Sight, sight_of
from kinetic.skill_gap import statements
from kinetic.skill_gap.association_views import Associations, AssociationView
from kinetic.skill_gap.diagnosis import DiagnosisView, KpiSeriesView, diagnose, view_series
from kinetic.skill_gap.domain.assess import Picture
from kinetic.skill_gap.domain.coverage import cover_goals
from kinetic.skill_gap.domain.readings import Charted
from kinetic.skill_gap.domain.unmapped import still_unmapped
from kinetic.skill_gap.domain.validation import Reason, Statement, Words
from kinetic.skill_gap.embedding import load_embed
from kinetic.skill_gap.handlers import MAP
from kinetic.skill_gap.map_document import InvalidDocument, MapDocument, Mistake, read_map
from kinetic.skill_gap.person_views import HeldView, PersonView
from kinetic.skill_gap.store import assessments, associations, charts, maps, masteries, unmapped, verdicts
from kinetic.skill_gap.store.masteries import Completed
from kinetic.skill_gap.suggestions import UnmappedKinds, view_unmapped
from kinetic.skill_gap.views import GapView, TeamView, view_competency, view_gap, view_team_coverage
from kinetic.skill_gap.words import ENGLISH, phrasebook_of

router = api_router(tags=["skill-gap"])

Manager = Annotated[Principal, Depends(require(Role.MANAGER))]
Editor = Annotated[Principal, Depends(require(Role.LEARNING, Role.ADMIN))]
Reader = Annotated[Principal, Depends(require(Role.MANAGER, Role.LEARNING, Role.ADMIN))]

_DOCUMENT_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            media: {"schema": MapDocument.model_json_schema(ref_template="#/components/schemas/{model}")}
            for media in ("application/yaml", "application/json")
        },
    }
}


CompetencyName = Annotated[str, Path(pattern=SLUG_PATTERN)]
KpiName = Annotated[str, Path(pattern=SLUG_PATTERN)]


class Said(BaseModel):
    """What a manager says of a report's level. No words of their own: who reads them could be anybody."""

    model_config = ConfigDict(extra="forbid")

    statement: Statement
    level: Annotated[int, Field(ge=0, le=5, description="From 0 (nothing) over 1 (aware) to 5 (teaches others).")]
    reason: Reason | None = None


class Published(BaseModel):
    """The version under which a map was accepted."""

    version: int


@router.put("/capabilities", openapi_extra=_DOCUMENT_BODY)
async def publish_capabilities(request: Request, caller: Editor) -> Published:
    """Replace the capability map. The whole document is checked first; 422 names every mistake with its line."""
    document = _read(await request.body())
    async with database_of(request).transaction() as tx:
        version = await maps.lock(tx) + 1
        published = CapabilitiesPublished.model_validate(
            {**document.model_dump(), "version": version, "published_at": await tx.now()}
        )
        await maps.save(tx, published, caller.subject)
        await waiting.wake(tx, [MAP])
        await outbox.append(tx, [Emission(published)])
    return Published(version=version)


@router.get("/capabilities")
async def read_capabilities(request: Request, _: Reader) -> CapabilitiesPublished:
    """The capability map in force."""
    async with database_of(request).transaction() as tx:
        return await _require_map(tx)


@router.get("/capabilities/unmapped")
async def list_unmapped(request: Request, _: Editor, limit: Annotated[int, Query(ge=1, le=50)] = 20) -> UnmappedKinds:
    """What the tools tell and no rule of the map takes, the most frequent first, with three competencies each that it may ask
    for. They are ranked by a small model, which reads English and knows nothing of the company: a person confirms one by
    publishing a rule.
    """
    async with database_of(request).transaction() as tx:
        rules = await _require_map(tx)
        noted = await unmapped.load(tx, unmapped.MOST_KINDS)
    unknown = still_unmapped(noted, rules)[:limit]
    embed = await asyncio.to_thread(load_embed)
    return await asyncio.to_thread(view_unmapped, rules, unknown, embed)


@router.get("/gaps")
async def list_gaps(
    request: Request,
    caller: Reader,
    team_id: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[GapView]:
    """Gaps and rulings, the newest first. A manager sees those of the teams in which their reports work."""
    async with database_of(request).transaction() as tx:
        sight = await sight_of(tx, caller)
        visible = await _visible_teams(tx, caller, sight, team_id)
        rules = await maps.load(tx)
        if rules is None:
            return []
        keys = await assessments.find_told(tx, visible, limit)
        told = await assessments.load_told(tx, keys)
        picture = await assessments.load_picture(tx, rules, {team for team, _ in keys}, keys)
        now = await tx.now()
    known = [(told[key], picture.assessments[key].standing, picture.coverage(key, now)) for key in keys if key in told]
    return [view_gap(verdict, standing, coverage, sight) for verdict, standing, coverage in known]


@router.get("/teams/{team_id}/competencies")
async def read_team(request: Request, caller: Reader, team_id: UUID) -> TeamView:
    """Coverage and pressure of every competency of the map, for one team."""
    team = TeamId(str(team_id))
    async with database_of(request).transaction() as tx:
        sight = await sight_of(tx, caller)
        picture = await _picture_of(tx, caller, sight, team_id)
        now = await tx.now()
    rules = picture.rules
    coverages = {competency.key: picture.coverage((team, competency.key), now) for competency in rules.competencies}
    views = []
    for competency, coverage in coverages.items():
        views.append(view_competency(competency, coverage, picture.pressure((team, competency), now), sight))
    whole = view_team_coverage(cover_goals(coverages, rules.goals), sight)
    return TeamView(team_id=team, map_version=rules.version, as_of=now, coverage=whole, competencies=views)


@router.get("/teams/{team_id}/diagnosis")
async def diagnose_team(request: Request, caller: Reader, team_id: UUID) -> DiagnosisView:
    """A team's competencies against the goals that they carry, each number with what it rests on."""
    team = TeamId(str(team_id))
    async with database_of(request).transaction() as tx:
        sight = await sight_of(tx, caller)
        picture = await _picture_of(tx, caller, sight, team_id)
        known = await _associations(tx, caller, picture.rules)
        return diagnose(team, picture, known, sight, await tx.now())


@router.get("/teams/{team_id}/kpis/{kpi}")
async def read_kpi(request: Request, caller: Reader, team_id: UUID, kpi: KpiName) -> KpiSeriesView:
    """A KPI of a team over time, with its control chart's alarm and the gaps that it tells of. 404 when nothing was measured."""
    team = TeamId(str(team_id))
    async with database_of(request).transaction() as tx:
        sight = await sight_of(tx, caller)
        await _visible_teams(tx, caller, sight, team_id)
        rules = await _require_map(tx)
        defined = next((one for one in rules.kpis if one.key == kpi), None)
        charted = (await charts.load(tx, [(team, KpiKey(kpi))])).get((team, KpiKey(kpi)))
        if defined is None or charted is None:
            raise Problem(
                404, "No such KPI", f"Nothing was measured of {kpi!r} in this team, or the map does not define it."
            )
        linked = [rule.competency for rule in rules.kpi_rules if rule.kpi == kpi]
        bands = await verdicts.bands(tx, team, linked)
        done = await _completions(tx, sight, team, linked, charted)
        return view_series(defined, charted, bands, done, await _associations(tx, caller, rules))


@router.get("/associations")
async def list_associations(request: Request, caller: Reader) -> list[AssociationView]:
    """How each KPI goes with the competencies that the map links it to, over all teams and the weeks of the last year. It is
    a pattern and no cause, and holds no figure of a single team. A manager sees the KPIs of the teams in which their
    reports work.
    """
    async with database_of(request).transaction() as tx:
        visible = await _visible_teams(tx, caller, await sight_of(tx, caller), None)
        rules = await maps.load(tx)
        if rules is None:
            return []
        known = await _associations(tx, caller, rules)
        kpis = {rule.kpi for rule in rules.kpi_rules}
        if visible is not None:
            kpis &= await associations.measured_in(tx, visible)
        return [view for kpi in sorted(kpis) for view in known.of(kpi)]


@router.get("/people/{person_id}/competencies")
async def read_person(request: Request, caller: Manager, person_id: UUID) -> PersonView:
    """What one of the caller's reports holds of each competency, and what it rests on. 404 when it is another's report."""
    async with database_of(request).transaction() as tx:
        return await statements.show(tx, caller, PersonId(str(person_id)))


@router.put("/people/{person_id}/competencies/{competency}")
async def validate_level(
    request: Request, caller: Manager, person_id: UUID, competency: CompetencyName, said: Said
) -> HeldView:
    """Validate or correct what one of the caller's reports holds. It stands above all evidence before it, and fades as other
    mastery does. The same words again change nothing for a day, unless something has happened since.

    404 when it is another's report or no competency of the map, 503 when the directory is not fresh enough to act on.
    """
    about = (PersonId(str(person_id)), CompetencyKey(competency))
    async with database_of(request).transaction() as tx:
        return await statements.say(tx, caller, about, Words(said.statement, float(said.level), said.reason))


def _read(source: bytes) -> MapDocument:
    try:
        return read_map(source)
    except InvalidDocument as error:
        faults = [Fault(_pointer(mistake), _detail(mistake)) for mistake in error.mistakes[:100]]
        raise Problem(422, "The capability map has mistakes", errors=faults) from error


def _pointer(mistake: Mistake) -> str:
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in mistake.path)
    return "#" + "".join(f"/{step}" for step in steps)


def _detail(mistake: Mistake) -> str:
    return mistake.detail if mistake.line is None else f"line {mistake.line}: {mistake.detail}"


async def _require_map(tx: Transaction) -> CapabilitiesPublished:
    rules = await maps.load(tx)
    if rules is None:
        raise Problem(404, "No capability map", "No capability map has been published yet.")
    return rules


async def _associations(tx: Transaction, caller: Principal, rules: CapabilitiesPublished) -> Associations:
    """What is known of how KPIs go with competencies, in the caller's language."""
    person_id = await directory.person_by_email(tx, caller.email) if caller.email else None
    person = (await directory.people(tx, [person_id])).get(person_id) if person_id else None
    return Associations(rules, await associations.load(tx), phrasebook_of(person.language if person else ENGLISH))


async def _completions(
    tx: Transaction, sight: Sight, team: TeamId, competencies: Sequence[CompetencyKey], charted: Charted
) -> list[Completed] | None:
    """What a team completed since the first reading of a KPI; None when that would tell of single people."""
    members = (await directory.members(tx, [team])).get(team, ())
    readings = charted.chart.readings
    if not readings or not sight.shows_figures_of([member.person_id for member in members]):
        return None
    return await masteries.completions(tx, team, competencies, readings[0].at)


async def _picture_of(tx: Transaction, caller: Principal, sight: Sight, team_id: UUID) -> Picture:
    """All competencies of a team that the caller may see. Problem 404 when it is not, or when there is no map."""
    await _visible_teams(tx, caller, sight, team_id)
    rules, team = await _require_map(tx), TeamId(str(team_id))
    return await assessments.load_picture(tx, rules, [team], [(team, c.key) for c in rules.competencies])


async def _visible_teams(tx: Transaction, caller: Principal, sight: Sight, team_id: UUID | None) -> list[TeamId] | None:
    """The teams that the caller may see, or the one asked for. Problem 404 when that is not among them."""
    wanted = None if team_id is None else [TeamId(str(team_id))]
    if not caller.roles.isdisjoint({Role.LEARNING, Role.ADMIN}):
        return wanted
    await require_person(tx, caller)
    visible = set((await directory.current_teams(tx, sight.reports)).values())
    if wanted is None:
        return sorted(visible)
    if wanted[0] not in visible:
        raise Problem(404, "No such team", f"You have no report in a team {team_id}.")
    return wanted
