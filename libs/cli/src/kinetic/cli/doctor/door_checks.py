"""What is checked by HTTP: the services, the issuer, and what only an administrator sees."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Final

import httpx

from kinetic.cli.doctor.checks import WITHIN_SECONDS, Check, run_checks
from kinetic.cli.doctor.finding import Finding, skipped
from kinetic.cli.doctor.gathering import http, tokens
from kinetic.cli.doctor.judgements.database import judge_dead_letters
from kinetic.cli.doctor.judgements.integrations import judge_doors, judge_feeds, judge_integrations
from kinetic.cli.doctor.judgements.issuer import judge_access, judge_discovery, judge_keys, judge_token
from kinetic.cli.doctor.judgements.services import judge_clocks, judge_services
from kinetic.cli.doctor.judgements.setup import judge_secret_keys
from kinetic.cli.doctor.judgements.waiting import judge_parked, judge_waiting
from kinetic.cli.doctor.kafka_checks import INTAKES_WITHIN_SECONDS, intake_check
from kinetic.cli.doctor.target import Target
from kinetic.common.auth import ALGORITHMS
from kinetic.common.service import VERSION

INGESTION: Final = "ingestion"
_ISSUER: Final = (
    "Start the issuer, or say in KINETIC_JWKS_URL where it publishes its keys: without them every token is refused."
)
_LOG: Final = "Read the log of the service that failed."
_SERVICES_WITHIN_SECONDS: Final = 3 * http.ASK_SECONDS + 1
_ACCESS_WITHIN_SECONDS: Final = 3 * http.ASK_SECONDS + WITHIN_SECONDS + INTAKES_WITHIN_SECONDS
_BRING: Final = "Bring an administrator's token in KINETIC_TOKEN."


def door_checks(target: Target) -> list[Check]:
    """Everything that is asked by HTTP."""
    return [
        Check("services", partial(_services, target.services), _LOG, _SERVICES_WITHIN_SECONDS),
        Check("secret keys", partial(_secret_keys, target.services[INGESTION]), "Start ingestion."),
        Check("issuer keys", partial(_issuer, target), _ISSUER),
        Check("access", partial(_access, target), _LOG, _ACCESS_WITHIN_SECONDS),
    ]


async def _services(services: Mapping[str, str]) -> list[Finding]:
    async with http.asking() as client:
        states = await asyncio.gather(*(http.read_service(client, name, url) for name, url in services.items()))
    clocks = {state.service: state.ahead_seconds for state in states if state.ahead_seconds is not None}
    return [*judge_services(states, VERSION), *judge_clocks("clocks", clocks)]


async def _secret_keys(ingestion: str) -> list[Finding]:
    async with http.asking() as client:
        try:
            return judge_secret_keys(await http.ask_for_secrets(client, ingestion))
        except httpx.TransportError:
            return [skipped("secret keys", "ingestion does not answer")]


async def _issuer(target: Target) -> list[Finding]:
    issuer = target.addresses.issuer
    async with http.asking() as client:
        keys = judge_keys(await tokens.read_published_keys(client, target.jwks_url), ALGORITHMS)
        return [*keys, *judge_discovery(await tokens.read_own_name(client, issuer), issuer)]


async def _access(target: Target) -> list[Finding]:
    if target.token is None:
        why = f"integrations, and what else only administrators see, were not checked: {target.without_token}"
        return [skipped("access", why, _BRING)]
    async with http.asking() as client:
        issuer, jwks_url = target.addresses.issuer, target.jwks_url
        token = await tokens.read_token(client, target.token, issuer, target.audience, jwks_url)
    async with http.asking(target.token) as client:
        answers = await _answers(client, target.services)
        taking = {name: target.services[name] for name, (status, _) in answers.items() if status == HTTPStatus.OK}
        return [
            *judge_token(token, issuer, target.audience),
            *judge_access(answers, is_valid=token.is_valid),
            *await run_checks(_inside(client, taking, target)),
        ]


async def _answers(client: httpx.AsyncClient, services: Mapping[str, str]) -> dict[str, tuple[int, str]]:
    """How each service answers the token. Those that do not answer at all are left out."""
    asked = await asyncio.gather(*(http.read_access(client, url) for url in services.values()), return_exceptions=True)
    return {name: answer for name, answer in zip(services, asked, strict=True) if isinstance(answer, tuple)}


def _inside(client: httpx.AsyncClient, services: Mapping[str, str], target: Target) -> list[Check]:
    """What an administrator sees in these services. Postgres tells some of it better, where it is asked."""
    checks: list[Check] = []
    ingestion = services.get(INGESTION)
    if ingestion is not None:
        integrations = partial(_integrations, client, ingestion, target.addresses.kafka)
        checks.append(Check("integrations", integrations, _LOG, WITHIN_SECONDS + INTAKES_WITHIN_SECONDS))
        checks.append(Check("feeds", partial(_feeds, client, ingestion), _LOG))
    if target.postgres is not None or not services:
        return checks
    checks.append(Check("dead letters", partial(_dead_letters, client, services), _LOG))
    checks.append(Check("waiting events", partial(_waiting, client, services), _LOG))
    if ingestion is not None:
        checks.append(Check("parked events", partial(_parked, client, ingestion), _LOG))
    return checks


async def _integrations(client: httpx.AsyncClient, url: str, kafka: str) -> list[Finding]:
    integrations = await http.read_integrations(client, url)
    names = [one.name for one in integrations if one.topic and not one.is_paused]
    intakes = [intake_check(kafka, INGESTION, names)] if names else []
    judged = [*judge_doors(integrations), *judge_integrations(integrations, datetime.now(UTC))]
    return [*judged, *await run_checks(intakes)]


async def _feeds(client: httpx.AsyncClient, url: str) -> list[Finding]:
    return judge_feeds(await http.read_feeds(client, url))


async def _dead_letters(client: httpx.AsyncClient, services: Mapping[str, str]) -> list[Finding]:
    counts = await asyncio.gather(*(http.count_dead_letters(client, url) for url in services.values()))
    return judge_dead_letters(dict(zip(services, counts, strict=True)))


async def _waiting(client: httpx.AsyncClient, services: Mapping[str, str]) -> list[Finding]:
    waiting = await asyncio.gather(*(http.read_waiting(client, name, url) for name, url in services.items()))
    return judge_waiting(waiting, datetime.now(UTC))


async def _parked(client: httpx.AsyncClient, url: str) -> list[Finding]:
    return judge_parked(await http.read_parked(client, url), datetime.now(UTC))
