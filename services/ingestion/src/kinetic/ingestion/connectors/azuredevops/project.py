"""Where and when it happened, in the words of every service hook."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from kinetic.ingestion.connectors.payloads import email, moment, part, text

_ADDRESS = re.compile(r"<([^<>\s]+@[^<>\s]+)>\s*$")


def project_of(payload: Any, *places: Any) -> str | None:
    """The project by the name that stands in one of `places`, else by its id, which every payload has."""
    named = next((name for place in places if (name := text(place, "project", "name"))), None)
    return named or text(part(payload, "resourceContainers", "project"), "id")


def place_of(project: str | None) -> str:
    """The project, to be named in a sentence."""
    return project or "an Azure DevOps project"


def happened_at(payload: Any, name: str, inner: str | None = None) -> datetime | None:
    """The time there in the resource, else when the event was made."""
    return moment(part(payload, "resource"), name, inner) or moment(payload, "createdDate")


def person_in(holder: Any, name: str) -> str | None:
    """The address of a person, who is written as an object or as ``Dana Fox <dana@northwind.example>``."""
    found = _ADDRESS.search(text(holder, name) or "")
    return found[1] if found else email(holder, name, "uniqueName")
