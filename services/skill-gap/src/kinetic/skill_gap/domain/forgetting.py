"""The forgetting curve: FSRS-6, as the package `fsrs` of its authors has it.

A review strengthens a memory; between reviews the chance to recall falls by a power law whose pace is the memory's
stability, the days after which the chance is 90 %: https://github.com/open-spaced-repetition/fsrs4anki/wiki/ABC-of-FSRS.
The parameters are the package's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from fsrs import Card, Rating, Scheduler, State

PERMANENT: Final = 0.5
"""The share of a level that stays with whoever cannot recall it any more.

With it, a year after one completed course 73 % are left. Custers (2010), *Long-term retention of basic science knowledge: a
review study*, Advances in Health Sciences Education 15, 109-128, finds two thirds to three quarters after a year without
use. That forgetting levels off far above nothing: Bahrick (1984), *Semantic memory content in permastore*.
"""

# Courses are days apart: no steps of minutes within one sitting, and no random days.
_SCHEDULER: Final = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)


@dataclass(frozen=True, slots=True)
class Memory:
    """What FSRS knows of a person and a competency. `stability` is in days, `difficulty` from 1 to 10."""

    stability: float
    difficulty: float
    reviewed_at: datetime

    def recall(self, moment: datetime) -> float:
        """The chance to recall at `moment`, 0..1: whole days count, and before the review it is 1."""
        chance: float = _SCHEDULER.get_card_retrievability(_card(self), moment)
        return chance

    def retained(self, moment: datetime) -> float:
        """The share of a level that is left at `moment`: what is recalled, and of the rest what is permanent."""
        return PERMANENT + (1 - PERMANENT) * self.recall(moment)


def review(memory: Memory | None, rating: Rating, moment: datetime) -> Memory:
    """The memory after it was put to the test at `moment`; None is the memory of what was never met before."""
    at = moment.astimezone(UTC)
    card, _ = _SCHEDULER.review_card(_card(memory) if memory else _unmet(at), rating, at)
    if card.stability is None or card.difficulty is None:
        raise TypeError("a reviewed card has a stability and a difficulty")
    return Memory(card.stability, card.difficulty, at)


def _unmet(at: datetime) -> Card:
    # with an id and a due date, which nobody reads: without them the package looks at the clock, and sleeps
    return Card(card_id=0, due=at)


def _card(memory: Memory) -> Card:
    at = memory.reviewed_at
    return Card(0, State.Review, None, memory.stability, memory.difficulty, at, at)
