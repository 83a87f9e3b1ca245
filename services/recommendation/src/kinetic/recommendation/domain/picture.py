"""What a decision about some gaps rests on, as of one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from kinetic.contracts.ids import CompetencyKey, ContentId, GapId, PersonId, TeamId
from kinetic.recommendation.domain.afterwards import Answer
from kinetic.recommendation.domain.attention import Policy
from kinetic.recommendation.domain.content import Appraisal, Content
from kinetic.recommendation.domain.gap import Gap
from kinetic.recommendation.domain.holdout import Draw, Unit
from kinetic.recommendation.domain.nudge import Nudge
from kinetic.recommendation.domain.preferences import NO_WISHES, Preferences


@dataclass(frozen=True, slots=True)
class Manager:
    """Whom nudges about a team go to, how many they got in the week of the picture's `now`, and what they wish."""

    person_id: PersonId
    zone: ZoneInfo
    spent: int
    wishes: Preferences = NO_WISHES


@dataclass(frozen=True, slots=True)
class Team:
    """A team as the directory has it: its manager, unless they left or were never named, and the members besides."""

    manager: Manager | None
    member_ids: frozenset[PersonId]


NOBODY = Team(None, frozenset())


@dataclass(frozen=True, slots=True)
class Person:
    """Where somebody concerned stands: everybody above them, transitively, and the language they work in."""

    managers: frozenset[PersonId]
    language: str


@dataclass(frozen=True, slots=True)
class Library:
    """The content that may be suggested, what became of it, what was refused for a team and a competency, who has done an
    item or has it assigned, and what was answered about a team and a competency.
    """

    contents: Mapping[ContentId, Content]
    appraisals: Mapping[ContentId, Appraisal]
    dismissed: Mapping[tuple[TeamId, CompetencyKey], frozenset[ContentId]]
    taken: Mapping[ContentId, frozenset[PersonId]]
    answers: Mapping[tuple[TeamId, CompetencyKey], tuple[Answer, ...]]


@dataclass(frozen=True, slots=True)
class Picture:
    """`nudges` holds the latest nudge of each gap, `draws` what the holdout has drawn before."""

    now: datetime
    policy: Policy
    gaps: Mapping[GapId, Gap]
    nudges: Mapping[GapId, Nudge]
    teams: Mapping[TeamId, Team]
    people: Mapping[PersonId, Person]
    library: Library
    draws: Mapping[Unit, Draw] = field(default_factory=dict)
