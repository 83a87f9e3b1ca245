"""The only wiring of recommendation."""

from __future__ import annotations

from kinetic.common import tables as machinery
from kinetic.common.migrate import Branch
from kinetic.common.service import Loop, Service
from kinetic.directory import tables as directory
from kinetic.recommendation import (
    api,
    handlers,
    holdouts,
    notices,
    preferences,
    slack_door,
    tables,
    teams_door,
    unsubscribe,
)
from kinetic.recommendation.senders import Outgoing
from kinetic.recommendation.settings import Settings

ROUTERS = (
    api.router,
    holdouts.router,
    notices.router,
    preferences.router,
    slack_door.router,
    teams_door.router,
    unsubscribe.router,
)

DELIVERERS = 4
"""While one waits for a channel, others send."""


def create_service() -> Service:
    """The service as the environment wants it."""
    settings = Settings()
    outgoing = Outgoing(settings)
    return Service(
        name="recommendation",
        question="What is worth this manager's attention now?",
        settings=settings,
        branches=(
            Branch.of("kinetic.common", machinery.metadata),
            Branch.of("kinetic.directory", directory.metadata),
            Branch.of("kinetic.recommendation", tables.metadata),
        ),
        routers=ROUTERS,
        doors=handlers.doors,
        timers=handlers.timers(),
        loops=tuple(Loop(f"deliver {number}", outgoing.run) for number in range(DELIVERERS)),
        state={"teams": teams_door.bot_of(settings)},
    )
