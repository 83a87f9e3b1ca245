"""What every event has in common: a CloudEvents type, a topic, and the key whose order matters."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A piece of an event's data that has no life of its own."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Event(BaseModel):
    """The data of one event. Within a version only optional fields are added.

    Readers ignore fields they do not know, so that an older reader takes a newer event.
    A subclass names its CloudEvents `type`, its `topic` and, in `key`, the id whose order matters.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: ClassVar[str]
    topic: ClassVar[str]

    @property
    def key(self) -> str:
        """The Kafka key: events of one key are read in the order in which they were decided."""
        raise NotImplementedError
