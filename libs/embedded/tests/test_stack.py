from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from kinetic.embedded import FolderInUse, PortTaken, Stack, ensure_free, free_ports
from tests.support.embedded_clients import create_topic, produce, query, read


def test_a_folder_started_again_has_its_data_on_the_wanted_ports_and_leaves_them_free(data_folder: Path) -> None:
    with Stack.start(data_folder) as stack:
        create_topic(stack.kafka.bootstrap_servers, "kept")
        produce(stack.kafka.bootstrap_servers, "kept", b"record")
        query(stack.postgres.dsn, "CREATE TABLE kept AS SELECT 7 AS n")
    created = identities(data_folder)
    assert created[0]

    kafka_port, controller_port, postgres_port = free_ports(3)
    with Stack.start(
        data_folder, kafka_port=kafka_port, controller_port=controller_port, postgres_port=postgres_port
    ) as stack:
        assert stack.kafka.bootstrap_servers == f"127.0.0.1:{kafka_port}"
        assert read(stack.kafka.bootstrap_servers, "kept", 1) == [b"record"]
        assert query(stack.postgres.dsn, "SELECT n FROM kept") == [(7,)]
    assert identities(data_folder) == created
    for port in (kafka_port, controller_port, postgres_port):
        ensure_free(port)


def identities(data_folder: Path) -> tuple[list[str], int]:
    """What creating the servers' data folders decides, and nothing afterwards changes."""
    settings = (data_folder / "kafka" / "log" / "meta.properties").read_text().splitlines()
    cluster = [line for line in settings if line.startswith("cluster.id=")]
    return cluster, (data_folder / "postgres" / "PG_VERSION").stat().st_ino


def test_a_folder_serves_one_stack_at_a_time(stack: Stack) -> None:
    with pytest.raises(FolderInUse, match="is in use by process"):
        Stack.start(stack.kafka.log_file.parent)


def test_a_wanted_port_that_is_taken_is_named_and_nothing_stays_behind(stack: Stack, data_folder: Path) -> None:
    taken = int(stack.postgres.dsn.rpartition(":")[2].partition("/")[0])
    [kafka_port] = free_ports(1)

    with pytest.raises(PortTaken, match=f"Postgres' port {taken} is taken by process {stack.postgres.pid}"):
        Stack.start(data_folder, kafka_port=kafka_port, postgres_port=taken)

    ensure_free(kafka_port)


def test_servers_outlive_the_thread_that_started_them(stack: Stack) -> None:
    stack.kafka.stop()
    stack.postgres.stop()
    for server in (stack.kafka, stack.postgres):
        starter = threading.Thread(target=server.start)
        starter.start()
        starter.join()

    time.sleep(0.3)

    assert stack.kafka.running
    assert stack.postgres.running
