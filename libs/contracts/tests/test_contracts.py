"""Golden schemas: what is written today is read by yesterday's readers, and the other way round."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from kinetic.contracts import topics
from kinetic.contracts.event import Event
from kinetic.contracts.registry import BY_TYPE
from tests.support.samples import values_of
from tools.compatibility import breaks
from tools.documents import SCHEMAS

every_event = pytest.mark.parametrize("event", BY_TYPE.values(), ids=BY_TYPE)
thorough = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


def golden(event: type[Event]) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((SCHEMAS / f"{event.type}.json").read_text())
    return schema


@every_event
def test_yesterdays_readers_read_what_is_written_today(event: type[Event]) -> None:
    @thorough
    @given(values_of(event.model_json_schema()))
    def check(data: Any) -> None:
        written = event.model_validate(data).model_dump_json()
        jsonschema.validate(json.loads(written), golden(event))

    check()


@every_event
def test_todays_readers_read_what_was_written_yesterday(event: type[Event]) -> None:
    @thorough
    @given(values_of(golden(event)))
    def check(written: Any) -> None:
        event.model_validate_json(json.dumps(written))

    check()


@every_event
def test_todays_readers_read_what_will_be_written_tomorrow(event: type[Event]) -> None:
    @thorough
    @given(values_of(event.model_json_schema()))
    def check(data: Any) -> None:
        later = {**data, "a_field_of_tomorrow": [1, {"a": None}]}
        assert event.model_validate_json(json.dumps(later)) == event.model_validate_json(json.dumps(data))

    check()


@every_event
def test_every_event_names_a_known_topic_and_a_type_of_the_house(event: type[Event]) -> None:
    assert event.topic in {topic.name for topic in topics.ALL}
    assert event.type.startswith("kinetic.")
    assert re.search(r"\.v[1-9]$", event.type)


@pytest.mark.parametrize("topic", [*topics.ALL, *(topic.dead for topic in topics.ALL)], ids=lambda topic: topic.name)
def test_no_record_outlives_its_days_in_a_segment_that_is_not_closed(topic: topics.Topic) -> None:
    """Kafka drops whole segments, by their newest record."""
    day = 24 * 3_600_000
    assert int(topic.settings["segment.ms"]) == day
    if topic.name not in topics.COMPACTED:
        assert int(topic.settings["retention.ms"]) + day == topics.KEPT_DAYS * day


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda s: s["properties"].pop("summary"), "summary was removed"),
        (lambda s: s["required"].append("url"), "url became required"),
        (lambda s: s["properties"]["kind"].update(type="integer"), "type was 'string'"),
        (lambda s: s["properties"]["severity"].update(maximum=0.5), "stricter"),
        (lambda s: s["required"].remove("kind"), "no longer always there"),
    ],
)
def test_a_change_that_breaks_readers_is_told(change: Callable[[Any], object], told: str) -> None:
    old = BY_TYPE["kinetic.signal.observed.v1"].model_json_schema()
    new = copy.deepcopy(old)
    change(new)
    assert any(told in broken for broken in breaks(old, new))


def test_a_new_optional_field_breaks_nobody() -> None:
    old = BY_TYPE["kinetic.signal.observed.v1"].model_json_schema()
    new = copy.deepcopy(old)
    new["properties"]["colour"] = {"type": "string"}
    assert breaks(old, new) == []
