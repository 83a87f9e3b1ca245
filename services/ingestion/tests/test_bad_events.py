"""What must be tried: each gets a clear answer that names the place, in all three modes, and harms no other event."""

from __future__ import annotations

import json

import pytest

from kinetic.common.problems import Problem
from kinetic.ingestion.cloud_events import KAFKA_PREFIX, Message, read_batch, read_binary, read_message, read_structured
from kinetic.ingestion.intake import Delivery
from services.ingestion.tests.test_cloud_events import BINARY, MEASUREMENT, ORIGIN, event, without

DEEP = b"[" * 10_000 + b"]" * 10_000
HUGE = b"9" * 5000
GOOD = json.dumps(event()).encode()

BAD_TEXTS = {
    "a time without a zone": ("time", b'"2026-01-01T00:00:00"'),
    "a time with a space": ("time", b'"2026-01-01 00:00:00Z"'),
    "seconds since 1970": ("time", b'"1700000000"'),
    "a month that is none": ("time", b'"2026-13-01T00:00:00Z"'),
    "a year that no clock shows": ("time", b'"9999-01-01T00:00:00Z"'),
    "a NUL in the id": ("id", b'"a\\u0000"'),
    "a line break in the id": ("id", b'"a\\n"'),
    "a lone surrogate in the id": ("id", b'"\\ud800"'),
    "a NUL in an extension": ("ext", b'"\\u0000"'),
    "a lone surrogate in an extension": ("ext", b'"\\udfff"'),
    "an integer beyond 32 bits": ("ext", b"2147483648"),
    "a number beyond a double as extension": ("ext", b"1e999"),
    "another charset": ("datacontenttype", b'"application/json; charset=utf-16"'),
}


def with_text(name: str, value: bytes) -> bytes:
    """The good event, with an attribute as it is written."""
    return json.dumps({**event(), name: "HERE"}).encode().replace(b'"HERE"', value)


def problem_of(body: bytes) -> Problem:
    with pytest.raises(Problem) as raised:
        read_structured(body, ORIGIN)
    return raised.value


def pointers(problem: Problem) -> set[str]:
    return {fault.pointer for fault in problem.errors}


@pytest.mark.parametrize("name", BAD_TEXTS)
def test_bad_attribute_is_named(name: str) -> None:
    attribute, value = BAD_TEXTS[name]
    problem = problem_of(with_text(attribute, value))
    assert (problem.status_code, pointers(problem)) == (422, {f"#/{attribute}"})


@pytest.mark.parametrize("number", [b"1e999", b"-1e999", b"NaN", b"Infinity", HUGE])
def test_number_beyond_a_double_is_named(number: bytes) -> None:
    body = json.dumps(MEASUREMENT).encode().replace(b"3.5", number)
    with pytest.raises(Problem) as raised:
        read_binary(BINARY, body, ORIGIN)
    assert (raised.value.status_code, pointers(raised.value)) == (422, {"#/value"})
    assert pointers(problem_of(GOOD.replace(b"3.5", number))) == {"#/data/value"}


@pytest.mark.parametrize("name", ["id", "kpi"])
def test_key_that_stands_twice_is_named(name: str) -> None:
    twice = GOOD.replace(f'"{name}"'.encode(), f'"{name}": "x", "{name}"'.encode())
    assert pointers(problem_of(twice)) == {"#/id" if name == "id" else "#/data/kpi"}


def test_key_of_data_that_stands_twice_is_named_in_binary_mode_too() -> None:
    body = json.dumps(MEASUREMENT).encode().replace(b'"kpi"', b'"kpi": "x", "kpi"')
    with pytest.raises(Problem) as raised:
        read_binary(BINARY, body, ORIGIN)
    assert [(fault.where, fault.pointer) for fault in raised.value.errors] == [("body", "#/kpi")]


def test_header_that_stands_twice_is_named() -> None:
    headers = [(name.replace("ce-", "ce_"), value) for name, value in BINARY.items()]
    with pytest.raises(Problem) as raised:
        read_message(Message([*headers, ("ce_id", "2")], json.dumps(MEASUREMENT).encode(), KAFKA_PREFIX))
    assert [(fault.where, fault.pointer) for fault in raised.value.errors] == [("header", "#/ce_id")]


