"""What would become of a webhook, without taking it."""

from __future__ import annotations

from datetime import datetime
from json import JSONDecodeError
from typing import Literal

from pydantic import BaseModel, Field

from kinetic.common.web import parse_json
from kinetic.ingestion.connectors.protocol import Connector, Headers, Ignored, Observation


class TriedSignal(BaseModel):
    """One observation, before it is known which team it is about."""

    kind: str
    severity: float
    occurred_at: datetime | None = Field(description="Null when the tool does not say: then it is when we heard of it.")
    attribution_keys: dict[str, str] = Field(description="The facts by which rules find the team.")
    summary: str
    url: str | None
    attributes: dict[str, str]
    unknown: list[str] = Field(description="Words of the tool that no rule knows, read as neutral.")


class Trial(BaseModel):
    """What would become of a webhook."""

    outcome: Literal["mapped", "ignored", "refused"]
    reason: str | None = Field(description="Why it would be ignored or refused.")
    signals: list[TriedSignal] = []


def try_payload(connector: Connector, headers: Headers, body: bytes) -> Trial:
    """What would become of `body` if it came with `headers`, rightly signed."""
    try:
        payload = parse_json(body)
    except JSONDecodeError as error:
        return Trial(outcome="refused", reason=f"the body is not JSON: {error.msg}")
    reading = connector.read(headers, payload)
    if isinstance(reading, Ignored):
        return Trial(outcome="ignored", reason=reading.reason)
    return Trial(outcome="mapped", reason=None, signals=[_tried(one) for one in reading.observations])


def _tried(observed: Observation) -> TriedSignal:
    return TriedSignal(
        kind=observed.kind,
        severity=observed.severity,
        occurred_at=observed.occurred_at,
        attribution_keys=dict(observed.attribution),
        summary=observed.summary,
        url=observed.url,
        attributes=dict(observed.attributes),
        unknown=list(observed.unknown),
    )
