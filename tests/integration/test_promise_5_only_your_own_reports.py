"""Promise 5 across services: a change of the directory reaches everybody, and a silent directory stops everybody."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.chaos.company import Company
from tests.support.cluster import Cluster, Layout, running_cluster

COMPANY = Company(teams=2)
PROJECTIONS = ("skill-gap", "recommendation", "assignment", "feedback")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("promise-5") / "run", Layout()) as cluster:
        put(cluster, "ingestion", "directory", COMPANY.directory())
        put(cluster, "ingestion", "catalogue", COMPANY.catalogue())
        put(cluster, "skill-gap", "capabilities", COMPANY.capabilities())
        put(cluster, "recommendation", "policy", COMPANY.policy())
        press(cluster, "team-0")
        yield cluster


def put(cluster: Cluster, service: str, path: str, document: Any) -> None:
    headers = cluster.bearer("admin@chaos.example", "admin")
    url = f"{cluster.doors(service)[0]}/{path}"
    httpx.put(url, json=document, headers=headers, timeout=30).raise_for_status()


def press(cluster: Cluster, team: str) -> None:
    headers = {**cluster.bearer("tool@chaos.example", "service"), "Content-Type": "application/cloudevents+json"}
    for number in range(2):
        event = {
            "specversion": "1.0",
            "id": f"{team}-{number}",
            "source": "/test",
            "type": "kinetic.signal.report.v1",
            "data": {
                "kind": "delivery.failed",
                "team": team,
                "severity": 1.0,
                "summary": "Deployment failed",
                "occurred_at": "2026-11-24T09:00:00Z",
            },
        }
        url = f"{cluster.doors('ingestion')[0]}/events"
        httpx.post(url, json=event, headers=headers, timeout=30).raise_for_status()


def until(check: Callable[[], Any], seconds: float = 60.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.1)
    return found


def inbox(cluster: Cluster, team: str) -> list[dict[str, Any]]:
    headers = cluster.bearer(COMPANY.manager_of(team), "manager")
    answer = httpx.get(f"{cluster.doors('recommendation')[0]}/inbox", headers=headers, timeout=30)
    cards: list[dict[str, Any]] = answer.json() if answer.status_code == 200 else []
    return cards


def click(cluster: Cluster, team: str, card: dict[str, Any]) -> httpx.Response:
    headers = cluster.bearer(COMPANY.manager_of(team), "manager")
    url = f"{cluster.doors('recommendation')[0]}/nudges/{card['nudge_id']}/assign"
    return httpx.post(url, json={"version": card["version"]}, headers=headers, timeout=30)


def test_a_foreign_manager_sees_no_nudge_and_their_click_is_404(cluster: Cluster) -> None:
    (card,) = until(lambda: inbox(cluster, "team-0"))
    assert inbox(cluster, "team-1") == []
    assert click(cluster, "team-1", card).status_code == 404


def test_a_silent_directory_answers_503_instead_of_guessing_and_acting_resumes(cluster: Cluster) -> None:
    """Ingestion, which alone tells the heartbeat, is gone for more than a minute."""
    (card,) = until(lambda: inbox(cluster, "team-0"))
    ingestion = next(replica for replica in cluster.replicas if replica.name == "ingestion")
    ingestion.kill()
    answer = until(lambda: (a := click(cluster, "team-1", card)).status_code == 503 and a, seconds=90)
    assert answer.headers["Retry-After"].isdigit()
    ingestion.start()
    ingestion.wait_ready()
    assert until(lambda: click(cluster, "team-0", card).status_code == 200)


def test_a_person_who_moves_within_the_undo_window_is_refused(cluster: Cluster) -> None:
    """Accepted for the former manager; checked again before the request leaves."""
    press(cluster, "team-1")
    (card,) = until(lambda: inbox(cluster, "team-1"))
    assert click(cluster, "team-1", card).status_code == 200
    document = COMPANY.directory()
    for person in document["people"]:
        if person["email"].startswith("team-1.0@"):
            person["manager"], person["team"] = COMPANY.manager_of("team-0"), "team-0"
    put(cluster, "ingestion", "directory", document)
    mine = cluster.bearer(COMPANY.manager_of("team-1"), "manager")

    def left_out() -> list[str]:
        url = f"{cluster.doors('recommendation')[0]}/nudges/{card['nudge_id']}"
        outcome = httpx.get(url, headers=mine, timeout=30).json()["outcome"]
        return [one["reason"] for one in outcome["left_out"]]

    def requested() -> int:
        url = f"{cluster.doors('assignment')[0]}/assignments?nudge_id={card['nudge_id']}"
        return sum(one["was_requested"] for one in httpx.get(url, headers=mine, timeout=30).json())

    assert until(left_out) == ["not_a_report"]
    assert until(requested) == 1
