"""CloudEvents are taken strictly: a fault names its attribute."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetic.common.problems import Problem
from kinetic.ingestion.cloud_events import read_batch, read_binary, read_structured
from kinetic.ingestion.domain.intake import Origin
from kinetic.ingestion.domain.occurrences import Handle, Learning, Measurement, Signal, TeamPlace
from kinetic.ingestion.intake import Delivery

ORIGIN = Origin("principal/tool", "trace")
MEASUREMENT: dict[str, Any] = {
    "kpi": "lead-time",
    "team": "payments",
    "value": 3.5,
    "n": 12,
    "period_start": "2026-01-01T00:00:00Z",
    "period_end": "2026-01-08T00:00:00+01:00",
}
LEARNING: dict[str, Any] = {
    "person": {"email": "Dana@Northwind.example"},
    "content": {"system": "lms", "id": "C-1"},
    "verb": "completed",
    "occurred_at": "2026-01-01T00:00:00Z",
}
SIGNAL: dict[str, Any] = {
    "kind": "service.incident",
    "team": "payments",
    "severity": 1,
    "summary": "Pager went off",
    "occurred_at": "2026-01-01T00:00:00Z",
}


def event(data: dict[str, Any] = MEASUREMENT, noun: str = "measurement", **attributes: Any) -> dict[str, Any]:
    fixed = {"specversion": "1.0", "id": "1", "source": "/metrics", "type": f"kinetic.{noun}.report.v1"}
    return {**fixed, "data": data, **attributes}


def structured(body: Any) -> Delivery:
    return read_structured(json.dumps(body).encode(), ORIGIN)


def faults(body: Any) -> list[str]:
    with pytest.raises(Problem) as raised:
        structured(body)
    assert raised.value.status_code == 422
    return [fault.pointer for fault in raised.value.errors]


def without(body: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != name}


def test_measurement_is_read() -> None:
    (occurrence,) = structured(event()).occurrences

    assert isinstance(occurrence, Measurement)
    assert (occurrence.place, occurrence.value, occurrence.n) == (TeamPlace("payments"), 3.5, 12)
    assert occurrence.period_end.isoformat() == "2026-01-07T23:00:00+00:00"


def test_learning_record_is_read_with_a_lower_case_address() -> None:
    (occurrence,) = structured(event(LEARNING, "learning")).occurrences

    assert isinstance(occurrence, Learning)
    assert occurrence.person == Handle("email", "dana@northwind.example")
    assert occurrence.content == Handle("lms", "C-1")
    assert occurrence.source == "/metrics"


def test_learner_may_be_named_by_another_system() -> None:
    data = {**LEARNING, "person": {"system": "lms", "id": "L-7"}}

    (occurrence,) = structured(event(data, "learning")).occurrences

    assert isinstance(occurrence, Learning)
    assert occurrence.person == Handle("lms", "L-7")


def test_signal_is_read_with_the_source_of_the_event() -> None:
    (occurrence,) = structured(event(SIGNAL, "signal")).occurrences

    assert isinstance(occurrence, Signal)
    assert (occurrence.source, occurrence.severity) == ("/metrics", 1.0)


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type", "data"])
def test_missing_attribute_is_named(name: str) -> None:
    assert faults(without(event(), name)) == [f"#/{name}"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("specversion", "0.3"),
        ("id", ""),
        ("id", 7),
        ("id", "x" * 201),
        ("source", ""),
        ("source", "no uri"),
        ("source", "%zz"),
        ("type", "com.example.other"),
        ("type", 7),
        ("time", "yesterday"),
        ("time", "2026-01-01T00:00:00"),
        ("datacontenttype", "text/xml"),
        ("subject", ""),
        ("Ext", "upper case"),
        ("my-ext", 1),
        ("ext", [1]),
        ("ext", 1.5),
        ("data_base64", "e30="),
    ],
)
def test_invalid_attribute_is_named(name: str, value: Any) -> None:
    assert set(faults(event(**{name: value}))) == {f"#/{name}"}


def test_extension_attributes_are_taken() -> None:
    structured(event(time="2026-01-01T00:00:00Z", subject="s", comexample="x", flag=True, number=7, nothing=None))


@pytest.mark.parametrize(
    ("data", "noun", "pointer"),
    [
        ({**MEASUREMENT, "value": "3"}, "measurement", "#/data/value"),
        ({**MEASUREMENT, "n": 0}, "measurement", "#/data/n"),
        ({**MEASUREMENT, "n": 10**30}, "measurement", "#/data/n"),
        ({**MEASUREMENT, "team": "Payments Team"}, "measurement", "#/data/team"),
        ({**MEASUREMENT, "extra": 1}, "measurement", "#/data/extra"),
        ({**MEASUREMENT, "period_end": "2025-01-01T00:00:00Z"}, "measurement", "#/data"),
        ({**MEASUREMENT, "period_end": "1500-01-01T00:00:00Z"}, "measurement", "#/data/period_end"),
        ({**LEARNING, "verb": "skimmed"}, "learning", "#/data/verb"),
        ({**LEARNING, "score": 1.1}, "learning", "#/data/score"),
        ({**SIGNAL, "kind": "Incident"}, "signal", "#/data/kind"),
        ({**SIGNAL, "url": "javascript:alert(1)"}, "signal", "#/data/url"),
        ({**SIGNAL, "summary": "\x00"}, "signal", "#/data/summary"),
    ],
)
def test_invalid_data_is_named(data: dict[str, Any], noun: str, pointer: str) -> None:
    assert pointer in faults(event(data, noun))


@pytest.mark.parametrize(
    ("data", "noun", "field"),
    [
        (MEASUREMENT, "measurement", "period_end"),
        (LEARNING, "learning", "occurred_at"),
        (SIGNAL, "signal", "occurred_at"),
    ],
)
def test_time_more_than_a_day_ahead_is_named(data: dict[str, Any], noun: str, field: str) -> None:
    now = datetime.now(UTC)

    structured(event({**data, field: (now + timedelta(hours=23)).isoformat()}, noun))
    assert faults(event({**data, field: (now + timedelta(hours=25)).isoformat()}, noun)) == [f"#/data/{field}"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 10_000])
def test_what_is_no_json_is_malformed(body: bytes) -> None:
    for read in (read_structured, read_batch):
        with pytest.raises(Problem) as raised:
            read(body, ORIGIN)
        assert raised.value.status_code == 400


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"1e999"])
def test_numbers_that_are_none_are_refused(number: bytes) -> None:
    body = json.dumps(event()).encode().replace(b"3.5", number)

    with pytest.raises(Problem):
        read_structured(body, ORIGIN)


def test_batch_keeps_good_events_and_names_the_faults_of_others() -> None:
    batch = [event(id="1"), without(event(), "source"), event(id="3"), 7]

    entries = read_batch(json.dumps(batch).encode(), ORIGIN)

    assert [isinstance(entry, Delivery) for entry in entries] == [True, False, True, False]
    assert isinstance(entries[1], Problem)
    assert entries[1].errors[0].pointer == "#/source"


def test_empty_batch_is_a_batch() -> None:
    assert read_batch(b"[]", ORIGIN) == []


def test_too_large_a_batch_is_refused_whole() -> None:
    with pytest.raises(Problem) as raised:
        read_batch(b"[" + b",".join([b"{}"] * 5001) + b"]", ORIGIN)

    assert raised.value.status_code == 413


BINARY = {
    "content-type": "application/json; charset=utf-8",
    "ce-specversion": "1.0",
    "ce-id": "1",
    "ce-source": "/metrics",
    "ce-type": "kinetic.measurement.report.v1",
}


def test_three_modes_say_the_same() -> None:
    binary = read_binary(BINARY, json.dumps(MEASUREMENT).encode(), ORIGIN)

    assert binary == read_structured(json.dumps(event()).encode(), ORIGIN)
    assert [binary] == read_batch(json.dumps([event()]).encode(), ORIGIN)


@pytest.mark.parametrize(
    ("headers", "place"),
    [
        (without(BINARY, "ce-source"), ("header", "#/ce-source")),
        ({**BINARY, "ce-specversion": "2"}, ("header", "#/ce-specversion")),
        ({**BINARY, "content-type": "text/plain"}, ("header", "#/content-type")),
        ({**BINARY, "ce-bad-ext": "x"}, ("header", "#/ce-bad-ext")),
    ],
)
def test_fault_of_a_binary_event_names_the_header(headers: dict[str, str], place: tuple[str, str]) -> None:
    with pytest.raises(Problem) as raised:
        read_binary(headers, json.dumps(MEASUREMENT).encode(), ORIGIN)

    assert [(fault.where, fault.pointer) for fault in raised.value.errors] == [place]


def test_fault_in_the_data_of_a_binary_event_points_into_the_body() -> None:
    with pytest.raises(Problem) as raised:
        read_binary(BINARY, json.dumps(without(MEASUREMENT, "kpi")).encode(), ORIGIN)

    assert [(fault.where, fault.pointer) for fault in raised.value.errors] == [("body", "#/kpi")]


def test_headers_are_percent_decoded() -> None:
    plain = read_structured(json.dumps(event(id="naïve id")).encode(), ORIGIN)

    assert read_binary({**BINARY, "ce-id": "na%C3%AFve%20id"}, json.dumps(MEASUREMENT).encode(), ORIGIN) == plain


def test_source_and_id_cannot_be_shifted_into_each_other() -> None:
    one, other = event(source="/a", id="bc"), event(source="/ab", id="c")

    assert structured(one).digest != structured(other).digest


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


@given(name=st.sampled_from(["id", "source", "type", "data", "time", "x"]), value=json_values)
def test_whatever_stands_in_an_event_is_read_or_refused(name: str, value: Any) -> None:
    body = json.dumps([event(**{name: value})]).encode()

    assert len(read_batch(body, ORIGIN)) == 1
