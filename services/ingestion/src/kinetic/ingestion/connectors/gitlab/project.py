"""Where and when it happened: the project and the times in a GitLab payload."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from kinetic.ingestion.connectors.payloads import email, link, moment_of, part, parts, text

_ZONE = re.compile(r" ([+-]\d{2}:?\d{2})$")
_SECURE_SHELL = re.compile(r"^[\w.-]+@[^:/]+:")


def project_of(payload: Any) -> str | None:
    """``group/subgroup/name``. Jobs of older versions tell it by the address of the repository, findings by their page."""
    return text(payload, "project", "path_with_namespace") or _project_by_address(payload)


def _project_by_address(payload: Any) -> str | None:
    addresses = (
        text(payload, "repository", "homepage"),
        text(payload, "repository", "url"),
        text(payload, "object_attributes", "url"),
    )
    return next((path for address in addresses if (path := _path_in(address or ""))), None)


def place_of(payload: Any) -> str:
    """The project, to be named in a sentence."""
    return project_of(payload) or "a GitLab project"


def project_facts(payload: Any) -> dict[str, str | None]:
    """The project, under the name that other tools give it, and the group whose it is."""
    project = project_of(payload)
    return {"repository": project, "owner": project.rpartition("/")[0] if project else None}


def page_of(payload: Any, *path: str | None) -> str | None:
    """A page of the project."""
    home = link(payload, "project", "web_url") or link(payload, "repository", "homepage")
    return "/".join((home, "-", *(one for one in path if one))) if home and all(path) else None


def is_default_branch(payload: Any, branch: str | None) -> bool:
    """Whether `branch` is the one on which everybody's work stands."""
    return branch is not None and branch == text(payload, "project", "default_branch")


def time_in(payload: Any, name: str) -> datetime | None:
    """The time called `name`: GitLab writes ISO 8601, ``2016-09-28 20:21:04 UTC`` and ``2016-09-28 20:21:04 +0200``."""
    written = text(payload, name)
    if written and " " in written:
        written = _ZONE.sub(r"\1", written.replace(" UTC", "+00:00"))
    return moment_of(written)


def person_of(payload: Any) -> str | None:
    """The address of who works on it. GitLab hides those that are not public."""
    people = (*parts(payload, "assignees"), part(payload, "assignee"))
    return next((found for person in people if (found := email(person, "email"))), None)


def _path_in(address: str) -> str | None:
    try:
        path = urlsplit(_SECURE_SHELL.sub("ssh://host/", address)).path
    except ValueError:
        return None
    return path.partition("/-/")[0].strip("/").removesuffix(".git") or None
