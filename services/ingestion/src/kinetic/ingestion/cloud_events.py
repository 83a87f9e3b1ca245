"""CloudEvents 1.0 over HTTP: structured, batched and binary mode become deliveries, or problems that name the attribute."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from json import JSONDecodeError
from typing import Any
from urllib.parse import unquote

import orjson
from pydantic import ValidationError

from kinetic.common.problems import Fault, Part, Problem
from kinetic.common.web import read_json
from kinetic.ingestion.domain.intake import Origin
from kinetic.ingestion.intake import Delivery
from kinetic.ingestion.reports import TYPES, AnyReported, many_reports, occurrence_of, one_report
from kinetic.ingestion.store.receipts import digest_of

MOST_EVENTS = 5000
_MOST_FAULTS = 50
_PREFIX = "ce-"


def read_structured(body: bytes, origin: Origin) -> Delivery:
    """The event in a body of `application/cloudevents+json`. Raises Problem."""
    try:
        return _delivery(one_report.validate_json(body), origin)
    except ValidationError as error:
        raise _problem(error) from error


def read_batch(body: bytes, origin: Origin) -> list[Delivery | Problem]:
    """The events of a body of `application/cloudevents-batch+json`, each right or wrong. Raises Problem for no batch."""
    try:
        return [_delivery(event, origin) for event in _bounded(many_reports.validate_json(body))]
    except ValidationError:
        return [_read_entry(entry, origin) for entry in _bounded(_json(body))]


def read_binary(headers: Mapping[str, str], body: bytes, origin: Origin) -> Delivery:
    """The event whose attributes stand in `ce-` headers and whose data is the body. Raises Problem."""
    attributes = {
        name.removeprefix(_PREFIX): unquote(value) for name, value in headers.items() if name.startswith(_PREFIX)
    }
    event = {**attributes, "datacontenttype": headers.get("content-type"), "data": _json(body)}
    try:
        return _delivery(one_report.validate_json(_dumps(event)), origin)
    except ValidationError as error:
        raise _problem(error, is_binary=True) from error


def _bounded(events: Any) -> list[Any]:
    if not isinstance(events, list):
        raise Problem(
            422,
            "The request is not valid",
            "A batch is a JSON array of events.",
            errors=[Fault("#", "must be an array")],
        )
    if len(events) > MOST_EVENTS:
        raise Problem(413, "The batch is too large", f"Send at most {MOST_EVENTS} events at once.")
    return events


def _read_entry(entry: Any, origin: Origin) -> Delivery | Problem:
    try:
        return read_structured(_dumps(entry), origin)
    except Problem as problem:
        return problem


def _json(body: bytes) -> Any:
    try:
        return read_json(body)
    except JSONDecodeError as error:
        raise _malformed(error.msg) from error


def _dumps(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError as error:
        raise _malformed(str(error)) from error


def _delivery(event: AnyReported, origin: Origin) -> Delivery:
    return Delivery(digest_of(origin.sender, event.source, event.id), (occurrence_of(event),), origin)


def _malformed(detail: str) -> Problem:
    return Problem(400, "The body is not JSON", detail)


def _problem(error: ValidationError, *, is_binary: bool = False) -> Problem:
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    if faults[0]["type"] == "json_invalid":
        return _malformed(faults[0]["msg"])
    named = [_fault(fault["type"], fault["loc"], fault["msg"], is_binary=is_binary) for fault in faults[:_MOST_FAULTS]]
    return Problem(422, "The event is not valid", _count(len(faults)), errors=list(dict.fromkeys(named)))


def _fault(kind: str, place: tuple[int | str, ...], message: str, *, is_binary: bool) -> Fault:
    if kind.startswith("union_tag"):
        return _at(("type",), f"must be one of {', '.join(TYPES)}", is_binary=is_binary)
    path = [step for step in place if step not in _NOT_SENT]
    return _at(path, message.removeprefix("Value error, "), is_binary=is_binary)


_NOT_SENT = frozenset({*TYPES, "PersonByEmail", "SystemHandle", "str", "bool", "int", "[key]"})
"""Steps that pydantic adds to a path for unions and keys, and that stand in no document."""


def _at(path: Iterable[int | str], detail: str, *, is_binary: bool) -> Fault:
    steps = list(path)
    where: Part = "body"
    if is_binary and steps[:1] == ["data"]:
        steps = steps[1:]
    elif is_binary and steps:
        where, steps = "header", ["content-type" if steps[0] == "datacontenttype" else f"{_PREFIX}{steps[0]}"]
    escaped = (str(step).replace("~", "~0").replace("/", "~1") for step in steps)
    return Fault("#" + "".join(f"/{step}" for step in escaped), detail, where)


def _count(faults: int) -> str:
    return "One place is wrong." if faults == 1 else f"{faults} places are wrong."
