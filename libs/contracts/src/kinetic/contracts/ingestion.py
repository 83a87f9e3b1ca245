"""Events of ingestion: what happened at work, what was measured and learned, who works where, what can be learned."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from kinetic.contracts import topics
from kinetic.contracts.event import Event, Part
from kinetic.contracts.fields import Days, Level, Minutes, Share
from kinetic.contracts.ids import CompetencyKey, ContentId, EventId, KpiKey, PersonId, RoleKey, TeamId


class SignalObserved(Event):
    """An operational event about a team, never about a person. Triggered by a webhook or CloudEvent that was accepted."""

    type: ClassVar[str] = "kinetic.signal.observed.v1"
    topic: ClassVar[str] = topics.SIGNALS

    source: str = Field(description="The tool, e.g. `github`.")
    kind: str = Field(description="Dotted taxonomy, e.g. `delivery.failed`.")
    team_id: TeamId
    severity: Share
    summary: str
    url: str | None = None
    occurred_at: datetime
    attributes: dict[str, str] = Field(default={}, description="Allow-listed facts, no free text.")

    @property
    def key(self) -> str:
        return self.team_id


class MeasurementRecorded(Event):
    """One observation of a KPI of a team over a period. Triggered by a measurement, and again by a correction of it."""

    type: ClassVar[str] = "kinetic.measurement.recorded.v1"
    topic: ClassVar[str] = topics.MEASUREMENTS

    kpi: KpiKey
    team_id: TeamId
    value: float = Field(description="In the unit that the capability map gives for the KPI.")
    n: int = Field(ge=1, description="How many cases the value summarises.")
    period_start: datetime
    period_end: datetime
    version: int = Field(
        default=1, ge=1, description="Of several for one KPI, team and period the one with the highest version holds."
    )

    @property
    def key(self) -> str:
        return self.team_id


class LearningVerb(StrEnum):
    """What a learner did, in the verbs of xAPI and cmi5 that Kinetic uses."""

    ENROLLED = "enrolled"
    STARTED = "started"
    PROGRESSED = "progressed"
    COMPLETED = "completed"
    PASSED = "passed"
    FAILED = "failed"


class LearningRecorded(Event):
    """A person learned. Triggered by a learning record that an LMS sent."""

    type: ClassVar[str] = "kinetic.learning.recorded.v1"
    topic: ClassVar[str] = topics.LEARNING

    person_id: PersonId
    content_id: ContentId
    verb: LearningVerb
    score: Share | None = None
    registration: str | None = Field(default=None, description="The assignment id that the LMS was given, if any.")
    source: str = Field(description="The system that recorded it.")
    occurred_at: datetime

    @property
    def key(self) -> str:
        return self.person_id


class LearningVoided(Event):
    """A learning record does not hold: its sender took it back. Triggered by an xAPI statement that voids another."""

    type: ClassVar[str] = "kinetic.learning.voided.v1"
    topic: ClassVar[str] = topics.LEARNING

    person_id: PersonId
    voided_event_id: EventId = Field(description="The id of the `kinetic.learning.recorded.v1` that is void.")

    @property
    def key(self) -> str:
        return self.person_id


class TeamChanged(Event):
    """The full state of one team. Triggered by each change of the directory that touches it."""

    type: ClassVar[str] = "kinetic.team.changed.v1"
    topic: ClassVar[str] = topics.DIRECTORY

    team_id: TeamId
    slug: str
    name: str
    unit: str = Field(description="Business unit, a level of the directory with its own administrators.")
    manager_id: PersonId | None = Field(description="Whom nudges about the team are addressed to.")
    version: int = Field(description="The directory version of this state; a lower one never replaces a higher one.")
    removed: bool = False

    @property
    def key(self) -> str:
        return self.team_id


class Position(Part):
    """Where a person works from a date on."""

    team_id: TeamId | None
    manager_id: PersonId | None
    role: RoleKey
    effective_from: datetime


class PersonChanged(Event):
    """The full state of one person with all dated positions. The last position that is in effect counts."""

    type: ClassVar[str] = "kinetic.person.changed.v1"
    topic: ClassVar[str] = topics.DIRECTORY

    person_id: PersonId
    name: str
    email: str = Field(description="Lower case; the claim by which a token is matched to the person.")
    time_zone: str = Field(description="IANA name, e.g. `Europe/Berlin`.")
    language: str = "en"
    external_ids: dict[str, str] = Field(default={}, description="System → the person's id there.")
    positions: tuple[Position, ...]
    active: bool = True
    version: int

    @property
    def key(self) -> str:
        return self.person_id


class PersonErased(Event):
    """A person's data must go everywhere. Nameless; a tombstone follows when every service has confirmed."""

    type: ClassVar[str] = "kinetic.person.erased.v1"
    topic: ClassVar[str] = topics.DIRECTORY

    person_id: PersonId
    version: int

    @property
    def key(self) -> str:
        return self.person_id


class DirectoryConfirmed(Event):
    """The directory is as of `version` at `confirmed_at`: the heartbeat without which nobody may act."""

    type: ClassVar[str] = "kinetic.directory.confirmed.v1"
    topic: ClassVar[str] = topics.DIRECTORY
    KEY: ClassVar[str] = "directory"

    version: int
    confirmed_at: datetime

    @property
    def key(self) -> str:
        return self.KEY


class Teaches(Part):
    """A competency and the level that a content item brings a learner to."""

    competency: CompetencyKey
    level: Level


class ContentChanged(Event):
    """The full state of one content item of the catalogue."""

    type: ClassVar[str] = "kinetic.content.changed.v1"
    topic: ClassVar[str] = topics.CATALOGUE

    content_id: ContentId
    title: str
    url: str
    teaches: tuple[Teaches, ...]
    effort_minutes: Minutes
    valid_for_days: Days | None = Field(
        default=None,
        description="After so many days what it taught no longer counts, as with a certificate; null for good.",
    )
    language: str
    format: str | None = Field(
        default=None, description="`course`, `article`, `video`, `workshop` or `practice`; None when nobody told."
    )
    external_ids: dict[str, str] = Field(default={}, description="System → the item's id there.")
    retired: bool = False
    version: int

    @property
    def key(self) -> str:
        return self.content_id
