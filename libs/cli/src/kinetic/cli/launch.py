"""One process of the example: a replica of a service, the issuer or the LMS. Tests start more of them side by side.

replica = ServiceProcess("ingestion", 8101, environment, folder=logs)
replica.start()
replica.wait_ready()
replica.kill()
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

from kinetic.cli.addresses import local_url
from kinetic.cli.clone import require_clone
from kinetic.cli.errors import ChildDied
from kinetic.embedded.processes import Child, Command, spawn

READY_WITHIN_SECONDS: Final = 90.0
STOP_WITHIN_SECONDS: Final = 20.0
_POLL_SECONDS: Final = 0.1
_TAIL_LINES: Final = 8
_LONGEST_LINE: Final = 400


@dataclass
class ServiceProcess:
    """A server in a process group of its own, which dies with this process and logs to `<folder>/<label>.log`.

    `environment` is added to this process's own. Without `argv` it is the service of that name; `label` tells replicas apart.
    """

    name: str
    port: int
    environment: Mapping[str, str]
    folder: Path
    argv: Sequence[str] = ()
    ready_path: str = "/readyz"
    label: str = ""
    _child: Child | None = field(default=None, init=False, repr=False)

    @property
    def url(self) -> str:
        """Its base URL."""
        return local_url(self.port)

    @property
    def log_file(self) -> Path:
        """Where it writes."""
        return self.folder / f"{self.label or self.name}.log"

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._child.pid if self._child and self._child.exit_code is None else None

    @property
    def exit_code(self) -> int | None:
        """How it ended: minus the signal's number after a signal. None while it runs or before it was started."""
        return self._child.exit_code if self._child else None

    def start(self) -> None:
        """Start it and return at once; while it runs, do nothing."""
        if self.pid is not None:
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._child = spawn(
            Command(
                argv=tuple(self.argv) or _serve(self.name, self.port),
                folder=require_clone(),
                log_file=self.log_file,
                death_signal=signal.SIGKILL,
                environment={**os.environ, **self.environment},
            )
        )

    def wait_ready(self, within_seconds: float = READY_WITHIN_SECONDS) -> None:
        """Return when it takes work. ChildDied when it ends or stays unready."""
        deadline = time.monotonic() + within_seconds
        while not self._is_ready():
            self.ensure_alive()
            if time.monotonic() > deadline:
                raise ChildDied(f"{self._title} was not ready within {within_seconds:.0f} s; {self._tail()}")
            time.sleep(_POLL_SECONDS)

    def wait_done(self) -> None:
        """Return when it has ended well: for work that ends by itself. ChildDied when it has failed."""
        while self.exit_code is None:
            time.sleep(_POLL_SECONDS)
        if self.exit_code:
            raise ChildDied(f"{self._title} failed with code {self.exit_code}; {self._tail()}")

    def ensure_alive(self) -> None:
        """ChildDied when it has ended by itself."""
        if self.exit_code is not None:
            raise ChildDied(f"{self._title} ended with code {self.exit_code}; {self._tail()}")

    def kill(self) -> None:
        """End it as `kill -9` does; returns when it is gone."""
        if self._child is not None:
            self._child.kill()
        self._child = None

    def stop(self, within_seconds: float = STOP_WITHIN_SECONDS) -> None:
        """Let it finish what is at hand; kill it when that takes too long."""
        if self._child is not None:
            self._child.stop(signal.SIGTERM, within_seconds)
        self._child = None

    @property
    def _title(self) -> str:
        return self.label or self.name

    def _is_ready(self) -> bool:
        # The plainest client there is: it asks often while every core is busy with starting.
        connection = HTTPConnection("127.0.0.1", self.port, timeout=2.0)
        try:
            connection.request("GET", self.ready_path)
            return connection.getresponse().status < HTTPStatus.MULTIPLE_CHOICES
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def _tail(self) -> str:
        return f"see {self.log_file}\n{tail(self.log_file)}"


def stop_all(children: Iterable[ServiceProcess], within_seconds: float = STOP_WITHIN_SECONDS) -> None:
    """Stop all of them side by side."""
    asked = list(children)
    with ThreadPoolExecutor(max(1, len(asked))) as stops:
        list(stops.map(lambda child: child.stop(within_seconds), asked))


def tail(log_file: Path, lines: int = _TAIL_LINES) -> str:
    """The last lines of a log that say something; of a JSON line its time, level, message and exception."""
    try:
        said = [line.rstrip() for line in log_file.read_text(errors="replace").splitlines() if line.strip()]
    except OSError:
        return "(no log)"
    return "\n".join(f"  | {_readable(line)[:_LONGEST_LINE]}" for line in said[-lines:]) or "(it said nothing)"


def _readable(line: str) -> str:
    try:
        entry = json.loads(line)
        time, exception = str(entry["timestamp"])[11:23], str(entry.get("exc_info") or "").strip().splitlines()[-1:]
        return " ".join([time, entry["level"], entry["message"], *exception])
    except (ValueError, KeyError, TypeError):
        return line


def _serve(name: str, port: int) -> tuple[str, ...]:
    return (sys.executable, "-m", f"kinetic.{name.replace('-', '_')}", "serve", "--port", str(port))
