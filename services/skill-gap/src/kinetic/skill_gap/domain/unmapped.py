"""Signals that no rule of the capability map takes, and how near competencies are to them. A person decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kinetic.contracts.ids import CompetencyKey
from kinetic.contracts.ingestion import SignalObserved
from kinetic.contracts.skill_gap import CapabilitiesPublished, Competency
from kinetic.skill_gap.domain.assessment import matches

MOST_SUGGESTIONS: Final = 3

Vector = Sequence[float]
Embed = Callable[[str], Vector]
"""A text as a vector of length 1, so that the product of two is the cosine of their angle."""


@dataclass(frozen=True, slots=True)
class Unmapped:
    """Signals of one kind: at least how many, when the last was observed, and what it said."""

    source: str
    kind: str
    seen: int
    statement: str
    last_at: datetime

    @property
    def text(self) -> str:
        """The words by which competencies are compared, e.g. ``delivery failed. A build failed``."""
        return f"{self.kind.replace('.', ' ').replace('_', ' ')}. {self.statement}"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A competency that a kind may ask for. `similarity`, the cosine from -1 to 1, ranks those of one kind and means no more."""

    competency: CompetencyKey
    name: str
    similarity: float


def gather(signals: Iterable[SignalObserved]) -> list[Unmapped]:
    """One entry per source and kind, with the newest statement, in the order in which rows are locked."""
    found: dict[tuple[str, str], Unmapped] = {}
    for signal in signals:
        key = signal.source, signal.kind
        known = found.get(key)
        newest = known if known and known.last_at > signal.occurred_at else None
        found[key] = Unmapped(
            *key,
            (known.seen if known else 0) + 1,
            newest.statement if newest else signal.summary,
            newest.last_at if newest else signal.occurred_at,
        )
    return [found[key] for key in sorted(found)]


def still_unmapped(noted: Iterable[Unmapped], rules: CapabilitiesPublished) -> list[Unmapped]:
    """Those that no rule takes by now either."""
    return [one for one in noted if not any(matches(rule.kind, one.kind) for rule in rules.signal_rules)]


def suggest(unmapped: Unmapped, competencies: Sequence[Competency], embed: Embed) -> list[Suggestion]:
    """The competencies whose words are nearest to those of the signals, the nearest first: three at most.

    There is no threshold: the model tells which of these is nearer, not whether any is near.
    """
    signal = embed(unmapped.text)
    ranked = [
        Suggestion(competency.key, competency.name, round(_cosine(signal, embed(_words_of(competency))), 3))
        for competency in competencies
    ]
    return sorted(ranked, key=lambda one: (-one.similarity, one.competency))[:MOST_SUGGESTIONS]


def _words_of(competency: Competency) -> str:
    return f"{competency.name}. {competency.description}" if competency.description else competency.name


def _cosine(one: Vector, other: Vector) -> float:
    return float(sum(a * b for a, b in zip(one, other, strict=True)))
