"""How much of a competency a person holds now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kinetic.common.events import Envelope
from kinetic.contracts.ids import CompetencyKey, ContentId, EventId, PersonId
from kinetic.contracts.ingestion import LearningRecorded, Teaches

SECONDS_PER_DAY = 86_400.0
HALF_LIFE_DAYS = 365.0


Held = Mapping[tuple[PersonId, CompetencyKey], "Mastery"]


@dataclass(frozen=True, slots=True)
class Mastery:
    """A level, 0..5, that a person reached at a moment and has been forgetting since.

    `rests_on` is the learning record that it rests on alone; None when it rests on several.
    """

    level: float
    as_of: datetime
    rests_on: EventId | None = None

    def at(self, moment: datetime) -> float:
        """The level left at `moment`: it halves in a year without practice.

        The exponential form is the simplest of those that Wixted & Ebbesen (1991), *On the form of forgetting*, compare.
        """
        days = max(0.0, (moment - self.as_of).total_seconds() / SECONDS_PER_DAY)
        left: float = self.level * 0.5 ** (days / HALF_LIFE_DAYS)
        return left


def learn(known: Mastery | None, taught_level: int, score: float | None, learned_at: datetime) -> Mastery:
    """What a person holds after completing content of `taught_level` with `score` 0..1 (None counts as full).

    It never falls by learning, and an older record never replaces a newer one that left more.
    """
    reached = Mastery(taught_level * (1.0 if score is None else score), learned_at)
    if known is None:
        return reached
    later = max(known.as_of, learned_at)
    return known if known.at(later) >= reached.at(later) else reached


def decide_mastery(
    held: Held,
    completions: Sequence[Envelope[LearningRecorded]],
    teaches: Mapping[ContentId, Sequence[Teaches]],
) -> dict[tuple[PersonId, CompetencyKey], Mastery]:
    """What the learners of `completions` hold of the competencies that their content teaches."""
    gained: dict[tuple[PersonId, CompetencyKey], Mastery] = {}
    for record in completions:
        for taught in teaches[record.data.content_id]:
            key = (record.data.person_id, taught.competency)
            known = gained.get(key) or held.get(key)
            reached = learn(known, taught.level, record.data.score, record.data.occurred_at)
            gained[key] = replace(reached, rests_on=None if known else record.id)
    return gained
