"""What speaks for or against a person's mastery of a competency, and how well it shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from fsrs import Rating

from kinetic.common.events import Envelope
from kinetic.contracts.ids import CompetencyKey, ContentId, PersonId
from kinetic.contracts.ingestion import LearningRecorded, LearningVerb, Teaches

HARD_FROM, GOOD_FROM, EASY_FROM = 0.5, 0.7, 0.9
"""Scores from which a test counts as passed with difficulty, well, and with ease. Below, it counts as forgotten."""


class Kind(StrEnum):
    """What happened."""

    COMPLETED = "completed"
    PASSED = "passed"
    FAILED = "failed"
    APPLIED = "applied"
    REINFORCED = "reinforced"
    VALIDATED = "validated"
    CORRECTED = "corrected"


STATEMENTS: Final = frozenset({Kind.VALIDATED, Kind.CORRECTED})
"""What a manager says. It stands above all evidence before it."""

SHOWN_AT_WORK: Final = frozenset({Kind.APPLIED, *STATEMENTS})
"""What was seen where the skill is used, without help: it counts as with ease."""

KINDS: Final = MappingProxyType(
    {
        LearningVerb.COMPLETED: Kind.COMPLETED,
        LearningVerb.PASSED: Kind.PASSED,
        LearningVerb.FAILED: Kind.FAILED,
    }
)
"""The verbs of learning records that say something about mastery."""


@dataclass(frozen=True, slots=True)
class MasteryEvidence:
    """One piece of evidence. `level` is what the content teaches, or what a manager says; `evidence_id` is the id of the
    event or of the statement. From `expires_at` on it no longer counts."""

    evidence_id: str
    kind: Kind
    level: float
    at: datetime
    score: float | None = None
    expires_at: datetime | None = None
    content_id: ContentId | None = None

    @property
    def reached(self) -> float:
        """The level that it shows: of a test, the share that its score says. None counts as full."""
        return self.level * (1.0 if self.score is None else self.score)

    @property
    def rating(self) -> Rating:
        """How well it went, in the four words of FSRS."""
        if self.kind is Kind.FAILED:
            return Rating.Again
        if self.kind in SHOWN_AT_WORK:
            return Rating.Easy
        return _rating_of(self.score)

    def counts(self, moment: datetime) -> bool:
        """Whether it has not expired at `moment`."""
        return self.expires_at is None or moment < self.expires_at


@dataclass(frozen=True, slots=True)
class Taught:
    """What a content item teaches, and for how many days that is taken as shown; None for good."""

    teaches: Sequence[Teaches]
    valid_for_days: int | None = None


@dataclass(frozen=True, slots=True)
class Practice:
    """What a person did with a content item, or with what it taught them: learning, reinforcement, use at work."""

    practice_id: str
    person_id: PersonId
    content_id: ContentId
    kind: Kind
    at: datetime
    score: float | None = None


def practice_of(record: Envelope[LearningRecorded]) -> Practice:
    """What a learning record says was done. KeyError for a verb that says nothing about mastery."""
    learned = record.data
    at = min(learned.occurred_at, record.time)  # nobody has learned anything in the future
    return Practice(record.id, learned.person_id, learned.content_id, KINDS[learned.verb], at, learned.score)


def evidence_of(practice: Practice, taught: Taught) -> Iterator[tuple[CompetencyKey, MasteryEvidence]]:
    """What it shows of each competency that the content teaches, of the highest level when it teaches one several times."""
    valid = None if taught.valid_for_days is None else timedelta(days=taught.valid_for_days)
    levels = {one.competency: one.level for one in sorted(taught.teaches, key=lambda one: one.level)}
    for competency, level in levels.items():
        yield (
            competency,
            MasteryEvidence(
                evidence_id=practice.practice_id,
                kind=practice.kind,
                level=float(level),
                at=practice.at,
                score=practice.score,
                expires_at=None if valid is None else practice.at + valid,
                content_id=practice.content_id,
            ),
        )


def _rating_of(score: float | None) -> Rating:
    if score is None or GOOD_FROM <= score < EASY_FROM:
        return Rating.Good
    if score >= EASY_FROM:
        return Rating.Easy
    return Rating.Hard if score >= HARD_FROM else Rating.Again
