"""Builds, pipelines and deployments that end badly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.azuredevops.project import happened_at, person_in, place_of, project_of
from kinetic.ingestion.connectors.environments import is_production
from kinetic.ingestion.connectors.observing import observe
from kinetic.ingestion.connectors.payloads import identifier, link, moment, number, part, parts, text, word
from kinetic.ingestion.connectors.protocol import Ignored, Mapped, Reading
from kinetic.ingestion.connectors.severities import Severity

_BAD_ENDS = {"failed": 0.5, "rejected": 0.5, "partiallysucceeded": 0.3}
_ON_DEFAULT_BRANCH = 0.2
"""Added where everybody's work stops, not one person's."""
_AFTER_RETRIES = 0.1
"""Added when it was tried again and failed again: no accident."""
_TO_PRODUCTION = 0.9

_DEFAULT_BRANCHES = frozenset(("refs/heads/main", "refs/heads/master", "refs/heads/trunk"))
_LENGTH_OF_AN_ID = 36
_UNNAMED = "__default"
"""How a pipeline calls the only stage of one that has no stages."""


def read_build(payload: Any) -> Reading:
    """A build. Older payloads write how it ended as its status, newer ones as its result."""
    build = part(payload, "resource")
    result, branch = word(build, "result") or word(build, "status"), text(build, "sourceBranch")
    requested = next(iter(parts(build, "requests")), None)
    end = _End(
        thing="A build",
        result=result,
        at=happened_at(payload, "finishTime"),
        url=link(part(build, "_links", "web"), "href") or _page_of(build),
        is_default=branch in _DEFAULT_BRANCHES,
        facts={
            "project": project_of(payload, build, part(build, "definition")),
            "pipeline": text(build, "definition", "name"),
            "repository": text(build, "repository", "name"),
            "person": person_in(build, "requestedFor") or person_in(requested, "requestedFor"),
        },
    )
    return _read_end(end)


def _page_of(build: Any) -> str | None:
    """The page of a build whose payload has only the address of its API, if that leads through the project."""
    address, number = link(build, "url"), identifier(build, "id")
    home, is_of_api, _ = (address or "").partition("/_apis/")
    if not is_of_api:
        return address
    leads_through_project = len(home.rpartition("/")[2]) == _LENGTH_OF_AN_ID
    return f"{home}/_build/results?buildId={quote(number, safe='')}" if number and leads_through_project else None


def read_run(payload: Any) -> Reading:
    """A run of a pipeline, which ends as its stages do."""
    run = part(payload, "resource", "run")
    branch = text(part(part(run, "resources", "repositories"), "self"), "refName")
    return _read_state(payload, "A pipeline run", run, is_default=branch in _DEFAULT_BRANCHES)


def read_stage(payload: Any) -> Reading:
    """A stage of a run. One that a person turned down has not failed."""
    stage = part(payload, "resource", "stage")
    if word(stage, "result") == "rejected":
        return Ignored("a stage that was turned down has not failed")
    name = text(stage, "displayName") or text(stage, "name")
    return _read_state(payload, "A stage", stage, environment=None if name == _UNNAMED else name)


def read_job(payload: Any) -> Reading:
    """A job of a stage. One that a person turned down has not failed."""
    job = part(payload, "resource", "job")
    if word(job, "result") == "rejected":
        return Ignored("a job that was turned down has not failed")
    return _read_state(payload, "A job", job)


def _read_state(
    payload: Any, thing: str, state: Any, *, is_default: bool = False, environment: str | None = None
) -> Reading:
    if word(state, "state") not in ("completed", ""):
        return Ignored(f"{thing.lower()} that has not ended says nothing yet")
    resource, run = part(payload, "resource"), part(payload, "resource", "run")
    end = _End(
        thing=thing,
        result=word(state, "result"),
        at=moment(state, "finishedDate") or moment(state, "finishTime") or moment(payload, "createdDate"),
        url=link(part(state, "_links", "web"), "href") or link(part(run, "_links", "web"), "href"),
        is_default=is_default,
        attempt=number(state, "attempt") or 1,
        facts={
            "project": project_of(payload, resource),
            "pipeline": text(run, "pipeline", "name") or text(resource, "pipeline", "name"),
            "environment": environment,
            "person": person_in(resource, "requestedFor") or person_in(run, "requestedFor"),
        },
    )
    return _read_end(end)


def read_deployment(payload: Any) -> Reading:
    """A deployment of a release to a stage. A failed one is called rejected."""
    resource, deployment = part(payload, "resource"), part(payload, "resource", "deployment")
    stage = part(resource, "environment") or part(deployment, "environment") or part(deployment, "releaseEnvironment")
    release = part(deployment, "release") or part(stage, "release") or part(resource, "release")
    result = word(stage, "status") or word(deployment, "deploymentStatus") or word(deployment, "status")
    definition = part(resource, "release", "releaseDefinition") or part(release, "releaseDefinition")
    end = _End(
        thing="A deployment",
        result=result,
        at=happened_at(payload, "deployment", "completedOn"),
        url=link(part(release, "_links", "web"), "href") or link(part(part(stage, "release"), "_links", "web"), "href"),
        attempt=number(deployment, "attempt") or number(resource, "attemptId") or 1,
        facts={
            "project": project_of(payload, resource, release),
            "pipeline": text(definition, "name") or text(stage, "releaseDefinition", "name"),
            "environment": text(stage, "name") or text(resource, "stageName"),
            "person": person_in(deployment, "requestedFor"),
        },
    )
    return _read_end(end)


class _End(NamedTuple):
    """How something ended that runs by itself."""

    thing: str
    result: str
    at: datetime | None
    url: str | None
    facts: Mapping[str, str | None]
    is_default: bool = False
    attempt: int = 1

    @property
    def is_of_production(self) -> bool:
        """Whether it failed whole, and in an environment that is called production."""
        return self.result != "partiallysucceeded" and is_production(self.facts.get("environment"))

    @property
    def severity(self) -> Severity:
        """How bad that is."""
        more = (_ON_DEFAULT_BRANCH if self.is_default else 0) + (_AFTER_RETRIES if self.attempt > 1 else 0)
        return Severity(_TO_PRODUCTION if self.is_of_production else _BAD_ENDS[self.result]).raised_by(more)


def _read_end(end: _End) -> Reading:
    if end.result not in _BAD_ENDS:
        return Ignored(f"{end.thing.lower()} that ended as {end.result or 'nothing known'} is no failure")
    state = "succeeded only in part" if end.result == "partiallysucceeded" else "failed"
    project, pipeline = end.facts.get("project"), end.facts.get("pipeline")
    failure = observe(
        kinds.DELIVERY_FAILED,
        end.severity,
        place=place_of(project),
        thing="A deployment to production" if end.is_of_production and end.thing == "A deployment" else end.thing,
        state=f"{state} again" if end.attempt > 1 else state,
        at=end.at,
        url=end.url,
        facts=end.facts,
        attributes={"conclusion": end.result, "project": project, "pipeline": pipeline},
    )
    return Mapped((failure,))
