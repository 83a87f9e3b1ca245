"""A service in which a crash is likely to hit between effect and offset, with or without its inbox:
`python -m tests.chaos.sabotaged slow skill-gap serve --port 8102`.

The negative control of the kill test. Only tests can start a service in this way; the services have no such switch.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any
from unittest.mock import patch

from kinetic.common import batches, offsets
from kinetic.common.doors import KafkaRecord
from kinetic.common.main import main
from tests.support import switches

PAUSE_SECONDS = 0.5


@contextmanager
def slow_commit() -> Iterator[None]:
    """Offsets are committed late, so that kill -9 finds a batch whose effect is committed and whose offsets are not."""

    async def commit_late(consumer: Any, records: Sequence[KafkaRecord]) -> None:
        await asyncio.sleep(PAUSE_SECONDS)
        await offsets.commit(consumer, records)

    with patch.object(batches, "commit", commit_late):
        yield


@contextmanager
def slow_commit_without_inbox() -> Iterator[None]:
    """The same, and every event counts as unseen."""
    with slow_commit(), switches.without_inbox():
        yield


SABOTAGE = {"slow": slow_commit, "slow-without-inbox": slow_commit_without_inbox}


def run() -> None:
    """Take the mechanism away, then be the service."""
    kind, service = sys.argv[1:3]
    del sys.argv[1:3]
    app = import_module(f"kinetic.{service.replace('-', '_')}.app")
    with SABOTAGE[kind]():
        main(app.create_service)


if __name__ == "__main__":
    run()
