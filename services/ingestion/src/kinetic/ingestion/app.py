"""The only wiring of ingestion."""

from __future__ import annotations

from kinetic.common import tables as machinery
from kinetic.common.migrate import Branch
from kinetic.common.service import Loop, Service
from kinetic.ingestion import api, handlers, tables
from kinetic.ingestion.committer import Committer
from kinetic.ingestion.senders import Senders
from kinetic.ingestion.settings import Settings, split_keys
from kinetic.ingestion.vault import Vault

MAX_BODY_BYTES = 5_000_000
"""A batch of 500 events, or a directory of some thousand people."""

WRITERS = 3
"""While one waits for Postgres, others prepare what comes next."""


def create_service(settings: Settings | None = None) -> Service:
    """The service as the environment, or `settings`, wants it."""
    settings = settings or Settings()
    vault = Vault(split_keys(settings.secret_keys))
    committer = Committer(settings.queue_limit, settings.backlog_limit, settings.parked_limit)
    return Service(
        name="ingestion",
        question="What happened, in one language?",
        settings=settings,
        branches=(
            Branch.of("kinetic.common", machinery.metadata),
            Branch.of("kinetic.ingestion", tables.metadata),
        ),
        routers=api.routers,
        timers=handlers.timers_for(settings),
        loops=tuple(Loop(f"committer {number}", committer.run) for number in range(WRITERS)),
        max_body_bytes=MAX_BODY_BYTES,
        state={"committer": committer, "senders": Senders(vault), "vault": vault},
    )
