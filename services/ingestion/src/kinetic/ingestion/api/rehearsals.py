"""`POST /integrations/{integration_id}/test-event`: what becomes of an event that the tool could have sent, and did not."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import orjson
from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from kinetic.common.events import new_id
from kinetic.common.operations import database_of
from kinetic.common.problems import Fault, Problem
from kinetic.common.web import api_router
from kinetic.contracts.ids import EventId
from kinetic.ingestion.api.intake_topics import write_command
from kinetic.ingestion.api.integrations import Admin, require_integration, view
from kinetic.ingestion.api.trials import SampleHeaders, lowered
from kinetic.ingestion.api.webhooks import address_of
from kinetic.ingestion.api.xapi import kind_of, let_in, read_pushed
from kinetic.ingestion.connectors import GENERIC, XAPI
from kinetic.ingestion.connectors.protocol import Ignored, Webhook
from kinetic.ingestion.connectors.samples import Sample, sample_of
from kinetic.ingestion.domain.intake import Arrival
from kinetic.ingestion.domain.occurrences import Learning
from kinetic.ingestion.journal import Journal, Note, Outcome
from kinetic.ingestion.reception import PAUSED, Refusal, read_webhook
from kinetic.ingestion.rehearsals import Rehearsal, refused, rehearse
from kinetic.ingestion.senders import Sender, Senders
from kinetic.ingestion.statements import arrival_of, why_ignored
from kinetic.ingestion.store.integrations import Integration
from kinetic.ingestion.xapi.meaning import meaning_of
from kinetic.ingestion.xapi.versions import HEADER, VERSIONS

router = api_router(tags=["integrations"])


class OwnEvent(BaseModel):
    """What to send instead of the sample, or under other headers."""

    model_config = ConfigDict(extra="forbid")

    headers: SampleHeaders = {}
    payload: JsonValue = Field(default=None, description="Without it, a sample of what the tool sends.")


class TriedEvent(BaseModel):
    """What would have become of the event if the tool had sent it. `mapped`: it would have been told at once."""

    outcome: Outcome
    reason: str | None = Field(description="Why it would be parked, ignored or refused.")
    answered: int = Field(description="The HTTP status that the tool would have been answered.")
    kinds: list[str]
    facts: list[dict[str, str]] = Field(description="By these, rules find the team. Addresses of people are left out.")
    team: str | None = Field(description="The slug of the team by the rules, else by the directory.")
    address: str = Field(description="Where the tool must send to. Some tools sign this address too.")


@router.post("/integrations/{integration_id}/test-event")
async def send_test_event(
    request: Request, _: Admin, integration_id: UUID, event: OwnEvent | None = None
) -> TriedEvent:
    """Sign a sample of the tool, or a payload of one's own, as the tool would, and let it take the way of a real one.

    It is checked, read, attributed and decided of by the rules and the directory of now. Nothing of it is told, parked,
    signed for or counted; it stands in the deliveries as a test. 409 for tools that send nothing over HTTP.
    """
    async with database_of(request).transaction() as tx:
        integration = await require_integration(tx, integration_id)
    sender = await _find_sender(request, integration)
    now = datetime.now(UTC)
    webhook = _webhook(request, integration, event or OwnEvent(), now)
    way = _push_statements if integration.tool == XAPI else _send_webhook
    return _note(request, sender, await way(request, sender, webhook, now), webhook.url)


def _note(request: Request, sender: Sender, became: Rehearsal, address: str) -> TriedEvent:
    note = Note(sender.integration_id, became.outcome, became.reason, became.kinds, became.facts, is_test=True)
    journal: Journal = request.app.state.journal
    journal.note(note)
    return TriedEvent(
        outcome=became.outcome,
        reason=became.reason,
        answered=became.answered,
        kinds=list(became.kinds),
        facts=note.impersonal_facts,
        team=became.team,
        address=address,
    )


async def _find_sender(request: Request, integration: Integration) -> Sender:
    """The integration with its present secret and rules, whatever was changed elsewhere. Problem 409 without a door."""
    if integration.types:
        raise _to_be_written(integration, integration.types[0])
    senders: Senders = request.app.state.senders
    senders.forget(integration.integration_id)
    sender = await senders.find(database_of(request), integration.integration_id)
    if sender is None:
        raise Problem(409, "This tool cannot be tested", "No connector reads what it sends.")
    return sender


def _to_be_written(integration: Integration, event_type: str) -> Problem:
    """How to test a tool that writes to Kafka: nobody else may write to its topic."""
    pause = f" While {PAUSED}, it stays in Kafka." if integration.paused else ""
    detail = (
        "Write an event to its topic, as the tool does. This one names a team or a person whom nobody knows, so that it "
        f"is parked and told to nobody, and stands in the deliveries of the integration.{pause} "
        f"{write_command(integration.name, event_type, datetime.now(UTC))}"
    )
    return Problem(409, "This tool sends nothing over HTTP", detail)


def _webhook(request: Request, integration: Integration, event: OwnEvent, now: datetime) -> Webhook:
    """What is tried, before it is signed. Problem 422 when nobody can know what the tool would send."""
    if "payload" in event.model_fields_set:
        sample = Sample({}, event.payload)
    elif integration.tool == GENERIC:
        fault = Fault("#/payload", "is missing: only you know what a tool sends that a mapping explains")
        raise Problem(422, "The request is not valid", errors=[fault])
    else:
        sample = sample_of(integration.tool, now)
    headers = {"content-type": "application/json", **sample.headers, **lowered(event.headers)}
    path = f"{view(integration).path}{'/statements' if integration.tool == XAPI else ''}"
    return Webhook(headers, orjson.dumps(sample.payload), address_of(request, path))


async def _send_webhook(request: Request, sender: Sender, webhook: Webhook, now: datetime) -> Rehearsal:
    state = request.app.state
    signed = sender.connector.signature.sign(sender.secrets[0], webhook, now, new_id())
    reading = read_webhook(sender, signed, state.rate_limit, now)
    if isinstance(reading, Refusal):
        return refused(reading.problem)
    if isinstance(reading, Ignored):
        return Rehearsal(Outcome.IGNORED, 202, reading.reason)
    arrivals = [Arrival.of(EventId(new_id()), one, sender.origin(None)) for one in sender.signals(reading, now)]
    became = await rehearse(database_of(request), state.committer, arrivals, reading.facts[0], 202)
    return replace(became, kinds=reading.kinds, facts=reading.facts)


async def _push_statements(request: Request, sender: Sender, webhook: Webhook, now: datetime) -> Rehearsal:
    known = await let_in(request, _credentials(sender))
    if isinstance(known, Refusal):
        return refused(known.problem)
    headers: Mapping[str, str] = {HEADER.lower(): VERSIONS[0], **webhook.headers}
    try:
        read = await read_pushed(headers, webhook.body)
    except Problem as problem:
        return refused(problem)
    meanings = [meaning_of(one.statement, known.name, now) for one in read]
    learned = [meaning for meaning in meanings if isinstance(meaning, Learning)]
    if known.is_paused or not learned:
        reasons = [PAUSED] if known.is_paused else [why_ignored(meaning) for meaning in meanings]
        return Rehearsal(Outcome.IGNORED, 200, next(iter(reasons), "there is no statement"))
    arrivals = [arrival_of(learning, known.origin(None)) for learning in learned]
    became = await rehearse(database_of(request), request.app.state.committer, arrivals, {}, 200)
    return replace(became, kinds=tuple(kind_of(learning) for learning in learned))


def _credentials(sender: Sender) -> str:
    return "Basic " + b64encode(f"{sender.integration_id}:{sender.secrets[0]}".encode()).decode()