@pytest.mark.parametrize("body", [b'1, "subject": "x"', b'{}, "subject": {}', b"{}}", b"{} {}", b'{}, "data": {}'])
def test_no_body_reaches_into_the_attributes(body: bytes) -> None:
    with pytest.raises(Problem) as raised:
        read_binary(BINARY, body, ORIGIN)
    assert raised.value.status_code == 400


def test_attribute_called_data_is_refused() -> None:
    with pytest.raises(Problem) as raised:
        read_binary({**BINARY, "ce-data": "{}"}, json.dumps(MEASUREMENT).encode(), ORIGIN)
    assert pointers(raised.value) == {"#/ce-data"}


def test_no_data_is_told_from_wrong_data() -> None:
    with pytest.raises(Problem) as raised:
        read_binary(BINARY, b"", ORIGIN)
    assert [(fault.pointer, fault.detail) for fault in raised.value.errors] == [("#", "Field required")]


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/cloudevents+xml", "application/jsonx"])
def test_wrong_content_type_is_named_before_the_body_is_read(kind: str) -> None:
    with pytest.raises(Problem) as raised:
        read_binary({**BINARY, "content-type": kind}, b"<xml/>", ORIGIN)
    assert (raised.value.status_code, pointers(raised.value)) == (415, {"#/content-type"})


@pytest.mark.parametrize("body", [DEEP, GOOD.replace(b"3.5", DEEP), GOOD[:-7], b"\xef\xbb\xbf" + GOOD, GOOD + b"x"])
def test_what_is_no_json_for_us_is_malformed_in_every_mode(body: bytes) -> None:
    for read in (read_structured, read_batch):
        with pytest.raises(Problem) as raised:
            read(body, ORIGIN)
        assert raised.value.status_code in (400, 422)
    with pytest.raises(Problem) as raised:
        read_binary(BINARY, body, ORIGIN)
    assert raised.value.status_code == 400


@pytest.mark.parametrize("charset", ["utf-16", "latin-1"])
def test_other_charset_is_malformed(charset: str) -> None:
    assert problem_of(json.dumps(event(id="é"), ensure_ascii=False).encode(charset)).status_code == 400


def test_bad_events_of_a_batch_harm_no_other() -> None:
    bad = [with_text(*BAD_TEXTS[name]) for name in BAD_TEXTS]
    twice = GOOD.replace(b'"id"', b'"id": "x", "id"')
    beyond = GOOD.replace(b"3.5", b"1e999")
    batch = b" [" + b" ,\n".join([GOOD, *bad, twice, beyond, b"7", b"null", GOOD]) + b"]\n"

    entries = read_batch(batch, ORIGIN)

    assert [isinstance(entry, Delivery) for entry in entries] == [True, *[False] * (len(bad) + 4), True]
    named = [pointers(entry) for entry in entries if isinstance(entry, Problem)]
    expected = [{f"#/{attribute}"} for attribute, _ in BAD_TEXTS.values()]
    assert named[:-2] == [*expected, {"#/id"}, {"#/data/value"}]


def test_batch_with_a_key_twice_and_nothing_else_wrong_is_answered_event_by_event() -> None:
    twice = GOOD.replace(b'"kpi"', b'"kpi": "x", "kpi"')
    good, bad = read_batch(b"[" + GOOD + b"," + twice + b"]", ORIGIN)
    assert isinstance(good, Delivery)
    assert isinstance(bad, Problem)
    assert pointers(bad) == {"#/data/kpi"}


@pytest.mark.parametrize("batch", [b"[", b"[1", b"[1,", b"[1,]", b"[1 2]", b"[]x", b"[1]]", b"[" + DEEP + b"]"])
def test_what_is_no_array_of_events_is_malformed(batch: bytes) -> None:
    with pytest.raises(Problem) as raised:
        read_batch(batch, ORIGIN)
    assert raised.value.status_code == 400


def test_good_event_needs_no_time() -> None:
    assert read_structured(json.dumps(without(event(), "time")).encode(), ORIGIN).occurrences
