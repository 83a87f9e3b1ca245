"""`kinetic apply`: put a document in force. The service checks it; its faults are told with their place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from kinetic.cli.addresses import Addresses
from kinetic.cli.doors import ask
from kinetic.cli.errors import Misused


class Document(StrEnum):
    """What can be applied."""

    MAP = "map"
    DIRECTORY = "directory"
    CATALOGUE = "catalogue"


@dataclass(frozen=True, slots=True)
class Target:
    """Which service takes a document, and at which path."""

    service: str
    path: str


TARGETS: Final = {
    Document.MAP: Target("skill-gap", "/capabilities"),
    Document.DIRECTORY: Target("ingestion", "/directory"),
    Document.CATALOGUE: Target("ingestion", "/catalogue"),
}


def apply(addresses: Addresses, token: str, document: Document, file: Path) -> Any:
    """PUT `file` and return the service's answer. Misused when it cannot be read, Refused when it is not accepted."""
    target = TARGETS[document]
    url = f"{addresses.services[target.service]}{target.path}"
    try:
        content = file.read_bytes()
    except OSError as error:
        raise Misused(f"cannot read {file}: {error.strerror}") from error
    return ask("PUT", url, token, content=content, extra_headers={"Content-Type": media_type(file)})


def media_type(file: Path) -> str:
    """JSON by its suffix, else YAML, of which JSON is a part."""
    return "application/json" if file.suffix == ".json" else "application/yaml"
