"""Where it happened: the repository in a GitHub payload."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.payloads import part, text
from kinetic.ingestion.connectors.protocol import Mapped, Observation

DEFAULT_BRANCH, OTHER_BRANCH = "default", "other"


def repository_of(payload: Any) -> str | None:
    """``owner/name``."""
    return text(payload, "repository", "full_name")


def branch_of(payload: Any, *branches: str | None) -> str:
    """Whether one of `branches` is the default branch. Its name is left out: people write what they like into it."""
    default = text(part(payload, "repository"), "default_branch")
    return DEFAULT_BRANCH if default is not None and default in branches else OTHER_BRANCH


def observed(
    payload: Any,
    kind: str,
    severity: float,
    *,
    state: str,
    at: datetime | None,
    url: str | None,
    thing: str = "Work",
    attributes: Mapping[str, str | None],
) -> Mapped:
    """One observation about the payload's repository."""
    repository = repository_of(payload)
    facts = {"repository": repository, "owner": repository.partition("/")[0] if repository else None}
    observation = Observation(
        kind=kind,
        severity=min(round(severity, 2), 1.0),
        summary=kinds.summarise(kind, repository or "a GitHub repository", state, thing),
        url=url,
        occurred_at=at,
        attribution=_given(facts),
        attributes=_given({"repository": repository, **attributes}),
    )
    return Mapped((observation,))


def _given(facts: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in facts.items() if value}
