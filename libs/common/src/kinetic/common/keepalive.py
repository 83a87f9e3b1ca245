"""A network path that is silently gone is noticed within twenty seconds, by both ends, not after the system's quarter hour."""

from __future__ import annotations

import socket
from typing import Any, Final

import asyncpg

IDLE_SECONDS: Final = 5
INTERVAL_SECONDS: Final = 5
COUNT: Final = 3
UNACKNOWLEDGED_MS: Final = 15_000

SERVER_SETTINGS: Final = {
    "tcp_keepalives_idle": str(IDLE_SECONDS),
    "tcp_keepalives_interval": str(INTERVAL_SECONDS),
    "tcp_keepalives_count": str(COUNT),
    "tcp_user_timeout": str(UNACKNOWLEDGED_MS),
}
"""What the server does about a client that is gone: it frees its locks."""

_OUR_OPTIONS: Final = {
    "TCP_KEEPIDLE": IDLE_SECONDS,
    "TCP_KEEPINTVL": INTERVAL_SECONDS,
    "TCP_KEEPCNT": COUNT,
    "TCP_USER_TIMEOUT": UNACKNOWLEDGED_MS,
}


class KeptAlive(asyncpg.Connection):
    """A connection whose socket asks whether the server is still there. asyncpg has no setting for it."""

    def __init__(self, protocol: Any, transport: Any, *others: Any) -> None:
        super().__init__(protocol, transport, *others)
        _keep_alive(transport.get_extra_info("socket"))


def _keep_alive(ours: socket.socket) -> None:
    if ours.family not in (socket.AF_INET, socket.AF_INET6):
        return
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _OUR_OPTIONS.items():
        if hasattr(socket, name):  # not every system has all of them
            ours.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
