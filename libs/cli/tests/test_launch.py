"""Processes of the example: ready, dead, stopped."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import psutil
import pytest

from kinetic.cli.errors import ChildDied
from kinetic.cli.launch import ServiceProcess, stop_all, tail
from kinetic.embedded import free_ports


def server(folder: Path) -> ServiceProcess:
    """Something that answers HTTP."""
    port = free_ports(1)[0]
    argv = (sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder))
    return ServiceProcess("files", port, {}, folder / "logs", argv, "/")


def program(folder: Path, code: str) -> ServiceProcess:
    """Something that runs `code`."""
    return ServiceProcess("program", 1, {"GIVEN": "told"}, folder / "logs", (sys.executable, "-c", code))


def test_a_server_becomes_ready_and_is_gone_when_stopped(tmp_path: Path) -> None:
    files = server(tmp_path)
    files.start()
    try:
        files.wait_ready()
        pid = files.pid
        files.start()
        assert files.pid == pid
    finally:
        stop_all([files])

    assert pid is not None
    assert not psutil.pid_exists(pid)


def test_a_killed_server_can_be_started_again(tmp_path: Path) -> None:
    files = server(tmp_path)
    files.start()
    try:
        files.wait_ready()
        files.kill()
        assert files.pid is None
        files.start()
        files.wait_ready()
    finally:
        files.kill()


def test_a_child_that_dies_is_told_with_the_tail_of_its_log(tmp_path: Path) -> None:
    child = program(tmp_path, "import os; print('first'); raise SystemExit('no ' + os.environ['GIVEN'] + ' database')")
    child.start()

    with pytest.raises(ChildDied, match=r"program ended with code 1; see .*program\.log\n.*first\n.*no told database"):
        child.wait_ready()


def test_work_that_ends_well_is_done_and_work_that_fails_is_told(tmp_path: Path) -> None:
    good, bad = program(tmp_path, ""), program(tmp_path, "raise SystemExit(3)")
    good.start()
    good.wait_done()

    bad.start()
    with pytest.raises(ChildDied, match="program failed with code 3"):
        bad.wait_done()


def test_replicas_write_logs_of_their_own(tmp_path: Path) -> None:
    first = ServiceProcess("ingestion", 1, {}, tmp_path)
    second = ServiceProcess("ingestion", 2, {}, tmp_path, label="ingestion-2")

    assert first.log_file != second.log_file


def test_the_tail_of_a_log_is_short(tmp_path: Path) -> None:
    log = tmp_path / "long.log"
    log.write_text("\n".join([*(f"line {number}" for number in range(100)), "", "x" * 10_000]))

    lines = tail(log).splitlines()

    assert len(lines) == 8
    assert all(len(line) <= 404 for line in lines)
    assert tail(tmp_path / "none.log") == "(no log)"


def test_json_lines_of_a_log_are_told_readably(tmp_path: Path) -> None:
    entry = {
        "timestamp": "2026-03-02T09:00:00.123456+00:00",
        "level": "ERROR",
        "message": "no",
        "exc_info": "T\nKeyError: 1",
    }
    log = tmp_path / "service.log"
    log.write_text(json.dumps(entry) + "\n[1, 2]\nplain\n")

    assert tail(log).splitlines() == ["  | 09:00:00.123 ERROR no KeyError: 1", "  | [1, 2]", "  | plain"]
