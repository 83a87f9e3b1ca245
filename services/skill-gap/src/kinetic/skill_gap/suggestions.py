"""Signals that no rule takes, with the competencies that they may ask for: to be confirmed in the map, never acted upon."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, Field

from kinetic.contracts.ids import CompetencyKey
from kinetic.contracts.skill_gap import CapabilitiesPublished
from kinetic.skill_gap.domain.unmapped import Embed, Unmapped, suggest
from kinetic.skill_gap.embedding import MODEL


class SuggestionView(BaseModel):
    """A competency that the signals may ask for."""

    competency: CompetencyKey
    name: str
    similarity: float = Field(
        description="Cosine, from -1 to 1. It ranks the three; no value of it means that one fits."
    )


class UnmappedView(BaseModel):
    """Signals of one source and kind that no rule of the map takes."""

    source: str
    kind: str
    seen: int = Field(description="At least so many.")
    last_at: datetime
    statement: str = Field(description="What the last one said.")
    suggestions: list[SuggestionView]


class UnmappedKinds(BaseModel):
    """What the map does not know. Whoever knows better than the model writes a rule; nothing is done by itself."""

    map_version: int
    model: str | None = Field(
        description="What the suggestions are from; null where the extra `suggestions` is not installed."
    )
    kinds: list[UnmappedView]


def view_unmapped(rules: CapabilitiesPublished, noted: Sequence[Unmapped], embed: Embed | None) -> UnmappedKinds:
    """The view, with suggestions when there is a model. It may compute for a while: some 30 ms per text that is new."""
    kinds = [
        UnmappedView(
            source=one.source,
            kind=one.kind,
            seen=one.seen,
            last_at=one.last_at,
            statement=one.statement,
            suggestions=[
                SuggestionView(competency=found.competency, name=found.name, similarity=found.similarity)
                for found in (suggest(one, rules.competencies, embed) if embed else ())
            ],
        )
        for one in noted
    ]
    return UnmappedKinds(map_version=rules.version, model=MODEL if embed else None, kinds=kinds)
