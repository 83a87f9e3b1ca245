"""Content items as of a catalogue version, and what became of each so far."""

from __future__ import annotations

from dataclasses import dataclass

from kinetic.contracts.ids import CompetencyKey, ContentId
from kinetic.contracts.ingestion import Teaches
from kinetic.recommendation.domain.effect import Chance, MeasuredEffect


@dataclass(frozen=True, slots=True)
class Content:
    """A content item as of a catalogue version. `format` is None when the catalogue does not tell."""

    content_id: ContentId
    version: int
    title: str
    url: str
    language: str
    effort_minutes: int
    teaches: tuple[Teaches, ...]
    retired: bool = False
    format: str | None = None

    def level_of(self, competency: CompetencyKey) -> int:
        """The level, 1..5, that it brings a learner to; 0 when it does not teach `competency`."""
        return max((taught.level for taught in self.teaches if taught.competency == competency), default=0)


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What became of a content item so far: counts since the beginning, and its effect if that was measured."""

    accepted: int = 0
    dismissed: int = 0
    expired: int = 0
    requested: int = 0
    completed: int = 0
    effect: MeasuredEffect | None = None

    @property
    def acceptance(self) -> Chance:
        """The chance that a manager accepts a suggestion of it."""
        return Chance(self.accepted, self.dismissed + self.expired)

    @property
    def completion(self) -> Chance:
        """The chance that somebody to whom it was assigned completes it."""
        # counts of two topics are not read at one moment: more completions than requests may be known for a while
        return Chance(self.completed, max(0, self.requested - self.completed))


UNAPPRAISED = Appraisal()
