"""Where tests find Kafka and Postgres: the embedded stack, or what the environment names as it does for services."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kinetic.embedded import Kafka, Postgres, Stack


@dataclass(frozen=True)
class Backends:
    """Addresses, and the processes behind them where tests started these themselves."""

    kafka: str
    postgres: str
    kafka_server: Kafka | None = None
    postgres_server: Postgres | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What a service has to be told."""
        return {"KINETIC_KAFKA": self.kafka, "KINETIC_POSTGRES": self.postgres}


@contextmanager
def backends(folder: Path) -> Iterator[Backends]:
    """External ones when `KINETIC_KAFKA` and `KINETIC_POSTGRES` are set, else an embedded stack in `folder`."""
    kafka, postgres = os.environ.get("KINETIC_KAFKA"), os.environ.get("KINETIC_POSTGRES")
    if kafka and postgres:
        yield Backends(kafka, postgres)
        return
    with Stack.start(folder) as stack:
        yield Backends(stack.kafka.bootstrap_servers, stack.postgres.dsn, stack.kafka, stack.postgres)
