"""`kinetic doctor` finds nothing wrong with a healthy installation, and names what somebody breaks."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from kinetic.cli.launch import ServiceProcess
from kinetic.common.topic_admin import ensure_topics
from kinetic.contracts import topics
from kinetic.embedded import free_ports
from tests.chaos.company import Company
from tests.support.cluster import Cluster, Layout, running_cluster
from tests.support.embedded_clients import query

COMPANY = Company(teams=1)
ADMIN = (COMPANY.manager_of("team-0"), "admin")
LATE = "directory in each service"
ALL_TOPICS = [each for topic in topics.ALL for each in (topic, topic.dead)]

Findings = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("doctor") / "run", Layout()) as cluster:
        for service, path, document in (
            ("ingestion", "directory", COMPANY.directory()),
            ("ingestion", "catalogue", COMPANY.catalogue()),
            ("skill-gap", "capabilities", COMPANY.capabilities()),
        ):
            answer = httpx.put(
                f"{cluster.doors(service)[0]}/{path}", json=document, headers=cluster.bearer(*ADMIN), timeout=30
            )
            answer.raise_for_status()
        until_well(cluster)
        yield cluster


def told(cluster: Cluster, *arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
    """What the command says, as somebody runs it in a shell of their own."""
    urls = {f"KINETIC_{replica.name.upper().replace('-', '_')}_URL": replica.url for replica in cluster.replicas}
    environment = {
        "KINETIC_KAFKA": cluster.stack.kafka.bootstrap_servers,
        "KINETIC_POSTGRES": cluster.stack.postgres.dsn,
        "KINETIC_ISSUER": cluster.issuer.url,
        "KINETIC_TOKEN": cluster.token(*ADMIN),
        **urls,
        **changed,
    }
    return subprocess.run(
        [sys.executable, "-m", "kinetic.cli", "doctor", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def examined(cluster: Cluster, exit_code: int, **changed: str) -> Findings:
    """All findings by their names, once the command has ended as expected."""
    ended = told(cluster, "--json", **changed)
    assert ended.returncode == exit_code, ended.stdout + ended.stderr
    return {finding["name"]: finding for finding in json.loads(ended.stdout)}


def wrong_in(findings: Findings) -> set[str]:
    return {name for name, finding in findings.items() if finding["state"] == "wrong"}


def until_well(cluster: Cluster, seconds: float = 90.0) -> None:
    deadline = time.monotonic() + seconds
    while (ended := told(cluster)).returncode != 0:
        assert time.monotonic() < deadline, ended.stdout + ended.stderr
        time.sleep(1)


def test_healthy_installation_has_nothing_wrong_and_no_secret_is_told(cluster: Cluster) -> None:
    ended = told(cluster)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    password = urlsplit(cluster.stack.postgres.dsn).password
    assert password
    assert password not in ended.stdout + ended.stderr
    assert "eyJ" not in ended.stdout + ended.stderr

    findings = examined(cluster, 0)
    checked = {"Kafka", "topics", "consumer groups", "directory", "catalogue", "capability map", "Postgres", "schemas"}
    checked |= {"Postgres durability", "secret keys", "issuer keys", "token", "access", "clocks"}
    checked |= {replica.name for replica in cluster.replicas}
    assert {name: findings[name]["state"] for name in checked} == dict.fromkeys(checked, "ok")
    assert "version" in findings["feedback"]["detail"]


def test_without_a_token_and_postgres_the_rest_is_checked(cluster: Cluster) -> None:
    findings = examined(cluster, 0, KINETIC_TOKEN="", KINETIC_POSTGRES="")
    skipped = {name for name, finding in findings.items() if finding["state"] == "skipped"}
    assert skipped == {"Postgres", "access"}


def test_topic_with_other_settings_is_named(cluster: Cluster) -> None:
    signals = next(topic for topic in ALL_TOPICS if topic.name == topics.SIGNALS)
    changed = {**signals.settings, "retention.ms": "1000"}
    resource = ConfigResource(ConfigResourceType.TOPIC, signals.name, configs=changed)
    asyncio.run(administer(cluster, lambda admin: admin.alter_configs([resource])))
    try:
        findings = examined(cluster, 1)
        assert wrong_in(findings) == {f"topic {topics.SIGNALS}"}
        assert "retention.ms is 1000" in findings[f"topic {topics.SIGNALS}"]["detail"]
    finally:
        create_topics(cluster)


def test_topic_that_is_gone_is_named(cluster: Cluster) -> None:
    gone = f"{topics.FEEDBACK}.dead"
    asyncio.run(administer(cluster, lambda admin: admin.delete_topics([gone])))
    try:
        findings = examined(cluster, 1)
        assert wrong_in(findings) == {f"topic {gone}"}
        assert findings[f"topic {gone}"]["detail"] == "does not exist"
    finally:
        create_topics(cluster)


def test_service_that_is_stopped_is_named_with_what_nobody_reads(cluster: Cluster) -> None:
    replica = next(replica for replica in cluster.replicas if replica.name == "feedback")
    replica.stop()
    try:
        findings = examined(cluster, 1)
        assert {"feedback", "feedback reads"} <= wrong_in(findings) <= {"feedback", "feedback reads", LATE}
        assert "nobody reads" in findings["feedback reads"]["detail"]
        assert findings["assignment"]["state"] == "ok"
    finally:
        replica.start()
        replica.wait_ready()
        until_well(cluster)


def test_schema_that_is_not_migrated_is_named(cluster: Cluster) -> None:
    dsn = cluster.stack.postgres.dsn
    ((version,),) = query(dsn, "SELECT version_num FROM feedback.alembic_version WHERE version_num LIKE 'feedback%'")
    query(dsn, f"DELETE FROM feedback.alembic_version WHERE version_num = '{version}'", "SELECT 1")
    try:
        findings = examined(cluster, 1)
        assert wrong_in(findings) == {"schema feedback"}
        assert version in findings["schema feedback"]["detail"]
    finally:
        query(dsn, f"INSERT INTO feedback.alembic_version VALUES ('{version}')", "SELECT 1")


def test_postgres_whose_commits_do_not_wait_for_the_disk_is_wrong(cluster: Cluster) -> None:
    dsn = cluster.stack.postgres.dsn
    query(dsn, "ALTER DATABASE kinetic SET synchronous_commit = off", "SELECT 1")
    try:
        assert wrong_in(examined(cluster, 1)) == {"Postgres durability"}
    finally:
        query(dsn, "ALTER DATABASE kinetic RESET synchronous_commit", "SELECT 1")


def test_what_is_left_lying_is_named(cluster: Cluster) -> None:
    dsn = cluster.stack.postgres.dsn
    query(
        dsn,
        """INSERT INTO feedback.dead_letter (dead_letter_id, origin, topic, headers, cause)
           VALUES (gen_random_uuid(), 'a/0/1', 'kinetic.nudges', '{}', 'tried')""",
        """INSERT INTO feedback.waiting (event_id, topic, key, headers, value, waits_for, since)
           VALUES (gen_random_uuid(), 'kinetic.nudges', 'k', '{}', '', 'team/x', now() - interval '5 hours')""",
        "INSERT INTO feedback.inbox (event_id, handled_at) VALUES (gen_random_uuid(), now() - interval '16 days')",
        "SELECT 1",
    )
    try:
        findings = examined(cluster, 0)
        named = {"dead letters": "feedback 1", "waiting events": "feedback (1)", "inbox of feedback": "14 days"}
        assert {findings[name]["state"] for name in named} == {"warning"}
        assert all(part in findings[name]["detail"] for name, part in named.items())
        by_http = examined(cluster, 0, KINETIC_POSTGRES="")
        assert {by_http[name]["state"] for name in ("dead letters", "waiting events")} == {"warning"}
    finally:
        query(dsn, "TRUNCATE feedback.dead_letter, feedback.waiting", "SELECT 1")


def test_group_that_stands_still_is_named(cluster: Cluster) -> None:
    """A table that the handler needs is locked: records wait and nobody takes them."""
    with locked(cluster, "assignment.inbox"):
        findings = examined(cluster, 1, KINETIC_POSTGRES="")
    assert "stands still" in findings["assignment reads"]["detail"]
    assert topics.DIRECTORY in findings["assignment reads"]["detail"]
    until_well(cluster)


def test_ingestion_without_keys_for_secrets_is_named(cluster: Cluster) -> None:
    (port,) = free_ports(1)
    original = next(replica for replica in cluster.replicas if replica.name == "ingestion")
    environment = {**original.environment, "KINETIC_SECRET_KEYS": ""}
    keyless = ServiceProcess("ingestion", port, environment, cluster.folder / "logs", label="ingestion-keyless")
    made = httpx.post(
        f"{original.url}/integrations",
        json={"tool": "github", "name": "sealed"},
        headers=cluster.bearer(*ADMIN),
        timeout=30,
    )
    integration_id = made.raise_for_status().json()["integration_id"]
    keyless.start()
    try:
        keyless.wait_ready()
        findings = examined(cluster, 1, KINETIC_INGESTION_URL=keyless.url)
        assert wrong_in(findings) == {"secret keys", "secrets of integrations"}
        assert "sealed" in findings["secrets of integrations"]["detail"]
    finally:
        keyless.stop()
        httpx.delete(f"{original.url}/integrations/{integration_id}", headers=cluster.bearer(*ADMIN), timeout=30)


def test_integration_whose_webhooks_are_refused_is_named(cluster: Cluster) -> None:
    url, headers = cluster.doors("ingestion")[0], cluster.bearer(*ADMIN)
    body = {"tool": "github", "name": "refused-one"}
    made = httpx.post(f"{url}/integrations", json=body, headers=headers, timeout=30).raise_for_status().json()
    answer = httpx.post(f"{url}{made['path']}", json={}, headers={"X-Hub-Signature-256": "sha256=00"}, timeout=30)
    assert answer.status_code == 401
    time.sleep(2)  # until the journal is written
    try:
        findings = examined(cluster, 1)
        assert wrong_in(findings) == {"integration refused-one"}
    finally:
        httpx.delete(f"{url}/integrations/{made['integration_id']}", headers=headers, timeout=30)


def test_token_for_another_audience_is_told(cluster: Cluster) -> None:
    findings = examined(cluster, 1, KINETIC_AUDIENCE="else")
    assert wrong_in(findings) == {"token"}
    assert "`aud` is kinetic, not else" in findings["token"]["detail"]


async def administer(cluster: Cluster, act: Any) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.stack.kafka.bootstrap_servers)
    await admin.start()
    try:
        await act(admin)
    finally:
        await admin.close()


def create_topics(cluster: Cluster) -> None:
    asyncio.run(ensure_topics(cluster.stack.kafka.bootstrap_servers, ALL_TOPICS, 1, 1))


@contextmanager
def locked(cluster: Cluster, table: str) -> Iterator[None]:
    """Nobody else reads or writes a table while the block runs."""
    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(asyncpg.connect(cluster.stack.postgres.dsn))
    try:
        loop.run_until_complete(connection.execute(f"BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        time.sleep(6)  # a heartbeat of the directory comes
        yield
    finally:
        loop.run_until_complete(connection.close())
        loop.close()
