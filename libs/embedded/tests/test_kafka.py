from __future__ import annotations

import os
import signal
import uuid

import pytest
from aiokafka.errors import KafkaError

from kinetic.embedded import NotRunning, Stack
from tests.support.embedded_clients import create_topic, produce, read, read_as_group


@pytest.fixture
def topic(stack: Stack) -> str:
    name = f"topic-{uuid.uuid4()}"
    create_topic(stack.kafka.bootstrap_servers, name)
    return name


def test_kafka_keeps_acknowledged_records_after_kill(stack: Stack, topic: str) -> None:
    produce(stack.kafka.bootstrap_servers, topic, b"before")

    stack.kafka.kill()
    stack.kafka.start()

    assert produce(stack.kafka.bootstrap_servers, topic, b"after") == [1]
    assert read(stack.kafka.bootstrap_servers, topic, 2) == [b"before", b"after"]


def test_kafka_keeps_records_and_group_offsets_after_stop(stack: Stack, topic: str) -> None:
    produce(stack.kafka.bootstrap_servers, topic, b"first", b"second")
    read_as_group(stack.kafka.bootstrap_servers, topic, group=topic, count=1)

    stack.kafka.stop()
    stack.kafka.start()

    assert read_as_group(stack.kafka.bootstrap_servers, topic, group=topic, count=1) == [b"second"]


def test_kafka_starts_again_after_a_kill_from_outside(stack: Stack, topic: str) -> None:
    produce(stack.kafka.bootstrap_servers, topic, b"before")
    killed = stack.kafka.pid
    os.kill(killed, signal.SIGKILL)
    while stack.kafka.running:
        pass

    stack.kafka.start()

    assert stack.kafka.pid != killed
    assert produce(stack.kafka.bootstrap_servers, topic, b"after") == [1]


def test_start_leaves_a_running_kafka_alone(stack: Stack) -> None:
    running = stack.kafka.pid

    stack.kafka.start()

    assert stack.kafka.pid == running


def test_a_stopped_kafka_has_no_pid(stack: Stack) -> None:
    stack.kafka.stop()

    with pytest.raises(NotRunning):
        _ = stack.kafka.pid


def test_kafka_does_not_create_topics_by_itself(stack: Stack) -> None:
    with pytest.raises(KafkaError):
        produce(stack.kafka.bootstrap_servers, f"never-created-{uuid.uuid4()}", b"lost", timeout_ms=1_000)
