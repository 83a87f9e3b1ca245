"""The envelope around an event: CloudEvents 1.0, Kafka binding, binary mode."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Generic, TypeVar

from pydantic import ValidationError
from uuid_utils import UUID, uuid7

from kinetic.contracts.event import Event
from kinetic.contracts.ids import EventId

E_co = TypeVar("E_co", bound=Event, covariant=True)

Headers = Mapping[str, str]


class Unreadable(ValueError):
    """A record that is no event, or whose data does not keep its contract. Says what is wrong."""


def new_id() -> str:
    """A fresh UUIDv7: unique, and sorted by the time it was made."""
    return str(uuid7())


@dataclass(frozen=True, slots=True)
class Cause:
    """What an event follows from. Kept with an aggregate, so that the event of a timer links back too."""

    event_id: EventId
    correlation_id: EventId
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Emission:
    """An event that a decision wants to tell, and what caused it (None when it begins a life of its own)."""

    data: Event
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Envelope(Generic[E_co]):
    """One event as it was read: who told it, when, and which life it belongs to."""

    id: EventId
    source: str
    time: datetime
    correlation_id: EventId
    data: E_co
    causation_id: EventId | None = None
    traceparent: str | None = field(default=None, compare=False)

    @property
    def cause(self) -> Cause:
        """This event as the cause of further ones."""
        return Cause(self.id, self.correlation_id, self.traceparent)

    def causes(self, data: Event) -> Emission:
        """An event that follows from this one."""
        return Emission(data, self.cause)


def seal(emission: Emission, source: str, now: datetime, traceparent: str | None = None) -> Envelope[Event]:
    """Give an emission its id and time. The first event of a life correlates with itself."""
    event_id = EventId(new_id())
    cause = emission.cause
    return Envelope(
        id=event_id,
        source=source,
        time=now,
        data=emission.data,
        correlation_id=cause.correlation_id if cause else event_id,
        causation_id=cause.event_id if cause else None,
        traceparent=traceparent or (cause.traceparent if cause else None),
    )


def headers_of(envelope: Envelope[Event]) -> dict[str, str]:
    """The Kafka headers of an envelope."""
    headers = {
        "ce_specversion": "1.0",
        "ce_id": envelope.id,
        "ce_type": envelope.data.type,
        "ce_source": envelope.source,
        "ce_time": _rfc_3339(envelope.time),
        "ce_correlationid": envelope.correlation_id,
        "content-type": "application/json",
    }
    if envelope.causation_id:
        headers["ce_causationid"] = envelope.causation_id
    if envelope.traceparent:
        headers["traceparent"] = envelope.traceparent
    return headers


@lru_cache(maxsize=1024)
def _rfc_3339(time: datetime) -> str:
    """Cached, because all events of a transaction share one time."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_headers(raw: Iterable[tuple[str, bytes | None]]) -> dict[str, str]:
    """Kafka headers as text. Unreadable when one is not UTF-8; headers without a value are left out."""
    try:
        return {name: value.decode() for name, value in raw if value is not None}
    except UnicodeDecodeError as error:
        raise Unreadable("a header is not UTF-8") from error


def read_envelope(headers: Headers, value: bytes | None, takes: Mapping[str, type[Event]]) -> Envelope[Event] | None:
    """The event in a record, or None when it is of a type that is not taken. Unreadable when it is no event."""
    event_type = headers.get("ce_type")
    if event_type is None:
        raise Unreadable("header ce_type is missing")
    model = takes.get(event_type)
    if model is None:
        return None
    if value is None:
        raise Unreadable("the record has no data")
    try:
        data = model.model_validate_json(value)
    except ValidationError as error:
        raise Unreadable(_first_fault(error)) from error
    return _envelope(headers, data)


def _envelope(headers: Headers, data: Event) -> Envelope[Event]:
    try:
        event_id = EventId(str(UUID(headers["ce_id"])))
        return Envelope(
            id=event_id,
            source=headers["ce_source"],
            time=datetime.fromisoformat(headers["ce_time"]),
            correlation_id=EventId(headers.get("ce_correlationid", event_id)),
            causation_id=EventId(headers["ce_causationid"]) if "ce_causationid" in headers else None,
            traceparent=headers.get("traceparent"),
            data=data,
        )
    except KeyError as error:
        raise Unreadable(f"header {error.args[0]} is missing") from error
    except ValueError as error:
        raise Unreadable(f"header ce_id or ce_time is malformed: {error}") from error


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in fault["loc"]) or "data"
    return f"{place}: {fault['msg']}"
