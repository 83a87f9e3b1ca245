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

DEFAULT_BRANCH, OTHER_BRANCH = "default", "other"


def repository_of(payload: Any) -> str | None:
    """``owner/name``."""
    return text(payload, "repository", "full_name")


def place_of(payload: Any) -> str:
    """The repository, to be named in a sentence."""
    return repository_of(payload) or "a GitHub repository"


def repository_facts(payload: Any) -> dict[str, str | None]:
    """The repository, whose it is, and the team and the service that its custom properties name."""
    repository = repository_of(payload)
    properties = facts_of(part(payload, "repository", "custom_properties"))
    return {
        "repository": repository,
        "owner": repository.partition("/")[0] if repository else None,
        "team": properties["team"],
        "service": properties["service"],
    }


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
    observation = observe(
        kind,
        severity,
        place=place_of(payload),
        state=state,
        thing=thing,
        at=at,
        url=url,
        facts={**repository_facts(payload), **(facts or {})},
        attributes={"repository": repository_of(payload), **attributes},
    )
    return Mapped((observation,))
