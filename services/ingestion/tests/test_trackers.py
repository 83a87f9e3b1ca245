"""What people are called and write in trackers and repositories ends at the door."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.protocol import Mapped, Observation

PAYLOADS = Path(__file__).parent / "payloads"
TOOLS = ["azuredevops", "github", "gitlab", "jira", "linear", "trello"]
SECRETS = ("cam ", "cam-inc", "customer.example", "nothing works", "nothing-works", "dana fox", "dana's")


def observed(tool: str) -> list[tuple[str, Observation]]:
    """What the payloads of `tool` that we wrote mean."""
    found = []
    for file in sorted((PAYLOADS / tool).glob("*written_*.json")):
        reading = CONNECTORS[tool].read({"x-github-event": file.name.partition(".")[0]}, json.loads(file.read_text()))
        found += [(file.name, one) for one in (reading.observations if isinstance(reading, Mapped) else ())]
    return found


@pytest.mark.parametrize("tool", TOOLS)
def test_what_people_write_is_told_nowhere(tool: str) -> None:
    assert observed(tool)
    for name, one in observed(tool):
        told = repr(one).lower()
        assert not [secret for secret in SECRETS if secret in told], name


@pytest.mark.parametrize("tool", TOOLS)
def test_people_serve_attribution_and_nothing_else(tool: str) -> None:
    for name, one in observed(tool):
        others = {fact: value for fact, value in one.attribution.items() if fact != "person"}
        assert "dana" not in f"{one.summary} {one.attributes} {one.url} {others}".lower(), name
