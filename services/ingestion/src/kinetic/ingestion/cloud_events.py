"""CloudEvents 1.0 over HTTP and Kafka: structured, batched and binary mode become deliveries, or problems that name the attribute."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from json import JSONDecodeError
from typing import Any
from urllib.parse import unquote

import orjson
from pydantic import ValidationError

from kinetic.common.problems import Fault, Part, Problem, pointer_to
from kinetic.common.web import read_json
from kinetic.ingestion import json_texts
from kinetic.ingestion.domain.intake import Origin
from kinetic.ingestion.intake import Delivery
from kinetic.ingestion.json_texts import Malformed
from kinetic.ingestion.reports import TYPES, AnyReported, many_reports, names_utf_8, occurrence_of, one_report
from kinetic.ingestion.store.receipts import digest_of

STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
MOST_EVENTS = 5000
_MOST_FAULTS = 50
_INVALID = "The event is not valid"
CONTENT_TYPE = "content-type"

HTTP_PREFIX, KAFKA_PREFIX = "ce-", "ce_"
"""What stands before the names of attributes in headers, by protocol."""


@dataclass(frozen=True, slots=True)
class Message:
    """One event as a protocol carries it. Without a `body` it has no data."""

    headers: Iterable[tuple[str, str]]
    body: bytes | None
    prefix: str
    content_type: str | None = field(init=False)

    def __post_init__(self) -> None:
        found = (value for name, value in self.headers if name == CONTENT_TYPE)
        object.__setattr__(self, "content_type", next(found, None))

    @property
    def media_type(self) -> str:
        """The content type in lower case, without its parameters."""
        return (self.content_type or "").partition(";")[0].strip().lower()


def text_of(message: Message) -> tuple[bytes, str | None]:
    """The event as one JSON text, whatever its mode, and the prefix of its headers if these hold it. Raises Problem."""
    if message.media_type == STRUCTURED:
        refuse_other_charsets(message)
        return message.body or b"", None
    if message.media_type.startswith("application/cloudevents"):
        raise _wrong_type(f"must be {STRUCTURED} for one event")
    return _text_of_binary(message), message.prefix


def read_message(message: Message) -> AnyReported:
    """The report in a message. Raises Problem."""
    return read_text(*text_of(message))


def read_text(text: bytes, prefix: str | None = None) -> AnyReported:
    """The report in a JSON text. Raises Problem; its faults are in headers of that prefix, if there is one."""
    try:
        report = one_report.validate_json(text)
        if not json_texts.has_repeated_key(text):
            return report
    except ValidationError as error:
        raise _problem(error, text, prefix) from error
    raise _fault_of_text(text, prefix) or _malformed("It cannot be read.")


def read_structured(body: bytes, origin: Origin) -> Delivery:
    """The event in a body of `application/cloudevents+json`. Raises Problem."""
    return delivery_of(read_text(body), origin)


def read_binary(headers: Mapping[str, str], body: bytes, origin: Origin) -> Delivery:
    """The event whose attributes stand in `ce-` headers and whose data is the body. Raises Problem."""
    return delivery_of(read_message(http_message(headers, body)), origin)


def http_message(headers: Mapping[str, str], body: bytes) -> Message:
    """An event in an HTTP request, whose header names are in lower case and whose attributes are percent-encoded."""
    decoded = ((name, unquote(value) if name.startswith(HTTP_PREFIX) else value) for name, value in headers.items())
    return Message(list(decoded), body, HTTP_PREFIX)


def read_batch(body: bytes, origin: Origin) -> list[Delivery | Problem]:
    """The events of a body of `application/cloudevents-batch+json`, each right or wrong. Raises Problem for no batch."""
    try:
        events = many_reports.validate_json(body)
        if not json_texts.has_repeated_key(body):
            return [delivery_of(event, origin) for event in _bounded(events)]
    except ValidationError:
        pass  # now each by itself
    return [_read_entry(text, origin) for text in _bounded(_split(body))]


def delivery_of(event: AnyReported, origin: Origin) -> Delivery:
    """What is signed for under the sender's (source, id)."""
    return Delivery(digest_of(origin.sender, event.source, event.id), (occurrence_of(event),), origin)


