"""The only wiring of feedback."""

from __future__ import annotations

from kinetic.common import tables as machinery
from kinetic.common.migrate import Branch
from kinetic.common.service import Service
from kinetic.common.timers import Timer
from kinetic.directory import tables as directory
from kinetic.feedback import adoptions, api, handlers, tables
from kinetic.feedback.settings import Settings


def create_service() -> Service:
    """The service as the environment wants it."""
    return Service(
        name="feedback",
        question="Did it help, and what should change?",
        settings=Settings(),
        branches=(
            Branch.of("kinetic.common", machinery.metadata),
            Branch.of("kinetic.directory", directory.metadata),
            Branch.of("kinetic.feedback", tables.metadata),
        ),
        routers=(api.router, adoptions.router),
        doors=handlers.doors,
        timers=(Timer("outlived", 3600.0, handlers.sweep),),
    )
