"""Builds, checks and deployments that end badly."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.github.repository import DEFAULT_BRANCH, branch_of, observed
from kinetic.ingestion.connectors.payloads import link, moment, part, parts, text, word
from kinetic.ingestion.connectors.protocol import Ignored, Reading
from kinetic.ingestion.connectors.severities import NEUTRAL, Severity

_BAD_ENDS = {"failure": NEUTRAL, "error": NEUTRAL, "errored": NEUTRAL, "startup_failure": NEUTRAL, "timed_out": 0.6}
_ON_DEFAULT_BRANCH = 0.2
"""Added where everybody's work stops, not one person's."""

_PRODUCTION = frozenset({"production", "prod", "live"})


def read_workflow_run(payload: Any) -> Reading:
    """A run of GitHub Actions."""
    run = part(payload, "workflow_run")
    branch = branch_of(payload, text(run, "head_branch"))
    ended_at = moment(run, "updated_at")
    return _read_end(payload, "A workflow run", run, branch, ended_at, link(run, "html_url"))


def read_workflow_job(payload: Any) -> Reading:
    """A job of such a run, for those who subscribe to jobs and not to runs."""
    job = part(payload, "workflow_job")
    branch = branch_of(payload, text(job, "head_branch"))
    ended_at = moment(job, "completed_at")
    return _read_end(payload, "A workflow job", job, branch, ended_at, link(job, "html_url"))


def read_check_run(payload: Any) -> Reading:
    """A check of any app. Those of GitHub Actions are its jobs, so one subscribes to checks or to workflows."""
    check = part(payload, "check_run")
    branch = branch_of(payload, text(check, "check_suite", "head_branch"))
    ended_at = moment(check, "completed_at")
    return _read_end(payload, "A check", check, branch, ended_at, link(check, "html_url"))


def read_status(payload: Any) -> Reading:
    """A commit status, the older form of a check."""
    state = word(payload, "state")
    branch = branch_of(payload, *(text(entry, "name") for entry in parts(payload, "branches")))
    url = link(payload, "target_url") or link(payload, "commit", "html_url")
    at = moment(payload, "updated_at")
    return _failed(payload, "A check", state, branch, at, url)


def read_page_build(payload: Any) -> Reading:
    """A build of GitHub Pages."""
    build = part(payload, "build")
    at = moment(build, "updated_at")
    return _failed(
        payload, "A build of the pages", word(build, "status"), "pages", at, link(payload, "repository", "html_url")
    )


def read_deployment_status(payload: Any) -> Reading:
    """A deployment that failed."""
    status = part(payload, "deployment_status")
    state, environment = (
        word(status, "state"),
        word(status, "environment") or word(payload, "deployment", "environment"),
    )
    if state not in ("failure", "error"):
        return Ignored(f"a deployment that is {state or 'without state'} is no failure")
    in_production = not _PRODUCTION.isdisjoint(environment.replace("_", "-").split("-"))
    return observed(
        payload,
        kinds.DELIVERY_FAILED,
        Severity(0.9 if in_production else NEUTRAL),
        thing="A deployment to production" if in_production else "A deployment",
        state="failed",
        at=moment(status, "created_at"),
        url=link(status, "log_url") or link(status, "target_url") or link(payload, "repository", "html_url"),
        attributes={"event": "deployment_status", "conclusion": state, "environment": environment},
    )


def _read_end(payload: Any, thing: str, run: Any, branch: str, at: datetime | None, url: str | None) -> Reading:
    if word(payload, "action") != "completed":
        return Ignored(f"{thing.lower()} that has not ended says nothing yet")
    return _failed(payload, thing, word(run, "conclusion"), branch, at, url)


def _failed(payload: Any, thing: str, conclusion: str, branch: str, at: datetime | None, url: str | None) -> Reading:
    severity = _BAD_ENDS.get(conclusion)
    if severity is None:
        return Ignored(f"{thing.lower()} that ended as {conclusion or 'nothing known'} is no failure")
    return observed(
        payload,
        kinds.DELIVERY_FAILED,
        Severity(severity).raised_by(_ON_DEFAULT_BRANCH if branch == DEFAULT_BRANCH else 0),
        thing=thing,
        state="timed out" if conclusion == "timed_out" else "failed",
        at=at,
        url=url,
        attributes={"conclusion": conclusion, "branch": branch},
    )
