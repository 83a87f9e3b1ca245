"""Personal data of customers ends at the door."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.protocol import Mapped

PAYLOADS = Path(__file__).parent / "payloads"


@pytest.mark.parametrize("tool", ["freshdesk", "hubspot", "intercom", "salesforce", "servicenow", "zendesk"])
def test_what_customers_are_called_and_write_is_told_nowhere(tool: str) -> None:
    for file in sorted((PAYLOADS / tool).glob("*.json")):
        reading = CONNECTORS[tool].read({}, json.loads(file.read_text()))
        told = repr(reading).lower()
        for secret in (
            "cam",
            "customer.example",
            "555 0100",
            "nothing works",
            "rude",
            "requester",
            "guinea",
            "cordelia",
        ):
            assert secret not in told, f"{secret} in {file.name}"


@pytest.mark.parametrize("tool", ["freshdesk", "intercom", "salesforce", "servicenow", "zendesk"])
def test_people_serve_attribution_and_nothing_else(tool: str) -> None:
    for file in sorted((PAYLOADS / tool).glob("written_*.json")):
        reading = CONNECTORS[tool].read({}, json.loads(file.read_text()))
        for one in reading.observations if isinstance(reading, Mapped) else ():
            others = {name: value for name, value in one.attribution.items() if name != "person"}
            assert "dana" not in f"{one.summary} {one.attributes} {one.url} {others}".lower()
