"""What callers see of gaps and of teams."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from kinetic.contracts.ids import CompetencyKey, GapId, PersonId, TeamId
from kinetic.contracts.skill_gap import (
    Evidence,
    Explanation,
    GapChanged,
    GapClosed,
    GapClosedReason,
    GapOpened,
    GapRuledOut,
    Grounds,
)
from kinetic.directory.privacy import SMALLEST_GROUP, Sight
from kinetic.skill_gap.domain.assessment import Standing, ToldVerdict
from kinetic.skill_gap.domain.coverage import Coverage, TeamCoverage

_SUPPRESSED = (
    f"Null also when it is about nobody, or about fewer than {SMALLEST_GROUP} who do not all report to the caller."
)


class GapView(BaseModel):
    """What was last told of one team and one competency."""

    gap_id: GapId | None
    team_id: TeamId
    competency: CompetencyKey
    competency_name: str
    goal: str | None
    standing: Standing
    reason: GapClosedReason | Explanation | None = Field(description="Why it is closed or ruled out.")
    pressure: float
    coverage: float | None = Field(description=f"Null when nobody was assessed. {_SUPPRESSED}")
    below: int | None = Field(description=f"How many members are below the level that is required. {_SUPPRESSED}")
    person_ids: list[PersonId] = Field(description="Those of them who report to the caller.")
    evidence: list[Evidence]
    grounds: Grounds | None = Field(
        description=f"The figures that the verdict rests on; what was needed follows from the coverage. {_SUPPRESSED}"
    )
    map_version: int
    decided_at: datetime


class CompetencyView(BaseModel):
    """What a team holds of one competency, and what its work asks for."""

    competency: CompetencyKey
    coverage: float | None = Field(
        description=f"Share of what the roles require; null when nobody was assessed. {_SUPPRESSED}"
    )
    below: int | None = Field(description=f"Members below the level that their role requires. {_SUPPRESSED}")
    required: int | None = Field(description=f"Members whose role requires it. {_SUPPRESSED}")
    assessed: int | None = Field(
        description=f"How many of them were ever assessed; the others add nothing to the coverage. {_SUPPRESSED}"
    )
    required_level: int | None
    pressure: float


class TeamView(BaseModel):
    """A team's competencies at a moment."""

    team_id: TeamId
    map_version: int
    as_of: datetime
    coverage: float | None = Field(
        description="The mean of the coverages by the weights of the goals that the competencies carry, without those of "
        "which nobody was assessed. Null when that is all of them, or when the coverage of one that is required is suppressed."
    )
    competencies: list[CompetencyView]


def view_gap(verdict: ToldVerdict, standing: Standing, coverage: Coverage, sight: Sight) -> GapView:
    """What was last told, as far as the caller sees the people whom the `coverage` now is about."""
    below = verdict.person_ids if isinstance(verdict, GapOpened | GapChanged) else ()
    is_shown = sight.shows_figures_of(coverage.required_of)
    return GapView(
        gap_id=None if isinstance(verdict, GapRuledOut) else verdict.gap_id,
        team_id=verdict.team_id,
        competency=verdict.competency,
        competency_name=verdict.competency_name,
        goal=verdict.goal,
        standing=standing,
        reason=verdict.reason if isinstance(verdict, GapClosed | GapRuledOut) else None,
        pressure=verdict.pressure,
        coverage=verdict.coverage if is_shown else None,
        below=len(below) if is_shown else None,
        person_ids=sight.names(below),
        evidence=list(verdict.evidence),
        grounds=verdict.grounds if is_shown else None,
        map_version=verdict.map_version,
        decided_at=verdict.decided_at,
    )


def view_competency(competency: CompetencyKey, coverage: Coverage, pressure: float, sight: Sight) -> CompetencyView:
    """What a team holds, as far as the caller sees the people whom the figures are about."""
    is_shown = sight.shows_figures_of(coverage.required_of)
    return CompetencyView(
        competency=competency,
        coverage=coverage.share if is_shown else None,
        below=len(coverage.below) if is_shown else None,
        required=len(coverage.required_of) if is_shown else None,
        assessed=coverage.assessed if is_shown else None,
        required_level=coverage.required_level,
        pressure=pressure,
    )


def view_team_coverage(coverage: TeamCoverage, sight: Sight) -> float | None:
    """The figure of a team; none when a part of it is suppressed, which could be reckoned from it and the others."""
    return coverage.share if all(sight.shows_figures_of(group) for group in coverage.groups) else None
