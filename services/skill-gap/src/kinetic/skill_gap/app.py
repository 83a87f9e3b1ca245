"""The only wiring of skill-gap."""

from __future__ import annotations

from kinetic.common import tables as machinery
from kinetic.common.migrate import Branch
from kinetic.common.service import Service
from kinetic.directory import tables as directory
from kinetic.skill_gap import api, handlers, tables
from kinetic.skill_gap.settings import Settings


def create_service() -> Service:
    """The service as the environment wants it."""
    return Service(
        name="skill-gap",
        question="Which skill is missing where, and is training the answer at all?",
        settings=Settings(),
        branches=(
            Branch.of("kinetic.common", machinery.metadata),
            Branch.of("kinetic.directory", directory.metadata),
            Branch.of("kinetic.skill_gap", tables.metadata),
        ),
        routers=(api.router,),
        doors=handlers.doors,
        timers=handlers.timers(),
    )
