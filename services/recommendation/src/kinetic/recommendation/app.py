"""The only wiring of recommendation."""

from __future__ import annotations

from kinetic.common import tables as machinery
from kinetic.common.migrate import Branch
from kinetic.common.service import Service
from kinetic.directory import tables as directory
from kinetic.recommendation import api, handlers, tables
from kinetic.recommendation.settings import Settings


def create_service() -> Service:
    """The service as the environment wants it."""
    return Service(
        name="recommendation",
        question="What is worth this manager's attention now?",
        settings=Settings(),
        branches=(
            Branch.of("kinetic.common", machinery.metadata),
            Branch.of("kinetic.directory", directory.metadata),
            Branch.of("kinetic.recommendation", tables.metadata),
        ),
        routers=(api.router,),
        doors=handlers.doors,
        timers=handlers.timers(),
    )
