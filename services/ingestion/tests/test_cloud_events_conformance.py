"""Every case of the CloudEvents project for HTTP and for Kafka, in both content modes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from kinetic.ingestion.cloud_events import KAFKA_PREFIX, Message, http_message, text_of
from kinetic.ingestion.reports import CloudEvent

FEATURES = Path(__file__).parent / "conformance" / "cloudevents"
EXPECTED_CASES = 7


class AnyEvent(CloudEvent):
    """An event of any type, which the doors would refuse, with all its attributes checked as the doors do."""

    type: str
    data: Any


@dataclass(frozen=True)
class Case:
    """One scenario with one of its examples."""

    name: str
    text: str

    @property
    def message(self) -> Message:
        payload = self.block("Given an HTTP request" if "HTTP" in self.name else "payload:")
        if "HTTP" not in self.name:
            return Message(list(self.table("Kafka headers:").items()), payload.encode(), KAFKA_PREFIX)
        head, _, body = payload.partition("\n\n")
        lines = [line.partition(": ") for line in head.splitlines()[1:]]
        return http_message({name.lower(): value for name, _, value in lines}, body.encode())

    def block(self, after: str) -> str:
        found = re.search(rf'{after}\s*"""\n(.*?)"""', self.text, re.DOTALL)
        assert found is not None
        return dedent(found[1])

    def table(self, after: str) -> dict[str, str]:
        found = re.search(rf"{after}\n((?:\s*\|.*\n?)+)", self.text)
        assert found is not None
        return {row[0]: row[1] for row in _rows(found[1]) if row[0] != "key"}


def cases() -> Iterator[Case]:
    for path in sorted(FEATURES.glob("*.feature")):
        for scenario in re.split(r"\n\s*Scenario(?: Outline)?: ", path.read_text())[1:]:
            text, _, examples = scenario.partition("Examples:")
            title = f"{'HTTP' if 'http' in path.name else 'Kafka'} {text.splitlines()[0]}"
            values = [row[0] for row in _rows(examples)][1:] or [""]
            yield from (Case(title.replace("<contentType>", v), text.replace("<contentType>", v)) for v in values)


def _rows(table: str) -> list[tuple[str, ...]]:
    lines = (line.strip() for line in table.splitlines() if "|" in line)
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]


CASES = {case.name: case for case in cases()}


def test_no_case_is_left_out() -> None:
    assert len(CASES) == EXPECTED_CASES


@pytest.mark.parametrize("name", CASES)
def test_case_is_read_as_the_standard_says(name: str) -> None:
    case = CASES[name]
    text, _ = text_of(case.message)
    event = AnyEvent.model_validate_json(text)
    assert {key: json.loads(text)[key] for key in case.table("the attributes are:")} == case.table(
        "the attributes are:"
    )
    assert event.data == json.loads(case.block("the following JSON:"))
