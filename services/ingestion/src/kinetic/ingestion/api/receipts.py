"""What the doors answer, and the way from a request to a committed transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import asyncpg
import orjson
from fastapi import Request, Response
from pydantic import BaseModel, Field

from kinetic.common import metrics
from kinetic.common.failures import Overloaded
from kinetic.common.problems import PROBLEM_RESPONSES, Problem
from kinetic.ingestion.committer import Committer
from kinetic.ingestion.intake import Delivery, Outcome, ParkingFull, Receipt
from kinetic.ingestion.reception import Refusal, refuse_overload, refuse_parking

TOO_MANY: dict[int | str, dict[str, Any]] = {429: {**PROBLEM_RESPONSES[503], "description": "Too Many Requests"}}
"""What a door also answers, for OpenAPI."""


class Taken(BaseModel):
    """What became of a delivery. `parked`: accepted, and told when what it names is known. `superseded`: a newer version is."""

    status: Literal["accepted", "parked", "repeated", "superseded", "ignored"]
    event_ids: list[str] = Field(description="The ids under which it is told on Kafka.")
    reason: str | None = Field(default=None, description="Why it was not told at once.")


def counted(refusal: Refusal) -> Problem:
    """The problem of a refusal, which counts from here on."""
    metrics.DOOR_REFUSED.labels(refusal.counted_as).inc()
    return refusal.problem


async def commit(request: Request, deliveries: Sequence[Delivery]) -> list[Outcome]:
    """Commit `deliveries`. Problem 503 when too much waits."""
    committer: Committer = request.app.state.committer
    try:
        return await committer.commit(deliveries)
    except Overloaded as error:
        raise counted(refuse_overload(error)) from error


async def commit_one(request: Request, delivery: Delivery) -> Receipt:
    """Commit one delivery, or raise why it could not be."""
    outcome = (await commit(request, [delivery]))[0]
    if isinstance(outcome, Receipt):
        return outcome
    raise problem_of(outcome) if isinstance(outcome, ParkingFull) else outcome


def taken(receipt: Receipt) -> dict[str, Any]:
    """A receipt as JSON, in the shape of `Taken`."""
    return {"status": receipt.fate, "event_ids": receipt.event_ids, "reason": receipt.reason}


def answer(content: Any, status: int = 202) -> Response:
    """A JSON answer, without a second validation."""
    return Response(orjson.dumps(content), status, media_type="application/json")


def problem_of(error: Exception) -> Problem:
    """The problem of a delivery that failed alone."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, ParkingFull):
        return counted(refuse_parking())
    if isinstance(error, asyncpg.DataError):
        return Problem(422, "The event is not valid", "A value cannot be stored.")
    return Problem(500, "Something went wrong on our side", "It was recorded.")
