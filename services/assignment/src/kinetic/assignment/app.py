"""The only wiring of assignment."""

from __future__ import annotations

from kinetic.assignment import api, handlers, tables
from kinetic.assignment.settings import Settings
from kinetic.common import tables as machinery
from kinetic.common.migrate import Branch
from kinetic.common.service import Service
from kinetic.directory import tables as directory


def create_service() -> Service:
    """The service as the environment wants it."""
    settings = Settings()
    return Service(
        name="assignment",
        question="Did the assignment reach the LMS, the learner, and the work?",
        settings=settings,
        branches=(
            Branch.of("kinetic.common", machinery.metadata),
            Branch.of("kinetic.directory", directory.metadata),
            Branch.of("kinetic.assignment", tables.metadata),
        ),
        routers=(api.router,),
        doors=handlers.doors(settings.undo_window),
        timers=handlers.timers(settings.lms),
    )
