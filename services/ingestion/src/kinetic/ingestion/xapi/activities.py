"""What: activities with their definitions, and the parts of interactions (Data 2.4.4.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from kinetic.ingestion.xapi.fields import Extensions, Iri, Irl, LanguageMap, Part

InteractionType = Literal[
    "true-false",
    "choice",
    "fill-in",
    "long-fill-in",
    "matching",
    "performance",
    "sequencing",
    "likert",
    "numeric",
    "other",
]


class Component(Part):
    """A choice, a step, a point of a scale."""

    id: Annotated[str, Field(min_length=1)]
    description: LanguageMap | None = None


class Definition(Part):
    """What an activity is. It says what kind of interaction it is when it describes one; ids in a list are distinct."""

    name: LanguageMap | None = None
    description: LanguageMap | None = None
    type: Iri | None = None
    moreInfo: Irl | None = None
    interactionType: InteractionType | None = None
    correctResponsesPattern: list[str] | None = None
    choices: list[Component] | None = None
    scale: list[Component] | None = None
    source: list[Component] | None = None
    target: list[Component] | None = None
    steps: list[Component] | None = None
    extensions: Extensions | None = None

    @model_validator(mode="after")
    def _must_be_a_whole_interaction(self) -> Definition:
        components = (self.choices, self.scale, self.source, self.target, self.steps)
        describes = self.correctResponsesPattern is not None or any(part is not None for part in components)
        if describes and self.interactionType is None:
            raise ValueError("must say its interactionType")
        if any(_repeats(part or ()) for part in components):
            raise ValueError("must not use the id of a component twice")
        return self


def _repeats(components: Sequence[Component]) -> bool:
    return len({component.id for component in components}) < len(components)


class Activity(Part):
    """Something that one can do, such as a course."""

    objectType: Literal["Activity"] = "Activity"
    id: Iri
    definition: Definition | None = None


def _in_a_list(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


Activities = Annotated[list[Activity], BeforeValidator(_in_a_list)]
"""One activity stands for a list of one (Data 2.4.6.2)."""


class ContextActivities(Part):
    """The activities around a statement, by how they are related to it."""

    parent: Activities = []
    grouping: Activities = []
    category: Activities = []
    other: Activities = []
