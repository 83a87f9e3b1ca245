"""What became of an integration's webhooks, and what would become of others: by a payload, by a mapping, by rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from kinetic.common.operations import database_of
from kinetic.common.web import api_router
from kinetic.ingestion.api.integrations import (
    Admin,
    IntegrationView,
    NewRules,
    require_integration,
    rules_of,
    view,
)
from kinetic.ingestion.connectors import connector_for
from kinetic.ingestion.connectors.generic import PayloadMapping, connector_of
from kinetic.ingestion.connectors.protocol import Connector
from kinetic.ingestion.domain.attribution import Rule, place_of
from kinetic.ingestion.domain.occurrences import TeamPlace
from kinetic.ingestion.journal import Outcome
from kinetic.ingestion.store import deliveries
from kinetic.ingestion.trial import Trial, try_payload

router = api_router(tags=["integrations"])

MOST_DELIVERIES = 500
UNREAD = "no connector reads this tool: `kafka` writes CloudEvents, which `POST /events` takes too"


class Count(BaseModel):
    """How many deliveries had an outcome, and when the latest was."""

    outcome: Outcome
    deliveries: int
    latest_at: datetime


class IntegrationDetail(IntegrationView):
    """An integration, and how its deliveries have fared since it was made."""

    counts: list[Count]


class DeliveryView(BaseModel):
    """What became of one webhook. `parked` counts those of its events that still wait, and `reason` says for what."""

    received_at: datetime
    outcome: Outcome
    reason: str | None
    kinds: list[str]
    facts: list[dict[str, str]] = Field(description="By these, rules find the team. Addresses of people are left out.")
    event_ids: list[str]
    parked: int
    test: bool = Field(
        description="Whether it was a test event: it says what would have become of it, and has no events."
    )


SampleHeaders = Annotated[dict[str, str], Field(max_length=50, description="Those that say what it is about.")]


class Sample(BaseModel):
    """A webhook that nobody has sent yet."""

    model_config = ConfigDict(extra="forbid")

    headers: SampleHeaders = {}
    payload: JsonValue


class MappedSample(Sample):
    """A webhook, and the mapping that shall explain it."""

    mapping: PayloadMapping


class PlacedTrial(Trial):
    """What would become of a webhook, and whose its signals would be."""

    teams: list[str | None] = Field(description="The team of each signal by the rules alone; null when none fits.")


class Replaced(BaseModel):
    """What other rules would do with the facts of recent deliveries."""

    facts: dict[str, str]
    team: str | None = Field(description="By the rules in force; null when none fits.")
    new_team: str | None = Field(description="By the rules that are tried.")
    observations: int = Field(description="How many recent ones had these facts.")


@router.get("/integrations/{integration_id}")
async def read_integration(request: Request, _: Admin, integration_id: UUID) -> IntegrationDetail:
    """One integration with its counts."""
    async with database_of(request).transaction() as tx:
        integration = await require_integration(tx, integration_id)
        counts = await deliveries.counts(tx, [integration.integration_id])
    return IntegrationDetail(**view(integration).model_dump(), counts=[Count(**row) for row in counts])


@router.get("/integrations/{integration_id}/deliveries")
async def list_deliveries(
    request: Request,
    _: Admin,
    integration_id: UUID,
    limit: Annotated[int, Query(ge=1, le=MOST_DELIVERIES)] = 50,
) -> list[DeliveryView]:
    """The newest webhooks of an integration and what became of each: mapped, parked why, ignored why, refused why."""
    async with database_of(request).transaction() as tx:
        await require_integration(tx, integration_id)
        rows = await deliveries.latest(tx, str(integration_id), limit)
    return [DeliveryView(**row) for row in rows]


@router.post("/integrations/try-mapping")
async def try_mapping(_: Admin, sample: MappedSample) -> Trial:
    """What a mapping would make of a payload, before an integration is made with it."""
    return _try(connector_of(sample.mapping), sample)


@router.post("/integrations/{integration_id}/try")
async def try_webhook(request: Request, _: Admin, integration_id: UUID, sample: Sample) -> PlacedTrial:
    """What would become of a webhook of this integration, and whose its signals would be. Nothing is told."""
    async with database_of(request).transaction() as tx:
        integration = await require_integration(tx, integration_id)
    connector = connector_for(integration.tool, integration.mapping)
    trial = _try(connector, sample) if connector else Trial(outcome="refused", reason=UNREAD)
    teams = [_team_of(signal.attribution_keys, integration.rules) for signal in trial.signals]
    return PlacedTrial(**trial.model_dump(), teams=teams)


@router.post("/integrations/{integration_id}/try-rules")
async def try_rules(request: Request, _: Admin, integration_id: UUID, body: NewRules) -> list[Replaced]:
    """Whose the observations of recent deliveries would be by other rules. Nothing is changed."""
    async with database_of(request).transaction() as tx:
        integration = await require_integration(tx, integration_id)
        rows = await deliveries.latest(tx, str(integration_id), MOST_DELIVERIES)
    recent = [facts for row in rows if not row["test"] for facts in row["facts"]]
    return list(_replaced(recent, integration.rules, rules_of(body.rules)))


def lowered(headers: SampleHeaders) -> dict[str, str]:
    """Headers as connectors read them: with names in lower case."""
    return {name.lower(): value for name, value in headers.items()}


def _try(connector: Connector, sample: Sample) -> Trial:
    return try_payload(connector, lowered(sample.headers), orjson.dumps(sample.payload))


def _replaced(
    recent: Iterable[Mapping[str, str]], present: Sequence[Rule], tried: Sequence[Rule]
) -> Iterable[Replaced]:
    numbers: dict[tuple[tuple[str, str], ...], int] = {}
    for facts in recent:
        named = tuple(sorted(facts.items()))
        numbers[named] = numbers.get(named, 0) + 1
    for named, number in numbers.items():
        facts = dict(named)
        yield Replaced(facts=facts, team=_team_of(facts, present), new_team=_team_of(facts, tried), observations=number)


def _team_of(facts: Mapping[str, str], rules: Sequence[Rule]) -> str | None:
    place = place_of(facts, rules, "")
    return place.slug if isinstance(place, TeamPlace) else None
