"""What Kafka and Postgres have in common: start until ready, stop in order, kill."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from kinetic.embedded.errors import NotRunning, StartFailed
from kinetic.embedded.ports import ensure_free
from kinetic.embedded.processes import Child, Command, end_all_in, last_line, spawn

READY_WITHIN_SECONDS = 60.0
_POLL_SECONDS = 0.02


class Server(ABC):
    """One server of a stack. Its data outlives every stop, kill and start. Callable from any thread."""

    name: ClassVar[str]
    program: ClassVar[str]

    def __init__(self, data_folder: Path, ports: dict[str, int]) -> None:
        self.log_file = data_folder / f"{self.name}.log"
        self._ports = ports
        self._child: Child | None = None
        self._starting = threading.Lock()
        self._abandoned = threading.Event()

    @property
    def pid(self) -> int:
        """The server's process id.

        Raises:
            NotRunning: it is stopped, killed or has ended by itself.
        """
        if self._child is None or self._child.exit_code is not None:
            raise NotRunning(f"{self.name} is not running")
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether its process lives."""
        return self._child is not None and self._child.exit_code is None

    def start(self) -> None:
        """Start and return when requests succeed; when it runs already, return at once.

        Raises:
            PortTaken: another process listens on one of its ports.
            StartFailed: it ended, or did not answer within 60 s.
        """
        with self._starting:
            if self.running:
                return
            end_all_in(self._folder(), self.program)
            for purpose, port in self._ports.items():
                ensure_free(port, purpose)
            self._prepare()
            self._launch()

    def stop(self) -> None:
        """Stop in order, or kill when that takes too long. A stopped server stays stopped."""
        if self._child is not None and self.running:
            self._stop(self._child)
        self._child = None
        end_all_in(self._folder(), self.program)

    def kill(self) -> None:
        """End it as `kill -9` does, with no chance to save or say anything; returns when it is gone."""
        if self._child is not None:
            self._child.kill()
        self._child = None
        end_all_in(self._folder(), self.program)

    def abandon(self) -> None:
        """Kill for good: a start under way in another thread fails soon, and no later one succeeds."""
        self._abandoned.set()
        self.kill()

    def _launch(self) -> None:
        if not self._abandoned.is_set():
            self._child = spawn(self._command())
        # Asked again: only now could the one who abandons see the child.
        if self._abandoned.is_set():
            self.kill()
        if self._child is None:
            raise StartFailed(f"{self.name} was ended before it was ready")
        self._wait_until_ready(self._child)

    def _wait_until_ready(self, child: Child) -> None:
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while not self._answers():
            if child.exit_code is not None:
                raise StartFailed(self._failure(f"ended with code {child.exit_code} while starting"))
            if time.monotonic() > deadline:
                child.kill()
                raise StartFailed(self._failure(f"did not answer within {READY_WITHIN_SECONDS:.0f} s"))
            time.sleep(_POLL_SECONDS)

    def _failure(self, what: str) -> str:
        return f"{self.name} {what}: {last_line(self.log_file) or 'it said nothing'}; see {self.log_file}"

    @abstractmethod
    def _folder(self) -> Path:
        """The working folder, where its data is."""

    @abstractmethod
    def _prepare(self) -> None:
        """Make the data folder ready; the first time, create what a new server needs."""

    @abstractmethod
    def _command(self) -> Command:
        """How to start it."""

    @abstractmethod
    def _answers(self) -> bool:
        """Whether requests succeed."""

    @abstractmethod
    def _stop(self, child: Child) -> None:
        """Stop in order, within a bound."""
