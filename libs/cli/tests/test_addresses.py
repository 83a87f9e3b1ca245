"""Addresses: what is told goes before the running example, and that before the default ports."""

from __future__ import annotations

from pathlib import Path

import pytest

from kinetic.cli import addresses
from kinetic.cli.addresses import DEFAULT_PORTS, Addresses, known_addresses
from kinetic.cli.clone import run_folder


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(addresses, "find_clone", lambda: tmp_path)
    run_folder(tmp_path).mkdir(parents=True)
    return tmp_path


def test_without_a_running_example_the_default_ports_are_known(clone: Path) -> None:
    assert known_addresses() == Addresses.at(DEFAULT_PORTS, run_folder(clone) / "issuer")
    assert known_addresses().services["skill-gap"] == "http://127.0.0.1:8102"


def test_the_running_example_tells_its_addresses(clone: Path) -> None:
    running = Addresses.at({name: port + 5000 for name, port in DEFAULT_PORTS.items()}, clone / "keys")
    running.write(run_folder(clone))

    assert known_addresses() == running


def test_a_torn_file_of_addresses_counts_as_none(clone: Path) -> None:
    (run_folder(clone) / "addresses.json").write_text('{"kafka": ')

    assert known_addresses().kafka == "127.0.0.1:19092"


def test_what_is_told_goes_before_what_is_known() -> None:
    told = Addresses.at(DEFAULT_PORTS).changed(
        kafka="broker:9092", issuer=None, services={"feedback": "https://feedback.example/", "ingestion": None}
    )

    assert told.kafka == "broker:9092"
    assert told.issuer == "http://127.0.0.1:8100"
    assert told.services["feedback"] == "https://feedback.example"
    assert told.services["ingestion"] == "http://127.0.0.1:8101"
