"""Integrations: which tools may send webhooks or write to Kafka, and which of their facts belong to which team."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from kinetic.common.auth import Principal, Role, require
from kinetic.common.database import Transaction
from kinetic.common.events import new_id
from kinetic.common.operations import database_of
from kinetic.common.problems import Problem
from kinetic.common.web import api_router
from kinetic.contracts import topics
from kinetic.contracts.fields import SLUG_PATTERN, ShortText, Slug, refuse_unstorable
from kinetic.contracts.ids import IntegrationId
from kinetic.ingestion.api.intake_topics import Types, acl_command, open_or_refuse, refuse_unfit
from kinetic.ingestion.connectors import GENERIC, KAFKA, TOOLS, XAPI
from kinetic.ingestion.connectors.generic import PayloadMapping
from kinetic.ingestion.domain.attribution import Rule, rules_name
from kinetic.ingestion.reports import ReportType
from kinetic.ingestion.senders import Senders
from kinetic.ingestion.settings import Settings
from kinetic.ingestion.store import integrations as store
from kinetic.ingestion.store import parking
from kinetic.ingestion.store.integrations import Integration
from kinetic.ingestion.vault import Vault, new_secret

router = api_router(tags=["integrations"])

XAPI_PATH = "/xapi"
"""The endpoint of learning platforms: `/statements` is added by them."""

Admin = Annotated[Principal, Depends(require(Role.ADMIN))]
FactName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,49}$")]


def refuse_unknown_tool(tool: str) -> str:
    """Return `tool`; ValueError when no connector reads it."""
    if tool not in TOOLS:
        raise ValueError(f"must be one of {', '.join(TOOLS)}")
    return tool


Tool = Annotated[str, AfterValidator(refuse_unknown_tool), Field(json_schema_extra={"enum": list(TOOLS)})]
Secret = Annotated[str, StringConstraints(min_length=8, max_length=500), AfterValidator(refuse_unstorable)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RuleBody(_Body):
    """Facts that match all globs belong to a team, e.g. ``{"match": {"repository": "acme/pay-*"}, "team": "payments"}``."""

    match: dict[FactName, ShortText] = Field(max_length=10)
    team: Slug


Rules = Annotated[list[RuleBody], Field(max_length=1000, description="The first that fits decides.")]


class NewIntegration(_Body):
    """A tool that shall send webhooks, or CloudEvents through Kafka."""

    tool: Tool
    name: ShortText
    rules: Rules = Field(default_factory=list)
    secret: Secret | None = Field(default=None, description="For tools that make their secret themselves.")
    mapping: PayloadMapping | None = Field(default=None, description="For the tool `generic`, and for no other.")

    types: Types | None = Field(default=None, description="For the tool `kafka`, and for no other: what it may send.")

    @field_validator("name")
    @classmethod
    def _must_name_a_system(cls, name: str, info: ValidationInfo) -> str:
        if info.data.get("tool") == XAPI and not re.fullmatch(SLUG_PATTERN, name):
            raise ValueError("must be the slug by which the directory and the catalogue name this system, e.g. moodle")
        return name

    @model_validator(mode="after")
    def _must_fit(self) -> NewIntegration:
        if (self.tool == KAFKA) != (self.types is not None):
            raise ValueError("types belong to the tool `kafka`, and to no other")
        if self.types:
            refuse_unfit(self.name, self.secret, self.rules)
        if (self.tool == GENERIC) != (self.mapping is not None):
            raise ValueError("a mapping belongs to the tool `generic`, and to no other")
        return self


class NewTypes(_Body):
    """The types that an integration may send, whole."""

    types: Types


class NewSecret(_Body):
    """A secret that the tool has made itself."""

    secret: Secret | None = None


class NewRules(_Body):
    """The rules of an integration, whole."""

    rules: Rules


class IntegrationView(BaseModel):
    """An integration without its secrets."""

    integration_id: str
    tool: str
    name: str
    rules: list[RuleBody]
    path: str | None = Field(description="Where the tool sends its webhooks or its statements.")
    topic: str | None = Field(description="Where the tool writes its CloudEvents.")
    types: list[ReportType] | None = Field(description="What it may write there.")
    created_at: datetime
    former_secret_until: datetime | None
    paused: bool
    mapping: PayloadMapping | None


class CreatedIntegration(IntegrationView):
    """A new integration with its secret, which is never shown again, or with the command that lets it write."""

    secret: str | None
    acl: str | None = Field(description="For the operator of the broker: $BROKER and $PRINCIPAL are theirs to fill in.")


class RotatedSecret(BaseModel):
    """A new secret, which is never shown again, and until when the former one is valid too."""

    secret: str
    former_secret_until: datetime


@router.post("/integrations", status_code=201)
async def create_integration(request: Request, _: Admin, body: NewIntegration) -> CreatedIntegration:
    """Let a tool send webhooks, or write to Kafka. The secret is answered once. 409 when the name is taken."""
    secret = None if body.types else body.secret or new_secret("whsec_" if body.tool == GENERIC else "")
    if body.types is not None:
        await open_or_refuse(request, body.name)
    async with database_of(request).transaction() as tx:
        integration = Integration(
            integration_id=IntegrationId(new_id()),
            tool=body.tool,
            name=body.name,
            rules=rules_of(body.rules),
            secrets=_sealed(request, secret),
            created_at=await tx.now(),
            former_until=None,
            mapping=body.mapping.model_dump(mode="json") if body.mapping else None,
            types=tuple(sorted(set(body.types))) if body.types else None,
        )
        if not await store.create(tx, integration):
            raise Problem(409, "The name is taken", "Another integration has this name.")
    shown = view(integration)
    return CreatedIntegration(secret=secret, acl=acl_command(shown.name) if shown.topic else None, **shown.model_dump())


def _sealed(request: Request, secret: str | None) -> tuple[bytes, ...]:
    vault: Vault = request.app.state.vault
    return (vault.seal(secret),) if secret else ()


@router.get("/integrations")
async def list_integrations(request: Request, _: Admin) -> list[IntegrationView]:
    """All integrations, without secrets."""
    async with database_of(request).transaction() as tx:
        return [view(integration) for integration in await store.everyone(tx)]


@router.put("/integrations/{integration_id}/rules")
async def replace_rules(request: Request, _: Admin, integration_id: UUID, body: NewRules) -> IntegrationView:
    """Replace the rules. Parked events that no rule fitted are tried again; other replicas follow within seconds."""
    async with database_of(request).transaction() as tx:
        await store.save_rules(tx, str(integration_id), rules_of(body.rules))
        integration = await require_integration(tx, integration_id)
        await parking.wake(tx, [rules_name(integration.integration_id)])
    _forget(request, integration_id)
    return view(integration)


@router.put("/integrations/{integration_id}/types")
async def replace_types(request: Request, _: Admin, integration_id: UUID, body: NewTypes) -> IntegrationView:
    """Replace the types that an integration may write to Kafka. Replicas follow within seconds. 409 for other tools."""
    async with database_of(request).transaction() as tx:
        await require_integration(tx, integration_id)
        if not await store.save_types(tx, str(integration_id), sorted(set(body.types))):
            raise Problem(409, "It has no types", f"Only integrations of the tool `{KAFKA}` have types.")
        return view(await require_integration(tx, integration_id))


@router.post("/integrations/{integration_id}/rotate")
async def rotate_secret(
    request: Request, _: Admin, integration_id: UUID, body: NewSecret | None = None
) -> RotatedSecret:
    """Make a new secret, or take the tool's. The former one stays valid for a while, so that no webhook is lost meanwhile."""
    vault: Vault = request.app.state.vault
    settings: Settings = request.app.state.settings
    async with database_of(request).transaction() as tx:
        integration = await require_integration(tx, integration_id)
        if integration.tool == KAFKA:
            raise Problem(409, "It has no secret", "Who may write to its topic is decided by the broker.")
        given = body.secret if body else None
        secret = given or new_secret("whsec_" if integration.tool == GENERIC else "")
        until = await store.rotate(tx, integration.integration_id, vault.seal(secret), settings.rotation_hours)
    _forget(request, integration_id)
    return RotatedSecret(secret=secret, former_secret_until=until)


