"""Ports of the loopback address."""

from __future__ import annotations

import contextlib
import random
import socket

import psutil

from kinetic.embedded.errors import PortTaken

LOOPBACK = "127.0.0.1"

# Below the ranges from which Linux (32768) and macOS (49152) take the ports of outgoing connections: a free port found
# here is still free a moment later, and stays ours while a killed server is started again.
_CHOICE = range(20_000, 32_000)


def free_ports(count: int) -> list[int]:
    """Return `count` distinct ports on which nothing listens.

    Raises:
        PortTaken: nearly every port of the range is in use.
    """
    free: list[int] = []
    for port in random.sample(_CHOICE, len(_CHOICE)):
        if len(free) == count:
            return free
        if _can_listen(port):
            free.append(port)
    raise PortTaken(f"no {count} free ports between {_CHOICE.start} and {_CHOICE.stop}")


def ensure_free(port: int, name: str = "port") -> None:
    """Return when one can listen on `port`; `name` says in the error what the port is for.

    Raises:
        PortTaken: another process listens there.
    """
    if not _can_listen(port):
        raise PortTaken(f"{name} {port} is taken by {_holder(port)}; stop it or choose another port")


def _can_listen(port: int) -> bool:
    with socket.socket() as probe:
        # As the servers do: connections that linger in TIME_WAIT do not count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen(1)
        except OSError:
            return False
        return True


def _holder(port: int) -> str:
    with contextlib.suppress(psutil.Error, PermissionError):
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr.port == port and connection.pid:
                return f"process {connection.pid} ({psutil.Process(connection.pid).name()})"
    return "another process"
