"""What a manager says of a competency of one of their reports, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from kinetic.contracts.ids import CompetencyKey, PersonId
from kinetic.skill_gap.domain.evidence import Kind, MasteryEvidence
from kinetic.skill_gap.domain.mastery import Holding, MasteryKey

SAME_WITHIN: Final = timedelta(days=1)
"""The same words of the same manager within this time are one statement; later they are said anew, and count anew."""


class Statement(StrEnum):
    """Whether a manager upholds what a person is taken to hold, or puts another level in its place."""

    VALIDATED = "validated"
    CORRECTED = "corrected"


class Reason(StrEnum):
    """What a statement rests on."""

    SEEN_AT_WORK = "seen_at_work"
    TALKED_ABOUT = "talked_about"
    PROVEN_ELSEWHERE = "proven_elsewhere"
    OUT_OF_PRACTICE = "out_of_practice"
    RECORD_IS_WRONG = "record_is_wrong"


@dataclass(frozen=True, slots=True)
class Words:
    """What is said."""

    statement: Statement
    level: float
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Saying:
    """Words about a person and a competency, of whom, and as of which directory version it is theirs to say."""

    about: MasteryKey
    words: Words
    said_by: PersonId
    directory_version: int


@dataclass(frozen=True, slots=True)
class Validation:
    """A statement as it is kept. `level_before` is what the person was taken to hold until then; None is not assessed."""

    validation_id: str
    person_id: PersonId
    competency: CompetencyKey
    words: Words
    level_before: float | None
    said_by: PersonId
    said_at: datetime
    directory_version: int

    @property
    def evidence(self) -> MasteryEvidence:
        """The statement as evidence of mastery."""
        return MasteryEvidence(self.validation_id, Kind(self.words.statement), self.words.level, self.said_at)


def decide_validation(
    holding: Holding, last: Validation | None, saying: Saying, now: datetime, new_id: str
) -> Validation | None:
    """The statement to keep; None when it was said just now and nothing has happened since."""
    if last is not None and _repeats(holding, last, saying, now):
        return None
    known = holding.mastery(now)
    return Validation(
        validation_id=new_id,
        person_id=saying.about[0],
        competency=saying.about[1],
        words=saying.words,
        level_before=known.at(now) if known else None,
        said_by=saying.said_by,
        said_at=now,
        directory_version=saying.directory_version,
    )


def _repeats(holding: Holding, last: Validation, saying: Saying, now: datetime) -> bool:
    is_newest = bool(holding.evidence) and holding.evidence[-1].evidence_id == last.validation_id
    is_same = (last.words, last.said_by) == (saying.words, saying.said_by)
    return is_newest and is_same and now - last.said_at < SAME_WITHIN