@router.post("/integrations/{integration_id}/pause")
async def pause_integration(request: Request, _: Admin, integration_id: UUID) -> IntegrationView:
    """Take nothing of a tool for a while: webhooks are answered `ignored`, records stay in Kafka for up to six days."""
    return await _set_paused(request, integration_id, True)


@router.post("/integrations/{integration_id}/resume")
async def resume_integration(request: Request, _: Admin, integration_id: UUID) -> IntegrationView:
    """Take webhooks or records of a tool again."""
    return await _set_paused(request, integration_id, False)


@router.delete("/integrations/{integration_id}", status_code=204)
async def delete_integration(request: Request, _: Admin, integration_id: UUID) -> None:
    """Close the door of a tool for good: webhooks are answered 404 from now on, its topic is not read and stays."""
    async with database_of(request).transaction() as tx:
        await require_integration(tx, integration_id)
        await store.delete(tx, str(integration_id))
    _forget(request, integration_id)


async def _set_paused(request: Request, integration_id: UUID, paused: bool) -> IntegrationView:
    async with database_of(request).transaction() as tx:
        await require_integration(tx, integration_id)
        await store.pause(tx, str(integration_id), paused)
        integration = await require_integration(tx, integration_id)
    _forget(request, integration_id)
    return view(integration)


async def require_integration(tx: Transaction, integration_id: UUID) -> Integration:
    """The integration of that id. Problem 404 when there is none."""
    integration = await store.find(tx, str(integration_id))
    if integration is None:
        raise Problem(404, "No such integration", f"There is no integration {integration_id}.")
    return integration


def _forget(request: Request, integration_id: UUID) -> None:
    """This replica sees the change at once, others within seconds."""
    senders: Senders = request.app.state.senders
    senders.forget(str(integration_id))


def rules_of(bodies: list[RuleBody]) -> tuple[Rule, ...]:
    """The rules that a body describes."""
    return tuple(Rule(body.match, body.team) for body in bodies)


def view(integration: Integration) -> IntegrationView:
    """An integration as it is shown."""
    return IntegrationView(
        integration_id=integration.integration_id,
        tool=integration.tool,
        name=integration.name,
        rules=[RuleBody(match=dict(rule.match), team=rule.team) for rule in integration.rules],
        path=_path_of(integration),
        topic=topics.intake(integration.name).name if integration.types else None,
        types=list(integration.types) if integration.types else None,
        created_at=integration.created_at,
        former_secret_until=integration.former_until,
        paused=integration.paused,
        mapping=PayloadMapping.model_validate(integration.mapping) if integration.mapping else None,
    )


def _path_of(integration: Integration) -> str | None:
    if integration.types:
        return None
    return XAPI_PATH if integration.tool == XAPI else f"/webhooks/{integration.integration_id}"
