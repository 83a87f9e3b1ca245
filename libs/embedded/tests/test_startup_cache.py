from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from kinetic.embedded import Kafka, KafkaJars, free_ports


@pytest.fixture
def fresh_jars(jars: KafkaJars, tmp_path: Path) -> KafkaJars:
    """Kafka's jars in a cache folder of which nothing has been learned."""
    folder = tmp_path / jars.folder.name
    shutil.copytree(jars.folder, folder)
    return replace(jars, folder=folder)


def test_the_first_run_stopped_in_order_is_learned_from_and_a_broken_cache_does_no_harm(
    fresh_jars: KafkaJars, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-XX:+NoSuchOption")  # what the user has set for other programs is not ours
    told: list[str] = []
    data_folder.mkdir()
    kafka_port, controller_port = free_ports(2)
    kafka = Kafka(data_folder, fresh_jars, kafka_port, controller_port, told.append)

    kafka.start()
    kafka.stop()

    [learned] = fresh_jars.folder.parent.glob("*.aot*")
    assert learned.stat().st_size > 10_000_000
    assert told == ["Stopping Kafka; it writes its start-up cache, once (about 6 s)"]
    assert not list(fresh_jars.folder.parent.glob("*learning*"))

    kafka.start()
    assert f"-XX:AOTCache={learned}" in psutil.Process(kafka.pid).cmdline()
    kafka.stop()

    learned.write_bytes(learned.read_bytes()[:1_000])
    kafka.start()
    kafka.kill()
