"""Where it happened: the repository in a GitHub payload."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kinetic.ingestion.connectors.labels import facts_of
from kinetic.ingestion.connectors.observing import observe
from kinetic.ingestion.connectors.payloads import part, text
from kinetic.ingestion.connectors.protocol import Mapped
from kinetic.ingestion.connectors.severities import Severity

A_REPOSITORY = "a GitHub repository"
DEFAULT_BRANCH, OTHER_BRANCH = "default", "other"


def repository_of(payload: Any) -> str | None:
    """``owner/name``."""
    return text(payload, "repository", "full_name")


def place_of(payload: Any) -> str:
    """The repository, to be named in a sentence."""
    return repository_of(payload) or A_REPOSITORY


def repository_facts(payload: Any) -> dict[str, str | None]:
    """The repository, whose it is, and the team and the service that its custom properties name."""
    repository = repository_of(payload)
    properties = part(payload, "repository", "custom_properties")
    facts = {
        "repository": repository,
        "owner": repository.partition("/")[0] if repository else None,
    }
    if properties:
        named = facts_of(properties)
        facts["team"], facts["service"] = named.get("team"), named.get("service")
    return facts


def branch_of(payload: Any, *branches: str | None) -> str:
    """Whether one of `branches` is the default branch. Its name is left out: people write what they like into it."""
    default = text(part(payload, "repository"), "default_branch")
    return DEFAULT_BRANCH if default is not None and default in branches else OTHER_BRANCH


def observed(
    payload: Any,
    kind: str,
    severity: Severity,
    *,
    state: str,
    at: datetime | None,
    url: str | None,
    thing: str = "Work",
    attributes: Mapping[str, str | None],
    facts: Mapping[str, str | None] | None = None,
) -> Mapped:
    """One observation about the payload's repository, with more `facts` for rules if there are any."""
    found = repository_facts(payload)
    observation = observe(
        kind,
        severity,
        place=found["repository"] or A_REPOSITORY,
        state=state,
        thing=thing,
        at=at,
        url=url,
        facts={**found, **facts} if facts else found,
        attributes={"repository": found["repository"], **attributes},
    )
    return Mapped((observation,))
