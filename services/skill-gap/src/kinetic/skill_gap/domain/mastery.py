"""How much of a competency a person holds now: recomputed from the evidence, whatever order it came in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from fsrs import Rating

from kinetic.contracts.ids import CompetencyKey, ContentId, EventId, PersonId
from kinetic.skill_gap.domain.evidence import STATEMENTS, Kind, MasteryEvidence, Practice, Taught, evidence_of
from kinetic.skill_gap.domain.forgetting import Memory, review

EVIDENCE_KEPT: Final = 20
"""Of each person and competency. What is older is folded into the mastery from which the kept evidence starts."""

MasteryKey = tuple[PersonId, CompetencyKey]


@dataclass(frozen=True, slots=True)
class Mastery:
    """`level`, 0..5, is the highest that was reached; `held` is what of it was there when the memory was last reviewed."""

    level: float
    held: float
    memory: Memory

    def at(self, moment: datetime) -> float:
        """The level left at `moment`."""
        return self.held * self.memory.retained(moment)


@dataclass(frozen=True, slots=True)
class Holding:
    """All that is known of a person and a competency: bounded, however much they learned.

    `evidence` is in the order of its time, after what `start` was folded from.
    """

    evidence: tuple[MasteryEvidence, ...] = ()
    start: Mastery | None = None

    @property
    def is_known(self) -> bool:
        """Whether anything is known at all."""
        return bool(self.evidence) or self.start is not None

    def mastery(self, moment: datetime) -> Mastery | None:
        """What the evidence that counts at `moment` comes to; None when there is none: not assessed, which is not zero."""
        known = self.start
        for evidence in self.evidence:
            if evidence.counts(moment):
                known = weigh(known, evidence)
        return known

    def expires_at(self, moment: datetime) -> datetime | None:
        """When the next evidence expires that still counts at `moment`."""
        return min((e.expires_at for e in self.evidence if e.expires_at and e.counts(moment)), default=None)

    def take(self, evidence: MasteryEvidence) -> Holding:
        """With one more piece of evidence. The same again changes nothing, nor does what is older than the start."""
        if evidence in self.evidence or (self.start and evidence.at < self.start.memory.reviewed_at):
            return self
        others = [kept for kept in self.evidence if kept.evidence_id != evidence.evidence_id]
        return _bounded(replace(self, evidence=tuple(sorted((*others, evidence), key=_order))))

    def without(self, evidence_ids: Collection[str]) -> Holding:
        """As if this evidence had never come. What is folded into the start stays."""
        kept = tuple(evidence for evidence in self.evidence if evidence.evidence_id not in evidence_ids)
        return self if len(kept) == len(self.evidence) else replace(self, evidence=kept)


Held = Mapping[MasteryKey, Holding]


def weigh(known: Mastery | None, evidence: MasteryEvidence) -> Mastery | None:
    """What a person holds by `evidence`, which is not older than what they were known to hold."""
    if evidence.kind in STATEMENTS:
        return _stated(known, evidence)
    if evidence.kind is Kind.FAILED:
        return _failed(known, evidence)
    if evidence.kind is Kind.REINFORCED and known is None:
        return None
    reached = min(evidence.reached, known.level) if known and evidence.kind is Kind.REINFORCED else evidence.reached
    if known is None:
        return Mastery(reached, reached, review(None, evidence.rating, evidence.at))
    if reached < known.at(evidence.at):
        return known  # less than what is still there says nothing new
    return Mastery(max(known.level, reached), reached, review(known.memory, evidence.rating, evidence.at))


def decide_mastery(
    held: Held, practices: Iterable[Practice], contents: Mapping[ContentId, Taught]
) -> dict[MasteryKey, Holding]:
    """What people hold, after what they did, of the competencies that the content teaches."""
    taken: dict[MasteryKey, Holding] = {}
    for practice in practices:
        for competency, evidence in evidence_of(practice, contents[practice.content_id]):
            key = (practice.person_id, competency)
            taken[key] = (taken.get(key) or held.get(key) or Holding()).take(evidence)
    return taken


def take_back(held: Held, void: Mapping[EventId, PersonId]) -> dict[MasteryKey, Holding]:
    """What is left of what people hold without their own void records; only what changes."""
    left: dict[MasteryKey, Holding] = {}
    for key, holding in held.items():
        after = holding.without([event_id for event_id, person_id in void.items() if person_id == key[0]])
        if after is not holding:
            left[key] = after
    return left


def _stated(known: Mastery | None, evidence: MasteryEvidence) -> Mastery:
    is_less = known is not None and evidence.level < known.at(evidence.at)
    memory = review(known.memory if known else None, Rating.Again if is_less else evidence.rating, evidence.at)
    return Mastery(evidence.level, evidence.level, memory)


def _failed(known: Mastery | None, evidence: MasteryEvidence) -> Mastery:
    """A failure shows nothing, of which the memory is as weak as can be; failing above one's level says nothing."""
    if known is None:
        return Mastery(0.0, 0.0, review(None, evidence.rating, evidence.at))
    if evidence.level > known.level:
        return known
    return Mastery(known.level, known.at(evidence.at), review(known.memory, evidence.rating, evidence.at))


def _bounded(holding: Holding) -> Holding:
    """Of too much evidence the oldest is folded into the start; what expires is dropped, as it soon would be."""
    if len(holding.evidence) <= EVIDENCE_KEPT:
        return holding
    oldest, *kept = holding.evidence
    start = weigh(holding.start, oldest) if oldest.expires_at is None else holding.start
    return Holding(tuple(kept), start)


def _order(evidence: MasteryEvidence) -> tuple[datetime, str]:
    return evidence.at, evidence.evidence_id
