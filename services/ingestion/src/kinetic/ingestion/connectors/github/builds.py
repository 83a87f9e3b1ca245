"""Builds, checks and deployments that end badly."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.environments import is_production
from kinetic.ingestion.connectors.github.repository import (
    DEFAULT_BRANCH,
    OTHER_BRANCH,
    branch_of,
    observed,
    repository_of,
)
from kinetic.ingestion.connectors.payloads import link, moment, number, part, parts, text, word
from kinetic.ingestion.connectors.protocol import Ignored, Mapped, Reading
from kinetic.ingestion.connectors.severities import NEUTRAL, Severity

_TIMED_OUT = 0.6
_BAD_ENDS = {
    **dict.fromkeys(("failure", "error", "errored", "startup_failure"), NEUTRAL),
    "timed_out": _TIMED_OUT,
}
_ON_DEFAULT_BRANCH = 0.2
"""Added where everybody's work stops, not one person's."""
_AFTER_RETRIES = 0.1
"""Added when it was tried again and failed again: no accident."""


def read_workflow_run(payload: Any) -> Reading:
    """A run of GitHub Actions."""
    run = part(payload, "workflow_run")
    conclusion = word(run, "conclusion")
    if reason := _why_it_did_not_fail(payload, "A workflow run", conclusion):
        return Ignored(reason)
    source = text(run, "head_repository", "full_name") or repository_of(payload)
    is_own = source == repository_of(payload)
    end = _End(
        thing="A workflow run",
        conclusion=conclusion,
        branch=branch_of(payload, text(run, "head_branch")) if is_own else OTHER_BRANCH,
        at=moment(run, "updated_at"),
        url=link(run, "html_url"),
        attempt=number(run, "run_attempt") or 1,
    )
    return _failed(payload, end)


def read_workflow_job(payload: Any) -> Reading:
    """A job of such a run, for those who subscribe to jobs and not to runs."""
    job = part(payload, "workflow_job")
    conclusion = word(job, "conclusion")
    if reason := _why_it_did_not_fail(payload, "A workflow job", conclusion):
        return Ignored(reason)
    end = _End(
        thing="A workflow job",
        conclusion=conclusion,
        branch=branch_of(payload, text(job, "head_branch")),
        at=moment(job, "completed_at"),
        url=link(job, "html_url"),
        attempt=number(job, "run_attempt") or 1,
    )
    return _failed(payload, end)


def read_check_run(payload: Any) -> Reading:
    """A check of any app. Those of GitHub Actions are its jobs, so one subscribes to checks or to workflows."""
    check = part(payload, "check_run")
    conclusion = word(check, "conclusion")
    if reason := _why_it_did_not_fail(payload, "A check", conclusion):
        return Ignored(reason)
    end = _End(
        thing="A check",
        conclusion=conclusion,
        branch=branch_of(payload, text(check, "check_suite", "head_branch")),
        at=moment(check, "completed_at"),
        url=link(check, "html_url"),
    )
    return _failed(payload, end)


def read_check_suite(payload: Any) -> Reading:
    """All checks of one app for one commit, for those who subscribe to suites and not to checks."""
    suite = part(payload, "check_suite")
    conclusion = word(suite, "conclusion")
    if reason := _why_it_did_not_fail(payload, "A check suite", conclusion):
        return Ignored(reason)
    end = _End(
        thing="A check suite",
        conclusion=conclusion,
        branch=branch_of(payload, text(suite, "head_branch")),
        at=moment(suite, "updated_at"),
        url=link(payload, "repository", "html_url"),
    )
    return _failed(payload, end)


def read_status(payload: Any) -> Reading:
    """A commit status, the older form of a check."""
    conclusion = word(payload, "state")
    if reason := _why_no_failure("A check", conclusion):
        return Ignored(reason)
    end = _End(
        thing="A check",
        conclusion=conclusion,
        branch=branch_of(payload, *(text(entry, "name") for entry in parts(payload, "branches"))),
        at=moment(payload, "updated_at"),
        url=link(payload, "target_url") or link(payload, "commit", "html_url"),
    )
    return _failed(payload, end)


def read_page_build(payload: Any) -> Reading:
    """A build of GitHub Pages."""
    build = part(payload, "build")
    conclusion = word(build, "status")
    if reason := _why_no_failure("A build of the pages", conclusion):
        return Ignored(reason)
    end = _End(
        thing="A build of the pages",
        conclusion=conclusion,
        branch="pages",
        at=moment(build, "updated_at"),
        url=link(payload, "repository", "html_url"),
    )
    return _failed(payload, end)


def read_deployment_status(payload: Any) -> Reading:
    """How a deployment goes on. Production is what GitHub or the name of the environment calls so."""
    status, deployment = part(payload, "deployment_status"), part(payload, "deployment")
    state, environment = word(status, "state"), text(status, "environment") or text(deployment, "environment")
    if state not in ("failure", "error"):
        return Ignored(f"a deployment that is {state or 'without state'} is no failure")
    in_production = deployment.get("production_environment") is True or is_production(environment)
    return observed(
        payload,
        kinds.DELIVERY_FAILED,
        Severity(0.9 if in_production else NEUTRAL),
        thing="A deployment to production" if in_production else "A deployment",
        state="failed",
        at=moment(status, "created_at"),
        url=link(status, "log_url") or link(status, "target_url") or link(payload, "repository", "html_url"),
        attributes={"event": "deployment_status", "conclusion": state, "environment": environment},
        facts={"environment": environment},
    )


def read_release(payload: Any) -> Reading:
    """A release that was out and is not any more."""
    release, action = part(payload, "release"), word(payload, "action")
    if action != "unpublished":
        return Ignored(f"a release that is {action or 'without action'} is no failure")
    return observed(
        payload,
        kinds.DELIVERY_FAILED,
        Severity(NEUTRAL),
        thing="A release",
        state="was taken back",
        at=moment(release, "updated_at"),
        url=link(release, "html_url"),
        attributes={"event": "release", "conclusion": action},
    )


def read_dequeued(payload: Any) -> Reading:
    """A change that the merge queue threw out. A person who takes it out says nothing about it."""
    pull, reason = part(payload, "pull_request"), word(payload, "reason")
    severity = _THROWN_OUT.get(reason)
    if severity is None:
        return Ignored("a change that left the merge queue without having failed there is no failure")
    return observed(
        payload,
        kinds.DELIVERY_FAILED,
        Severity(severity),
        thing="A change",
        state="was thrown out of the merge queue",
        at=moment(pull, "updated_at"),
        url=link(pull, "html_url"),
        attributes={"event": "pull_request", "conclusion": reason},
    )


_THROWN_OUT = {
    **dict.fromkeys(("ci_failure", "merge_conflict", "git_tree_invalid", "invalid_merge_commit"), NEUTRAL),
    "ci_timeout": _TIMED_OUT,
}


class _End(NamedTuple):
    """How something ended that runs by itself."""

    thing: str
    conclusion: str
    branch: str
    at: datetime | None
    url: str | None
    attempt: int = 1


def _why_it_did_not_fail(payload: Any, thing: str, conclusion: str) -> str | None:
    """Why what runs and has an end is no failure; None when it is one."""
    if word(payload, "action") != "completed":
        return f"{thing.lower()} that has not ended says nothing yet"
    return _why_no_failure(thing, conclusion)


def _why_no_failure(thing: str, conclusion: str) -> str | None:
    if conclusion in _BAD_ENDS:
        return None
    return f"{thing.lower()} that ended as {conclusion or 'nothing known'} is no failure"


def _failed(payload: Any, end: _End) -> Mapped:
    was_retried = end.attempt > 1
    more = (_ON_DEFAULT_BRANCH if end.branch == DEFAULT_BRANCH else 0) + (_AFTER_RETRIES if was_retried else 0)
    state = "timed out" if end.conclusion == "timed_out" else "failed"
    return observed(
        payload,
        kinds.DELIVERY_FAILED,
        Severity(_BAD_ENDS[end.conclusion]).raised_by(more),
        thing=end.thing,
        state=f"{state} again" if was_retried else state,
        at=end.at,
        url=end.url,
        attributes={"conclusion": end.conclusion, "branch": end.branch},
    )
