"""Server processes that never outlive the process that started them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import psutil

_LAUNCHER = Path(__file__).with_name("launch.py")
_GONE_WITHIN_SECONDS = 5.0
_LARGEST_LOG_BYTES = 16 * 1024 * 1024

# Linux sends the death signal when the *thread* that started a child ends, so all children are started by one thread
# that lives as long as this process, whichever thread asks for them.
_PARENT_THREAD = ThreadPoolExecutor(max_workers=1, thread_name_prefix="kinetic-embedded-parent")


@dataclass(frozen=True, slots=True)
class Account:
    """The user a server runs as when it must not run as the current one."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Command:
    """How to start one server. By its working folder and its program's name a stale process is recognised."""

    argv: tuple[str, ...]
    folder: Path
    log_file: Path
    death_signal: signal.Signals
    account: Account | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    def launched(self) -> list[str]:
        """The command line that starts `argv` through the launcher."""
        uid, gid = (str(self.account.uid), str(self.account.gid)) if self.account else ("-", "-")
        launcher = [sys.executable, "-I", "-S", str(_LAUNCHER)]
        return [*launcher, str(os.getpid()), str(int(self.death_signal)), uid, gid, *self.argv]


class Child:
    """A running server process. Made by `spawn`."""

    def __init__(self, popen: subprocess.Popen[bytes]) -> None:
        self._popen = popen
        self.pid = popen.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; minus the signal's number when a signal ended it."""
        return self._popen.poll()

    def stop(self, stop_signal: signal.Signals, within_seconds: float) -> None:
        """Ask it to end; after `within_seconds`, kill it."""
        self._popen.send_signal(stop_signal)
        try:
            self._popen.wait(within_seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it with SIGKILL; returns when it is gone. What it started may still be there: see `end_all_in`."""
        self._popen.kill()
        self._popen.wait()


def spawn(command: Command) -> Child:
    """Start `command` in its own process group; its output is appended to its log file."""
    return Child(_PARENT_THREAD.submit(_open, command, subprocess.DEVNULL).result())


def run(command: Command, given: str = "") -> int:
    """Run `command` to its end with `given` as its input, and return its exit code."""
    popen = _PARENT_THREAD.submit(_open, command, subprocess.PIPE).result()
    popen.communicate(given.encode())
    return popen.returncode


def end_all_in(folder: Path, program: str) -> None:
    """Kill every `program` whose working folder is `folder`, by its process id; returns when all are gone.

    Ends what a killed server had started (a Postgres backend that computes does not notice that its server is gone), and
    what an earlier run left behind where children do not die with their parent (macOS).
    """
    _kill_all([process for process in psutil.process_iter(["name"]) if _works_in(process, folder.resolve(), program)])


def last_line(log_file: Path) -> str:
    """The last line of a log that says something, or "" for an empty log."""
    with contextlib.suppress(OSError):
        lines = log_file.read_text(errors="replace").splitlines()
        return next((line.strip() for line in reversed(lines) if line.strip()), "")
    return ""


def _open(command: Command, stdin: int) -> subprocess.Popen[bytes]:
    with command.log_file.open("ab") as log:
        if log.tell() > _LARGEST_LOG_BYTES:
            log.truncate(0)
        return subprocess.Popen(  # noqa: S603 (the servers we install)
            command.launched(),
            cwd=command.folder,
            env=dict(command.environment),
            stdin=stdin,
            stdout=log,
            stderr=subprocess.STDOUT,
            process_group=0,  # the terminal's Ctrl-C reaches the parent only, which stops the servers in order
        )


def _works_in(process: psutil.Process, folder: Path, program: str) -> bool:
    try:
        return bool(process.info["name"] == program and Path(process.cwd()) == folder)
    except psutil.Error:
        return False


def _kill_all(processes: list[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()
    deadline = time.monotonic() + _GONE_WITHIN_SECONDS
    while time.monotonic() < deadline and not all(map(_is_gone, processes)):
        time.sleep(0.005)


def _is_gone(process: psutil.Process) -> bool:
    """A zombie counts as gone: it holds nothing, and where nobody collects orphans (containers) it stays for ever."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.Error:
        return True
