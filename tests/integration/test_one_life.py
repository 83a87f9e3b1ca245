"""The journey: a real GitHub webhook becomes a closed gap and a line for the weekly review, in one life and one trace."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaConsumer

from examples.company.player import refreshed
from kinetic.common.events import read_headers
from kinetic.contracts import topics
from tests.chaos.company import Company
from tests.support.cluster import Cluster, Layout, running_cluster

COMPANY = Company(teams=1)
PAYLOAD = "examples/company/payloads/github/workflow_job.completed.failure.json"
TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
STAGES = (
    "kinetic.signal.observed.v1",
    "kinetic.gap.opened.v1",
    "kinetic.nudge.composed.v1",
    "kinetic.nudge.accepted.v1",
    "kinetic.assignment.held.v1",
    "kinetic.assignment.requested.v1",
    "kinetic.assignment.completed.v1",
    "kinetic.reinforcement.requested.v1",
    "kinetic.notice.composed.v1",
)


@dataclass(frozen=True)
class Told:
    """The headers of one record, and its data."""

    headers: dict[str, str]
    data: dict[str, Any]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    documents = {"directory": COMPANY.directory(), "catalogue": COMPANY.catalogue()}
    with running_cluster(tmp_path_factory.mktemp("life") / "run", Layout(), documents) as cluster:
        capabilities = COMPANY.capabilities()
        capabilities["signal_rules"][0]["weight"] = 3.0  # one failed workflow is enough here
        for service, path, document in (
            ("ingestion", "directory", documents["directory"]),
            ("ingestion", "catalogue", documents["catalogue"]),
            ("skill-gap", "capabilities", capabilities),
            ("recommendation", "policy", COMPANY.policy()),
        ):
            call(cluster, service, "PUT", path, document).raise_for_status()
        until(lambda: members_below_their_level(cluster) == COMPANY.members)  # the directory has arrived
        cluster.lms.start()
        yield cluster


def call(cluster: Cluster, service: str, method: str, path: str, body: Any = None) -> httpx.Response:
    headers = cluster.bearer(COMPANY.manager_of("team-0"), "manager", "admin")
    return httpx.request(method, f"{cluster.doors(service)[0]}/{path}", json=body, headers=headers, timeout=30)


def members_below_their_level(cluster: Cluster) -> int:
    """How many of the team skill-gap finds below the level that their role requires."""
    directory = call(cluster, "ingestion", "GET", "directory").raise_for_status().json()
    team_id = directory["teams"][0]["team_id"]
    answer = call(cluster, "skill-gap", "GET", f"teams/{team_id}/competencies")
    return sum(view["below"] or 0 for view in answer.json()["competencies"]) if answer.is_success else 0


def inbox(cluster: Cluster) -> list[dict[str, Any]]:
    answer = call(cluster, "recommendation", "GET", "inbox")
    cards: list[dict[str, Any]] = answer.json() if answer.is_success else []
    return cards


def click(cluster: Cluster, card: dict[str, Any]) -> httpx.Response:
    path = f"nudges/{card['nudge_id']}/assign"
    return call(cluster, "recommendation", "POST", path, {"version": card["version"]})


def deliver_webhook(cluster: Cluster, delivery_id: str) -> httpx.Response:
    """One failed workflow job, as GitHub sends it, under a trace of the sender's."""
    rules = [{"match": {"repository": "*"}, "team": "team-0"}]
    made = call(cluster, "ingestion", "POST", "integrations", {"tool": "github", "name": delivery_id, "rules": rules})
    integration = made.raise_for_status().json()
    with open(PAYLOAD) as file:
        payload = json.dumps(refreshed(json.load(file), datetime.now(UTC))).encode()
    signature = hmac.new(integration["secret"].encode(), payload, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "workflow_job",
        "X-GitHub-Delivery": delivery_id,
        "X-Hub-Signature-256": f"sha256={signature}",
        "traceparent": f"00-{TRACE_ID}-00f067aa0ba902b7-01",
    }
    url = f"{cluster.doors('ingestion')[0]}{integration['path']}"
    return httpx.post(url, content=payload, headers=headers, timeout=30)


def until(check: Callable[[], Any], seconds: float = 60.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.2)
    return found


async def read_everything(cluster: Cluster) -> list[Told]:
    names = [topics.SIGNALS, topics.GAPS, topics.NUDGES, topics.ASSIGNMENTS, topics.LEARNING]
    kafka = cluster.stack.kafka.bootstrap_servers
    consumer = AIOKafkaConsumer(*names, bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        told: list[Told] = []
        while any([await consumer.position(at) < end for at, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                told += [Told(read_headers(record.headers), json.loads(record.value)) for record in records]
        return told
    finally:
        await consumer.stop()


async def test_a_webhook_becomes_an_assignment_in_the_lms_the_gap_closes_and_its_manager_is_asked_to_bring_it_up(
    cluster: Cluster,
) -> None:
    answer = deliver_webhook(cluster, "delivery-1")
    assert answer.status_code == 202
    (signal_id,) = answer.json()["event_ids"]

    (card,) = until(lambda: inbox(cluster))
    until(lambda: click(cluster, card).status_code == 200)  # 503 until the directory's first heartbeat is heard
    until(lambda: [g for g in call(cluster, "skill-gap", "GET", "gaps").json() if g["reason"] == "covered"])
    (notice,) = until(lambda: call(cluster, "recommendation", "GET", "inbox/notices").json())
    assert notice["title"].startswith(f"{COMPANY.members} of {COMPANY.members} people have completed")
    assert notice["url"] == f"/?nudge={card['nudge_id']}"

    everything = await read_everything(cluster)
    life = [told for told in everything if told.headers["ce_correlationid"] == signal_id]
    types = [told.headers["ce_type"] for told in life]
    assert set(STAGES) <= set(types), f"missing: {set(STAGES) - set(types)}"
    assert types.count("kinetic.assignment.requested.v1") == COMPANY.members
    assert types.count("kinetic.notice.composed.v1") == 1

    traces = {told.headers["ce_type"]: told.headers["traceparent"].split("-")[1] for told in life}
    assert {traces[stage] for stage in STAGES} == {TRACE_ID}

    ids = {told.headers["ce_id"] for told in everything}
    causes = {told.headers["ce_type"]: told.headers.get("ce_causationid") for told in life}
    assert all(causes[stage] in ids for stage in STAGES[1:])
