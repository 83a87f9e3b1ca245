from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from kinetic.embedded import KafkaJars
from kinetic.embedded.processes import end_all_in

Up = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def up(data_folder: Path, jars: KafkaJars) -> Iterator[Up]:
    """Starts the command line on the data folder, as another program would."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "kinetic.embedded", "up", "--folder", str(data_folder)]
        program = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        started.append(program)
        return program

    yield start
    for program in started:
        program.kill()
        program.wait()


def working_in(folder: Path) -> list[psutil.Process]:
    """All living processes that work in the folder or below."""
    found = []
    for process in psutil.process_iter(["status"]):
        with suppress(psutil.Error):
            if process.info["status"] != psutil.STATUS_ZOMBIE and Path(process.cwd()).is_relative_to(folder):
                found.append(process)
    return found


def none_working_in(folder: Path, within_seconds: float) -> bool:
    deadline = time.monotonic() + within_seconds
    while working_in(folder):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_up_prints_both_addresses_and_stops_in_order_when_the_terminal_interrupts(up: Up, data_folder: Path) -> None:
    program = up()
    assert program.stdout is not None
    addresses = json.loads(program.stdout.readline())

    os.killpg(program.pid, signal.SIGINT)  # as a terminal does: the whole foreground group

    _, said = program.communicate(timeout=60)
    assert program.returncode == 0, said
    assert set(addresses) == {"bootstrap_servers", "dsn"}
    assert working_in(data_folder) == []
    assert "database system is shut down" in (data_folder / "postgres.log").read_text()
    assert (data_folder / "kafka" / "log" / ".kafka_cleanshutdown").is_file()


def test_servers_die_with_a_parent_that_is_killed_and_start_again_afterwards(up: Up, data_folder: Path) -> None:
    program = up()
    assert program.stdout is not None
    program.stdout.readline()
    assert working_in(data_folder)

    program.kill()

    assert none_working_in(data_folder, within_seconds=5)
    again = up()
    assert again.stdout is not None
    assert again.stdout.readline().startswith("{")


@pytest.mark.parametrize("after_seconds", [0.4, 0.9])
def test_an_interrupt_while_starting_leaves_nothing_behind(up: Up, data_folder: Path, after_seconds: float) -> None:
    program = up()
    time.sleep(after_seconds)

    program.terminate()

    program.communicate(timeout=20)
    assert working_in(data_folder) == []


def test_up_tells_a_failure_in_one_line(up: Up, data_folder: Path) -> None:
    data_folder.parent.joinpath("data").write_text("a file, not a folder")

    _, said = up().communicate(timeout=20)

    assert said.count("\n") == 1
    assert str(data_folder) in said


def test_only_a_stale_process_of_the_same_folder_and_program_is_ended(tmp_path: Path) -> None:
    sleep = shutil.which("sleep")
    assert sleep is not None
    ours, other = tmp_path / "ours", tmp_path / "other"
    for folder in (ours, other):
        folder.mkdir()
    program = tmp_path / "postgres"
    shutil.copy(sleep, program)
    stale = subprocess.Popen([program, "60"], cwd=ours)
    elsewhere = subprocess.Popen([program, "60"], cwd=other)
    a_shell = subprocess.Popen([sleep, "60"], cwd=ours)

    end_all_in(ours, "postgres")

    assert stale.wait(1) == -signal.SIGKILL
    for spared in (elsewhere, a_shell):
        assert spared.poll() is None
        spared.kill()
        spared.wait()
