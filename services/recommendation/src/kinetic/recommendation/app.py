"""The only wiring of recommendation."""

from __future__ import annotations

from kinetic.common import tables as machinery
from kinetic.common.migrate import Branch
from kinetic.common.service import Service
from kinetic.common.timers import Timer
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
        timers=(
            Timer("consider", 0.5, handlers.consider_due),
            Timer("expire", 5.0, handlers.expire_due),
            Timer("outlived", 3600.0, handlers.sweep),
        ),
    )
