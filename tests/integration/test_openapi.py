"""Every service answers whatever its OpenAPI document allows, and whatever it does not, as the document says. Never a 5xx."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from tests.chaos.company import Company
from tests.support.cluster import SERVICES, Cluster, Layout, running_cluster

COMPANY = Company(teams=1)
EXAMPLES = 20
EVERY_ROLE = ("manager", "learning", "admin")
# Doors that are not set up answer 503.
SET_UP = {
    "KINETIC_SLACK_SIGNING_SECRETS": "secret",
    **{f"KINETIC_TEAMS_{name}": "x" for name in ("APP_ID", "APP_SECRET", "TENANT_ID")},
}
# Rules between fields, and between a document and what is stored, are not in a JSON Schema.
BUSINESS_RULES = [positive_data_acceptance, negative_data_rejection]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("openapi") / "run", Layout(environment=SET_UP)) as cluster:
        admin = cluster.bearer("admin@chaos.example", "admin")
        ingestion, skill_gap = (cluster.doors(name)[0] for name in ("ingestion", "skill-gap"))
        httpx.put(f"{ingestion}/directory", json=COMPANY.directory(), headers=admin, timeout=30).raise_for_status()
        httpx.put(
            f"{skill_gap}/capabilities", json=COMPANY.capabilities(), headers=admin, timeout=30
        ).raise_for_status()
        yield cluster


@pytest.mark.parametrize("service", SERVICES)
def test_every_answer_is_as_documented(cluster: Cluster, service: str) -> None:
    schema = schemathesis.openapi.from_url(f"{cluster.doors(service)[0]}/openapi.json")
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]
        tried = sum(_try(cluster, operation, mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE))
        assert tried >= 1, f"nothing was tried at {operation.label}"


def _try(cluster: Cluster, operation: Any, mode: GenerationMode) -> int:
    """Call the operation with generated requests; how many. None when nothing about it can be wrong."""
    roles = ("service",) if operation.path == "/events" else EVERY_ROLE
    headers = cluster.bearer(COMPANY.manager_of("team-0"), *roles)
    tried = 0

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        nonlocal tried
        tried += 1
        case.call_and_validate(headers=headers, excluded_checks=BUSINESS_RULES, timeout=20)

    with suppress(Unsatisfiable):
        check()
    return tried
