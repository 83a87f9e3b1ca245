"""Pipelines, jobs and deployments that end badly."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.environments import is_production
from kinetic.ingestion.connectors.gitlab.project import is_default_branch, page_of, place_of, project_facts, time_in
from kinetic.ingestion.connectors.observing import observe
from kinetic.ingestion.connectors.payloads import email, identifier, link, number, part, text, whole, word
from kinetic.ingestion.connectors.protocol import Ignored, Mapped, Reading
from kinetic.ingestion.connectors.severities import NEUTRAL, Severity

_TIMED_OUT = 0.6
_ON_DEFAULT_BRANCH = 0.2
"""Added where everybody's work stops, not one person's."""
_AFTER_RETRIES = 0.1
"""Added when it was tried again and failed again: no accident."""

_TIMEOUTS = frozenset({"job_execution_timeout", "stuck_or_timeout_failure"})
_TIERS = frozenset({"production", "staging", "testing", "development"})
"""Those that say something: everything else is called other."""
_OF_CHANGES = frozenset({"merge_request_event", "external_pull_request_event"})


def read_pipeline(payload: Any) -> Reading:
    """A pipeline, which ends as its jobs do. That of a change does not run on the default branch, whatever its branch is called."""
    pipeline = part(payload, "object_attributes")
    status = word(pipeline, "status")
    if status != "failed":
        return Ignored(f"a pipeline that is {status or 'without status'} is no failure")
    is_own = pipeline.get("tag") is not True and word(pipeline, "source") not in _OF_CHANGES
    is_default = is_own and is_default_branch(payload, text(pipeline, "ref"))
    return _failed(
        payload,
        "A pipeline",
        Severity(NEUTRAL).raised_by(_ON_DEFAULT_BRANCH if is_default else 0),
        at=time_in(pipeline, "finished_at"),
        url=link(pipeline, "url") or page_of(payload, "pipelines", identifier(pipeline, "id")),
        attributes={"branch": "default" if is_default else "other"},
    )


def read_job(payload: Any) -> Reading:
    """A job of a pipeline, for those who subscribe to jobs and not to pipelines."""
    status = word(payload, "build_status")
    if status != "failed":
        return Ignored(f"a job that is {status or 'without status'} is no failure")
    if whole(payload).get("build_allow_failure") is True:
        return Ignored("a job that may fail is no failure")
    timed_out = word(payload, "build_failure_reason") in _TIMEOUTS
    is_default = is_default_branch(payload, text(payload, "ref")) and whole(payload).get("tag") is not True
    was_retried = (number(payload, "retries_count") or 0) > 0
    more = (_ON_DEFAULT_BRANCH if is_default else 0) + (_AFTER_RETRIES if was_retried else 0)
    return _failed(
        payload,
        "A job",
        Severity(_TIMED_OUT if timed_out else NEUTRAL).raised_by(more),
        at=time_in(payload, "build_finished_at"),
        url=page_of(payload, "jobs", identifier(payload, "build_id")),
        state=f"{'timed out' if timed_out else 'failed'}{' again' if was_retried else ''}",
        environment=text(payload, "environment", "name"),
        attributes={"branch": "default" if is_default else "other"},
    )


def read_deployment(payload: Any) -> Reading:
    """A deployment. Production is what the tier of the environment calls so, or the name where the tier says nothing."""
    status, environment = word(payload, "status"), text(payload, "environment")
    if status != "failed":
        return Ignored(f"a deployment that is {status or 'without status'} is no failure")
    tier = word(payload, "environment_tier")
    in_production = tier == "production" if tier in _TIERS else is_production(environment)
    return _failed(
        payload,
        "A deployment to production" if in_production else "A deployment",
        Severity(0.9 if in_production else NEUTRAL),
        at=time_in(payload, "status_changed_at"),
        url=link(payload, "deployable_url") or link(payload, "project", "web_url"),
        environment=environment,
        attributes={"environment": environment},
    )


def _failed(
    payload: Any,
    thing: str,
    severity: Severity,
    *,
    at: datetime | None,
    url: str | None,
    attributes: dict[str, str | None],
    state: str = "failed",
    environment: str | None = None,
) -> Mapped:
    facts = project_facts(payload)
    failure = observe(
        kinds.DELIVERY_FAILED,
        severity,
        place=place_of(payload),
        thing=thing,
        state=state,
        at=at,
        url=url,
        facts={**facts, "environment": environment, "person": email(payload, "user", "email")},
        attributes={"repository": facts["repository"], "state": state, **attributes},
    )
    return Mapped((failure,))
