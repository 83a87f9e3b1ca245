"""What is known of one team and one competency, and how a signal changes it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from kinetic.common.events import Cause, Envelope
from kinetic.contracts.ids import CompetencyKey, GapId, PersonId, TeamId
from kinetic.contracts.ingestion import SignalObserved
from kinetic.contracts.skill_gap import CapabilitiesPublished, Evidence, GapChanged, GapClosed, GapOpened, GapRuledOut
from kinetic.skill_gap.domain.cooling import LastGap
from kinetic.skill_gap.domain.days import day_of
from kinetic.skill_gap.domain.pressure import Pressure
from kinetic.skill_gap.domain.surge import Surge, nothing_seen

EVIDENCE_KEPT = 5

AssessmentKey = tuple[TeamId, CompetencyKey]
ToldVerdict = GapOpened | GapChanged | GapClosed | GapRuledOut


class Standing(StrEnum):
    """What was last told of a team and a competency."""

    QUIET = "quiet"
    OPEN = "open"
    RULED_OUT = "ruled_out"


@dataclass(frozen=True, slots=True)
class ToldGap:
    """What was last told of an open gap, as far as it decides whether it is told again."""

    pressure: float
    coverage: float | None
    person_ids: tuple[PersonId, ...]
    may_be_withheld: bool


@dataclass(frozen=True, slots=True)
class Assessment:
    """Bounded state: decayed pressure of signals, how many there are beside how many there usually are, the newest of them,
    what was last told while the gap is open, what that followed from, and the gap that opened last.
    """

    team_id: TeamId
    competency: CompetencyKey
    pressure: Pressure
    surge: Surge
    standing: Standing = Standing.QUIET
    gap_id: GapId | None = None
    version: int = 0
    told: ToldGap | None = None
    evidence: tuple[Evidence, ...] = ()
    cause: Cause | None = None
    last_gap: LastGap | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """A signal that asks for a competency, with the weight that its rule gives it."""

    key: AssessmentKey
    weight: float
    half_life_days: float
    evidence: Evidence
    cause: Cause


def unobserved(key: AssessmentKey, now: datetime) -> Assessment:
    """The assessment of a pair about which nothing was observed yet."""
    return Assessment(key[0], key[1], Pressure(MappingProxyType({}), now), nothing_seen(day_of(now)))


def press(assessment: Assessment, demand: Demand, now: datetime) -> Assessment:
    """The assessment after one more demand."""
    seen_at, known = demand.evidence.observed_at, assessment
    return Assessment(
        known.team_id,
        known.competency,
        known.pressure.add(demand.weight, demand.half_life_days, seen_at, now),
        known.surge.add(demand.weight, day_of(seen_at), day_of(now)),
        known.standing,
        known.gap_id,
        known.version,
        known.told,
        _newest(known.evidence, demand.evidence),
        follow(known, demand.cause),
        known.last_gap,
    )


def _newest(kept: tuple[Evidence, ...], fresh: Evidence) -> tuple[Evidence, ...]:
    """The newest evidence, oldest first. What arrives is mostly the newest of all, and then nothing needs sorting."""
    if not kept or fresh.observed_at >= kept[-1].observed_at:
        return (*kept, fresh)[-EVIDENCE_KEPT:]
    if len(kept) == EVIDENCE_KEPT and fresh.observed_at < kept[0].observed_at:
        return kept
    return tuple(sorted((*kept, fresh), key=lambda evidence: evidence.observed_at)[-EVIDENCE_KEPT:])


def demands_of_signal(signal: Envelope[SignalObserved], rules: CapabilitiesPublished) -> list[Demand]:
    """What a signal asks for: severity × the rule's weight, for every rule whose kind it matches."""
    observed = signal.data
    return [
        Demand(
            key=(observed.team_id, rule.competency),
            weight=observed.severity * rule.weight,
            half_life_days=rule.half_life_days,
            evidence=_evidence(signal, observed.severity * rule.weight),
            cause=signal.cause,
        )
        for rule in rules.signal_rules
        if matches(rule.kind, observed.kind)
    ]


def matches(pattern: str, kind: str) -> bool:
    """Whether a rule's kind (`delivery.failed`, or `delivery.*` for all below) takes a signal's kind."""
    if pattern.endswith(".*"):
        return kind.startswith(pattern[:-1])
    return kind == pattern


def follow(assessment: Assessment, cause: Cause) -> Cause:
    """What the next verdict follows from. An open gap stays in the life that opened it, whatever comes later."""
    if assessment.standing is not Standing.OPEN or assessment.cause is None:
        return cause
    return replace(assessment.cause, event_id=cause.event_id)


def _evidence(signal: Envelope[SignalObserved], weight: float) -> Evidence:
    observed = signal.data
    return Evidence(
        event_id=signal.id,
        source=observed.source,
        kind=observed.kind,
        statement=observed.summary,
        url=observed.url,
        weight=weight,
        observed_at=observed.occurred_at,
    )
