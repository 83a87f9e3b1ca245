"""What is known of one team and one competency, and how an observation changes it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from kinetic.common.events import Cause, Envelope
from kinetic.contracts.ids import CompetencyKey, EventId, GapId, TeamId
from kinetic.contracts.ingestion import SignalObserved
from kinetic.contracts.skill_gap import CapabilitiesPublished, Evidence, GapChanged, GapClosed, GapOpened, GapRuledOut
from kinetic.skill_gap.domain.pressure import Pressure

EVIDENCE_KEPT = 5

AssessmentKey = tuple[TeamId, CompetencyKey]
ToldVerdict = GapOpened | GapChanged | GapClosed | GapRuledOut


class Standing(StrEnum):
    """What was last told of a team and a competency."""

    QUIET = "quiet"
    OPEN = "open"
    RULED_OUT = "ruled_out"


@dataclass(frozen=True, slots=True)
class Assessment:
    """Bounded state: decayed pressure, the newest evidence, and what was last told with which cause."""

    team_id: TeamId
    competency: CompetencyKey
    pressure: Pressure
    standing: Standing = Standing.QUIET
    gap_id: GapId | None = None
    version: int = 0
    told: ToldVerdict | None = None
    evidence: tuple[Evidence, ...] = ()
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Pressed:
    """What an observation pressed, kept so that it can be taken back when it turns out to be wrong."""

    event_id: EventId
    weight: float
    half_life_days: float
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class Demand:
    """An observation that asks for a competency, with the weight that its rule gives it, and what it corrects."""

    key: AssessmentKey
    weight: float
    half_life_days: float
    evidence: Evidence
    cause: Cause
    replaces: tuple[Pressed, ...] = ()


@dataclass(frozen=True, slots=True)
class Relief:
    """An observation that takes back what earlier ones asked for, and asks for nothing itself."""

    key: AssessmentKey
    replaces: tuple[Pressed, ...]
    cause: Cause


def unobserved(key: AssessmentKey, now: datetime) -> Assessment:
    """The assessment of a pair about which nothing was observed yet."""
    return Assessment(key[0], key[1], Pressure(MappingProxyType({}), now))


def press(assessment: Assessment, demand: Demand | Relief, now: datetime) -> Assessment:
    """The assessment after one more demand, or one fewer."""
    pressure, evidence = assessment.pressure, assessment.evidence
    for pressed in demand.replaces:
        pressure = pressure.add(-pressed.weight, pressed.half_life_days, pressed.observed_at, now)
        evidence = tuple(kept for kept in evidence if kept.event_id != pressed.event_id)
    if isinstance(demand, Demand):
        pressure = pressure.add(demand.weight, demand.half_life_days, demand.evidence.observed_at, now)
        evidence = _newest(evidence, demand.evidence)
    return replace(assessment, pressure=pressure, evidence=evidence, cause=_cause(assessment, demand))


def _newest(kept: tuple[Evidence, ...], fresh: Evidence) -> tuple[Evidence, ...]:
    """The newest evidence, oldest first. What arrives is mostly the newest of all, and then nothing needs sorting."""
    if not kept or fresh.observed_at >= kept[-1].observed_at:
        return (*kept, fresh)[-EVIDENCE_KEPT:]
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


def _cause(assessment: Assessment, demand: Demand | Relief) -> Cause:
    """What the next verdict follows from. An open gap stays in the life that opened it, whatever presses on it later."""
    if assessment.standing is not Standing.OPEN or assessment.cause is None:
        return demand.cause
    return replace(assessment.cause, event_id=demand.cause.event_id)


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
