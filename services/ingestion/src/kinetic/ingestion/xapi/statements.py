"""The statement: who did what, how it went, and around what (Data 2.4)."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Discriminator, Field, StringConstraints, Tag, ValidationInfo, field_validator, model_validator

from kinetic.ingestion.xapi.activities import Activity, ContextActivities
from kinetic.ingestion.xapi.actors import Actor, Agent, Group, object_type_of
from kinetic.ingestion.xapi.fields import (
    Duration,
    Extensions,
    Iri,
    Irl,
    LanguageMap,
    LanguageTag,
    Part,
    Timestamp,
    Uuid,
    is_stricter,
)

VOIDED: Final = "http://adlnet.gov/expapi/verbs/voided"


class Verb(Part):
    """What was done."""

    id: Iri
    display: LanguageMap | None = None


class Score(Part):
    """How well. `raw` lies between `min` and `max`, and `min` below `max`, where they are given (Data 2.4.5.1)."""

    scaled: Annotated[float, Field(ge=-1, le=1)] | None = None
    raw: float | None = None
    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _must_lie_in_order(self) -> Score:
        if self.min is not None and self.max is not None and self.min >= self.max:
            raise ValueError("min must lie below max")
        if self.raw is not None:
            below = self.min is not None and self.raw < self.min
            above = self.max is not None and self.raw > self.max
            if below or above:
                raise ValueError("raw must lie between min and max")
        return self


class Result(Part):
    """How it went."""

    score: Score | None = None
    success: bool | None = None
    completion: bool | None = None
    response: str | None = None
    duration: Duration | None = None
    extensions: Extensions | None = None


class StatementRef(Part):
    """Another statement, by its id."""

    objectType: Literal["StatementRef"]
    id: Uuid


class ContextAgent(Part):
    """Somebody else concerned (2.0)."""

    objectType: Literal["contextAgent"]
    agent: Agent
    relevantTypes: Annotated[list[Iri], Field(min_length=1)] | None = None


class ContextGroup(Part):
    """A group concerned (2.0)."""

    objectType: Literal["contextGroup"]
    group: Group
    relevantTypes: Annotated[list[Iri], Field(min_length=1)] | None = None


class Context(Part):
    """Around what (Data 2.4.6)."""

    registration: Uuid | None = None
    instructor: Actor | None = None
    team: Group | None = None
    contextActivities: ContextActivities | None = None
    contextAgents: list[ContextAgent] | None = None
    contextGroups: list[ContextGroup] | None = None
    revision: str | None = None
    platform: str | None = None
    language: LanguageTag | None = None
    statement: StatementRef | None = None
    extensions: Extensions | None = None

    @field_validator("contextAgents", "contextGroups")
    @classmethod
    def _must_be_known_to_the_version(cls, value: Any, info: ValidationInfo) -> Any:
        if not is_stricter(info):
            raise ValueError("belongs to xAPI 2.0")
        return value


class Attachment(Part):
    """A file that belongs to a statement (Data 2.4.11)."""

    usageType: Iri
    display: LanguageMap
    description: LanguageMap | None = None
    contentType: Annotated[str, StringConstraints(pattern=r"^[^\s/;]+/[^\s/;]+(\s*;.*)?$")]
    length: Annotated[int, Field(ge=0)]
    sha2: Annotated[
        str,
        StringConstraints(
            pattern=r"^([0-9a-fA-F]{56}|[0-9a-fA-F]{64}|[0-9a-fA-F]{96}|[0-9a-fA-F]{128})$", to_lower=True
        ),
    ]
    fileUrl: Irl | None = None


class _Said(Part):
    """What statements and sub-statements have in common."""

    actor: Actor
    verb: Verb
    result: Result | None = None
    context: Context | None = None
    timestamp: Timestamp | None = None
    attachments: list[Attachment] = []

    def refuse_misplaced_context(self, about: object) -> None:
        """ValueError when the context says something that only an activity can have (Data 2.4.6)."""
        context = self.context
        if context is None or isinstance(about, Activity):
            return
        if context.revision is not None or context.platform is not None:
            raise ValueError("context: revision and platform belong to an activity")


def _object_type(value: Any) -> str | None:
    return object_type_of(value, "Activity")


_Simple = (
    Annotated[Activity, Tag("Activity")]
    | Annotated[Agent, Tag("Agent")]
    | Annotated[Group, Tag("Group")]
    | Annotated[StatementRef, Tag("StatementRef")]
)


class SubStatement(_Said):
    """A statement in a statement, without an id of its own (Data 2.4.4.3). It holds no further one."""

    objectType: Literal["SubStatement"]
    object: Annotated[_Simple, Discriminator(_object_type)]

    @model_validator(mode="after")
    def _must_fit(self) -> SubStatement:
        self.refuse_misplaced_context(self.object)
        return self


class Statement(_Said):
    """One statement. What a learning record store adds itself (`stored`, `authority`) may be there already."""

    id: Uuid | None = None
    object: Annotated[_Simple | Annotated[SubStatement, Tag("SubStatement")], Discriminator(_object_type)]
    stored: Timestamp | None = None
    authority: Actor | None = None
    version: Annotated[str, StringConstraints(pattern=r"^(1\.0|2\.0)(\.[0-9]+)?$")] | None = None

    @field_validator("authority")
    @classmethod
    def _must_be_an_agent_or_two(cls, authority: Agent | Group) -> Agent | Group:
        if isinstance(authority, Group) and (authority.identifiers or len(authority.member or ()) != 2):
            raise ValueError("a group as the authority is anonymous and has exactly two members")
        return authority

    @model_validator(mode="after")
    def _must_fit(self) -> Statement:
        self.refuse_misplaced_context(self.object)
        if self.verb.id == VOIDED and not isinstance(self.object, StatementRef):
            raise ValueError("object: a voiding statement names another by a StatementRef")
        return self
