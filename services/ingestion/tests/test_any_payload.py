"""Whatever a tool sends, a connector answers: real payloads of every tool, with any JSON put anywhere."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC
from itertools import count, cycle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetic.common.web import parse_json
from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.protocol import Ignored, Mapped

PAYLOADS = Path(__file__).parent / "payloads"
TOOLS = sorted(CONNECTORS)

DEEPEST = 1000
"""Nearly the levels that a body may have; the payload around needs a few."""

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["1", "true", "2026-02-30"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


def files_of(tool: str) -> list[Path]:
    return sorted((PAYLOADS / tool).glob("*.json"))


def with_another(payload: Any, value: Any, data: st.DataObject) -> Any:
    """The payload, with `value` in one place."""
    if isinstance(payload, dict) and payload and data.draw(st.integers(0, 5)):
        name = data.draw(st.sampled_from(sorted(payload)))
        return {**payload, name: with_another(payload[name], value, data)}
    if isinstance(payload, list) and payload and data.draw(st.integers(0, 5)):
        index = data.draw(st.integers(0, len(payload) - 1))
        return [*payload[:index], with_another(payload[index], value, data), *payload[index + 1 :]]
    return value


@pytest.mark.parametrize("tool", TOOLS)
@given(data=st.data(), value=json_values)
def test_no_payload_is_an_error(tool: str, data: st.DataObject, value: Any) -> None:
    file = data.draw(st.sampled_from(files_of(tool)))
    payload = with_another(json.loads(file.read_text()), value, data)

    reading = CONNECTORS[tool].read({"x-github-event": file.name.partition(".")[0]}, payload)

    assert isinstance(reading, Mapped | Ignored)
    for observation in reading.observations if isinstance(reading, Mapped) else ():
        assert 0 <= observation.severity <= 1
        assert observation.summary.strip()
        assert observation.occurred_at is None or observation.occurred_at.tzinfo is UTC
        assert observation.url is None or observation.url.startswith(("https://", "http://"))
        json.dumps([observation.summary, dict(observation.attribution), dict(observation.attributes)]).encode()


@pytest.mark.parametrize("tool", TOOLS)
@given(value=json_values)
def test_any_json_is_answered(tool: str, value: Any) -> None:
    assert isinstance(CONNECTORS[tool].read({}, value), Mapped | Ignored)


def with_long_names(payload: Any, numbers: Iterator[int]) -> Any:
    """The payload, with a name of 200 KB in every object."""
    if isinstance(payload, dict):
        inner = {name: with_long_names(value, numbers) for name, value in payload.items()}
        return {**inner, "n" * 200_000 + f".{next(numbers)}": "x"}
    if isinstance(payload, list):
        return [with_long_names(value, numbers) for value in payload]
    return payload


@pytest.mark.parametrize("tool", TOOLS)
def test_long_names_are_not_remembered(tool: str) -> None:
    """What is kept from one payload to the next stays small, however long a sender makes the names in it."""
    tracemalloc.start()
    for file in files_of(tool)[-40:]:
        payload = with_long_names(json.loads(file.read_text()), count())
        CONNECTORS[tool].read({"x-github-event": file.name.partition(".")[0]}, payload)
        del payload
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert kept < 200_000


def places_of(payload: Any, levels: int) -> Iterator[tuple[Any, Any]]:
    """Where a value stands, down to so many levels: what holds it, and its name or number there."""
    names = payload if isinstance(payload, dict) else range(len(payload)) if isinstance(payload, list) else ()
    for name in list(names):
        yield payload, name
        if levels > 1:
            yield from places_of(payload[name], levels - 1)


def deepened(payload: Any, levels: int, deep: Iterator[Any]) -> Any:
    """The payload, with a value of `deep` wherever it ends or goes on after so many levels."""
    if levels and isinstance(payload, dict):
        return {name: deepened(value, levels - 1, deep) for name, value in payload.items()}
    if levels and isinstance(payload, list):
        return [deepened(value, levels - 1, deep) for value in payload]
    return next(deep)


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"name":', b"}")])
@pytest.mark.parametrize("tool", TOOLS)
def test_no_depth_is_an_error(tool: str, opening: bytes, closing: bytes) -> None:
    twins = [parse_json(opening * DEEPEST + b"0" + closing * DEEPEST) for _ in range(2)]
    for file in files_of(tool):
        headers, payload = {"x-github-event": file.name.partition(".")[0]}, json.loads(file.read_text())
        tried = [deepened(payload, levels, cycle(twins)) for levels in range(5)]
        assert all(isinstance(CONNECTORS[tool].read(headers, one), Mapped | Ignored) for one in tried)
        for holder, name in list(places_of(payload, levels=3)):
            kept, holder[name] = holder[name], twins[0]
            assert isinstance(CONNECTORS[tool].read(headers, payload), Mapped | Ignored), name
            holder[name] = kept
