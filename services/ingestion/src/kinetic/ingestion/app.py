"""The only wiring of ingestion."""

from __future__ import annotations

from collections import ChainMap
from math import ceil
from typing import Any

from kinetic.common import tables as machinery
from kinetic.common.migrate import Branch
from kinetic.common.service import Loop, Service
from kinetic.ingestion import api, handlers, tables
from kinetic.ingestion.committer import Committer
from kinetic.ingestion.feeds import FeedReader
from kinetic.ingestion.intakes import Intakes
from kinetic.ingestion.journal import Journal
from kinetic.ingestion.limits import RateLimit
from kinetic.ingestion.senders import Senders
from kinetic.ingestion.settings import Settings, split_keys
from kinetic.ingestion.vault import Vault

MAX_BODY_BYTES = 5_000_000
"""A batch of 500 events, or a directory of some thousand people."""

BRANCHES = (Branch.of("kinetic.common", machinery.metadata), Branch.of("kinetic.ingestion", tables.metadata))
WRITERS = 3
"""While one waits for Postgres, others prepare what comes next."""


def create_service(settings: Settings | None = None) -> Service:
    """The service as the environment, or `settings`, wants it."""
    settings = settings or Settings()
    committer = Committer(settings.queue_limit, settings.backlog_limit, settings.parked_limit)
    journal = Journal()
    intakes = Intakes(settings, committer, journal)
    vault = Vault(split_keys(settings.secret_keys))
    return Service(
        name="ingestion",
        question="What happened, in one language?",
        settings=settings,
        branches=BRANCHES,
        routers=api.routers,
        doors=handlers.doors,
        timers=handlers.timers_for(settings),
        loops=(
            *(Loop(f"committer {number}", committer.run) for number in range(WRITERS)),
            Loop("journal", journal.run),
            Loop("intakes", intakes.run),
            Loop("feeds", FeedReader(vault, settings.feeds_inside).run),
        ),
        max_body_bytes=MAX_BODY_BYTES,
        state={"committer": committer, "journal": journal, **_senders_of(settings, vault), **_topics_of(intakes)},
    )


def _senders_of(settings: Settings, vault: Vault) -> dict[str, Any]:
    """What the doors know of those who send."""
    rate = settings.webhooks_per_second
    return {"senders": Senders(vault), "vault": vault, "rate_limit": RateLimit(rate, burst=ceil(5 * rate))}


def _topics_of(intakes: Intakes) -> dict[str, Any]:
    """The topics that are read: those of intakes come and go, the others stay."""
    return {"doors": ChainMap[str, Any](intakes.doors, {door.topic: door for door in handlers.doors})}