def _text_of_binary(message: Message) -> bytes:
    attributes: dict[str, str] = {}
    for name, value in message.headers:
        attribute = "datacontenttype" if name == CONTENT_TYPE else name.removeprefix(message.prefix)
        if name != CONTENT_TYPE and not name.startswith(message.prefix):
            continue
        if attribute in attributes or attribute == "data":
            raise Problem(422, _INVALID, errors=[Fault(pointer_to([name]), "must not stand twice", "header")])
        attributes[attribute] = value
    if message.content_type is not None and not _is_json(message.media_type):
        raise _wrong_type("must be application/json: no other data is taken here")
    text = _dumps(attributes)
    if not message.body:
        return text
    _refuse_other_than_one_value(message.body)
    return text[:-1] + (b"," if attributes else b"") + b'"data":' + message.body + b"}"


def _is_json(media_type: str) -> bool:
    return media_type.startswith("application/") and media_type.endswith(("/json", "+json"))


def refuse_other_charsets(message: Message) -> None:
    """Problem 415 when the content type names another charset than JSON has."""
    if message.content_type and not names_utf_8(message.content_type):
        raise _wrong_type("must be in UTF-8")


def _wrong_type(detail: str) -> Problem:
    return Problem(415, "Only JSON is taken here", errors=[Fault(f"#/{CONTENT_TYPE}", detail, "header")])


def _refuse_other_than_one_value(body: bytes) -> None:
    """Only then the text around it says what it shall."""
    try:
        json_texts.has_repeated_key(body)
    except Malformed as error:
        raise _malformed(str(error)) from error


def _split(body: bytes) -> list[bytes]:
    try:
        return json_texts.split_array(body, MOST_EVENTS)
    except Malformed as error:
        _refuse_other_than_array(body)
        raise _malformed(str(error)) from error


def _refuse_other_than_array(body: bytes) -> None:
    try:
        value = read_json(body)
    except JSONDecodeError:
        return
    if not isinstance(value, list):
        detail = "A batch is a JSON array of events."
        raise Problem(422, "The request is not valid", detail, errors=[Fault("#", "must be an array")])


def _bounded(events: list[Any]) -> list[Any]:
    if len(events) > MOST_EVENTS:
        raise Problem(413, "The batch is too large", f"Send at most {MOST_EVENTS} events at once.")
    return events


def _read_entry(text: bytes, origin: Origin) -> Delivery | Problem:
    try:
        return read_structured(text, origin)
    except Problem as problem:
        return problem


def _dumps(attributes: Mapping[str, str]) -> bytes:
    try:
        return orjson.dumps(attributes)
    except orjson.JSONEncodeError as error:
        raise _malformed(str(error)) from error


def _malformed(detail: str) -> Problem:
    return Problem(400, "The body is not JSON", detail)


def _problem(error: ValidationError, text: bytes, prefix: str | None) -> Problem:
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    if faults[0]["type"] == "json_invalid":
        return _fault_of_text(text, prefix) or _malformed(faults[0]["msg"])
    named = [_fault(fault["type"], fault["loc"], fault["msg"], prefix) for fault in faults[:_MOST_FAULTS]]
    return Problem(422, _INVALID, _count(len(faults)), errors=list(dict.fromkeys(named)))


def _fault_of_text(text: bytes, prefix: str | None) -> Problem | None:
    """The place of what no reader can name, when there is such a place."""
    try:
        found = json_texts.find_fault(text)
    except Malformed:
        return None
    return found and Problem(422, _INVALID, _count(1), errors=[_at(*found, prefix)])


def _fault(kind: str, place: tuple[int | str, ...], message: str, prefix: str | None) -> Fault:
    if kind.startswith("union_tag"):
        return _at(("type",), f"must be one of {', '.join(TYPES)}", prefix)
    path = [step for step in place if step not in _NOT_SENT]
    return _at(path, message.removeprefix("Value error, "), prefix)


_NOT_SENT = frozenset(
    {*TYPES, "PersonByEmail", "SystemHandle", "str", "constrained-str", "bool", "int", "constrained-int", "[key]"}
)
"""Steps that pydantic adds to a path for unions and keys, and that stand in no document."""


def _at(path: Iterable[int | str], detail: str, prefix: str | None) -> Fault:
    steps = list(path)
    where: Part = "body"
    if prefix and steps[:1] == ["data"]:
        steps = steps[1:]
    elif prefix and steps:
        where, steps = "header", [CONTENT_TYPE if steps[0] == "datacontenttype" else f"{prefix}{steps[0]}"]
    return Fault(pointer_to(steps), detail, where)


def _count(faults: int) -> str:
    return "One place is wrong." if faults == 1 else f"{faults} places are wrong."
