"""Integrations: which tools may send webhooks, and which of their facts belong to which team."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from kinetic.common.auth import Principal, Role, require
from kinetic.common.events import new_id
from kinetic.common.operations import database_of
from kinetic.common.problems import Problem
from kinetic.common.web import api_router
from kinetic.contracts.fields import ShortText, Slug
from kinetic.contracts.ids import IntegrationId
from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.domain.attribution import Rule, rules_name
from kinetic.ingestion.senders import Senders
from kinetic.ingestion.settings import Settings
from kinetic.ingestion.store import integrations as store
from kinetic.ingestion.store import parking
from kinetic.ingestion.store.integrations import Integration
from kinetic.ingestion.vault import Vault, new_secret

router = api_router(tags=["integrations"])

Admin = Annotated[Principal, Depends(require(Role.ADMIN))]
FactName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,49}$")]


def refuse_unknown_tool(tool: str) -> str:
    """Return `tool`; ValueError when no connector reads it."""
    if tool not in CONNECTORS:
        raise ValueError(f"must be one of {', '.join(CONNECTORS)}")
    return tool


Tool = Annotated[str, AfterValidator(refuse_unknown_tool), Field(json_schema_extra={"enum": sorted(CONNECTORS)})]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RuleBody(_Body):
    """Facts that match all globs belong to a team, e.g. ``{"match": {"repository": "acme/pay-*"}, "team": "payments"}``."""

    match: dict[FactName, ShortText] = Field(max_length=10)
    team: Slug


Rules = Annotated[list[RuleBody], Field(max_length=1000, description="The first that fits decides.")]


class NewIntegration(_Body):
    """A tool that shall send webhooks."""

    tool: Tool
    name: ShortText
    rules: Rules = Field(default_factory=list)


class NewRules(_Body):
    """The rules of an integration, whole."""

    rules: Rules


class IntegrationView(BaseModel):
    """An integration without its secrets."""

    integration_id: str
    tool: str
    name: str
    rules: list[RuleBody]
    path: str = Field(description="Where the tool sends its webhooks.")
    created_at: datetime
    former_secret_until: datetime | None


class CreatedIntegration(IntegrationView):
    """A new integration with its secret, which is never shown again."""

    secret: str


class RotatedSecret(BaseModel):
    """A new secret, which is never shown again, and until when the former one is valid too."""

    secret: str
    former_secret_until: datetime


@router.post("/integrations", status_code=201)
async def create_integration(request: Request, _: Admin, body: NewIntegration) -> CreatedIntegration:
    """Let a tool send webhooks. The secret is answered once. 409 when the name is taken."""
    vault: Vault = request.app.state.vault
    secret = new_secret()
    async with database_of(request).transaction() as tx:
        integration = Integration(
            integration_id=IntegrationId(new_id()),
            tool=body.tool,
            name=body.name,
            rules=_rules(body.rules),
            secrets=(vault.seal(secret),),
            created_at=await tx.now(),
            former_until=None,
        )
        if not await store.create(tx, integration):
            raise Problem(409, "The name is taken", "Another integration has this name.")
    return CreatedIntegration(secret=secret, **_view(integration).model_dump())


@router.get("/integrations")
async def list_integrations(request: Request, _: Admin) -> list[IntegrationView]:
    """All integrations, without secrets."""
    async with database_of(request).transaction() as tx:
        return [_view(integration) for integration in await store.everyone(tx)]


@router.put("/integrations/{integration_id}/rules")
async def replace_rules(request: Request, _: Admin, integration_id: UUID, body: NewRules) -> IntegrationView:
    """Replace the rules. Parked events that no rule fitted are tried again; other replicas follow within seconds."""
    senders: Senders = request.app.state.senders
    async with database_of(request).transaction() as tx:
        await store.save_rules(tx, str(integration_id), _rules(body.rules))
        integration = await store.find(tx, str(integration_id))
        if integration is None:
            raise _unknown(integration_id)
        await parking.wake(tx, [rules_name(integration.integration_id)])
    senders.forget(integration.integration_id)
    return _view(integration)


@router.post("/integrations/{integration_id}/rotate")
async def rotate_secret(request: Request, _: Admin, integration_id: UUID) -> RotatedSecret:
    """Make a new secret. The former one stays valid for a while, so that the tool can be changed without a gap."""
    vault: Vault = request.app.state.vault
    senders: Senders = request.app.state.senders
    settings: Settings = request.app.state.settings
    secret = new_secret()
    async with database_of(request).transaction() as tx:
        until = await store.rotate(tx, str(integration_id), vault.seal(secret), settings.rotation_hours)
        if until is None:
            raise _unknown(integration_id)
    senders.forget(str(integration_id))
    return RotatedSecret(secret=secret, former_secret_until=until)


def _rules(bodies: list[RuleBody]) -> tuple[Rule, ...]:
    return tuple(Rule(body.match, body.team) for body in bodies)


def _view(integration: Integration) -> IntegrationView:
    return IntegrationView(
        integration_id=integration.integration_id,
        tool=integration.tool,
        name=integration.name,
        rules=[RuleBody(match=dict(rule.match), team=rule.team) for rule in integration.rules],
        path=f"/webhooks/{integration.integration_id}",
        created_at=integration.created_at,
        former_secret_until=integration.former_until,
    )


def _unknown(integration_id: UUID) -> Problem:
    return Problem(404, "No such integration", f"There is no integration {integration_id}.")
