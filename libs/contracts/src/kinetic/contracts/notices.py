"""What every event has that asks for a message to a manager, whichever service asks.

A service tells it on its own topic. There is one event type for each subject: what it is about are typed fields, and its words
stand in the catalogue of recommendation, which brings it before the manager when there is attention for it. A type that recommendation
does not know is brought before nobody, so it learns a new one before others ask.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from kinetic.contracts.event import Event
from kinetic.contracts.ids import PersonId, TeamId


class Urgency(StrEnum):
    """When it is worth an interruption: with the others of the day, or without waiting for their time. Never in quiet hours."""

    DAILY_SLOT = "daily_slot"
    IMMEDIATE = "immediate"


class NoticeRequested(Event):
    """A manager is to be told something. The id of the event is the id of the request: told twice, it is one message."""

    manager_id: PersonId = Field(
        description="Whom it is for. About a team, who manages that by now, or stands in, gets it."
    )
    team_id: TeamId | None = Field(default=None, description="The team that it is about, if it is about one.")
    urgency: Urgency
    expires_at: datetime = Field(description="From then on nobody wants to read it any more.")
    path: str = Field(description="The page of the console that shows more, from its root, e.g. `/?nudge=…`.")
    occurred_at: datetime

    @property
    def key(self) -> str:
        return self.manager_id
