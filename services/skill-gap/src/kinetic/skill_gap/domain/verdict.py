"""Is training the answer? A gap opens, changes, closes, or is ruled out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from kinetic.common.events import Emission
from kinetic.contracts.ids import GapId
from kinetic.contracts.skill_gap import (
    CapabilitiesPublished,
    GapChanged,
    GapClosed,
    GapClosedReason,
    GapOpened,
    GapRuledOut,
    RuledOutReason,
)
from kinetic.skill_gap.domain.assessment import Assessment, AssessmentKey, Standing
from kinetic.skill_gap.domain.coverage import Coverage

OPEN_AT_PRESSURE = 1.0
"""A little more than one full-severity signal under a rule of weight 1, or several smaller ones, within a half-life."""

CALM_AT_PRESSURE = 0.25
"""Well below the opening, so that a gap does not flap."""

WORTH_TELLING = 0.1
"""A change of coverage from which on an open gap is told again."""

MUCH_MORE = 2.0
"""A growth of pressure from which on an open gap is told again, with its newer evidence."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The assessment after the decision, and what is to be told."""

    assessment: Assessment
    emissions: tuple[Emission, ...] = ()

    @property
    def key(self) -> AssessmentKey:
        """What the verdict is about."""
        return self.assessment.team_id, self.assessment.competency


@dataclass(frozen=True, slots=True)
class Situation:
    """What a verdict rests on."""

    coverage: Coverage
    rules: CapabilitiesPublished
    now: datetime
    new_id: Callable[[], str]


def decide_gap(assessment: Assessment, situation: Situation) -> Verdict:
    """The verdict on one team and competency. Deciding twice in the same situation tells nothing twice."""
    match assessment.standing:
        case Standing.OPEN:
            return _decide_open(assessment, situation)
        case Standing.RULED_OUT | Standing.QUIET:
            return _decide_not_open(assessment, situation)


def _decide_not_open(assessment: Assessment, situation: Situation) -> Verdict:
    pressure = assessment.pressure.at(situation.now)
    if pressure < CALM_AT_PRESSURE and assessment.standing is not Standing.QUIET:
        return Verdict(replace(assessment, standing=Standing.QUIET))
    if pressure < OPEN_AT_PRESSURE:
        return Verdict(assessment)
    if situation.coverage.is_required and not situation.coverage.is_enough:
        return _open(assessment, situation)
    return _rule_out(assessment, situation)


def _decide_open(assessment: Assessment, situation: Situation) -> Verdict:
    coverage = situation.coverage
    if not coverage.is_required:
        return _close(assessment, situation, GapClosedReason.NO_LONGER_REQUIRED)
    if coverage.is_enough:
        return _close(assessment, situation, GapClosedReason.COVERED)
    if assessment.pressure.at(situation.now) < CALM_AT_PRESSURE:
        return _close(assessment, situation, GapClosedReason.CALM)
    if _has_moved(assessment, situation):
        return _change(assessment, situation)
    return Verdict(assessment)


def _open(assessment: Assessment, situation: Situation) -> Verdict:
    opened = GapOpened(
        **_verdict(assessment, situation),
        gap_id=GapId(situation.new_id()),
        version=1,
        person_ids=situation.coverage.below,
        required_level=situation.coverage.required_level,
    )
    after = replace(assessment, standing=Standing.OPEN, gap_id=opened.gap_id, version=1, told=opened)
    return Verdict(after, (Emission(opened, assessment.cause),))


def _change(assessment: Assessment, situation: Situation) -> Verdict:
    changed = GapChanged(
        **_verdict(assessment, situation),
        gap_id=assessment.gap_id,
        version=assessment.version + 1,
        person_ids=situation.coverage.below,
        required_level=situation.coverage.required_level,
    )
    after = replace(assessment, version=changed.version, told=changed)
    return Verdict(after, (Emission(changed, assessment.cause),))


def _close(assessment: Assessment, situation: Situation, reason: GapClosedReason) -> Verdict:
    closed = GapClosed(
        **_verdict(assessment, situation), gap_id=assessment.gap_id, version=assessment.version + 1, reason=reason
    )
    # closed as covered says that training is no longer the answer; it need not be ruled out once more
    standing = Standing.RULED_OUT if reason is GapClosedReason.COVERED else Standing.QUIET
    after = replace(assessment, standing=standing, gap_id=None, version=0, told=closed)
    return Verdict(after, (Emission(closed, assessment.cause),))


def _rule_out(assessment: Assessment, situation: Situation) -> Verdict:
    if assessment.standing is Standing.RULED_OUT:
        return Verdict(assessment)
    reason = RuledOutReason.ALREADY_COVERED if situation.coverage.is_required else RuledOutReason.NOT_REQUIRED
    ruled_out = GapRuledOut(**_verdict(assessment, situation), reason=reason)
    after = replace(assessment, standing=Standing.RULED_OUT, told=ruled_out)
    return Verdict(after, (Emission(ruled_out, assessment.cause),))


def _verdict(assessment: Assessment, situation: Situation) -> dict[str, Any]:
    rules = situation.rules
    name = next((c.name for c in rules.competencies if c.key == assessment.competency), assessment.competency)
    goals = [goal for goal in rules.goals if assessment.competency in goal.competencies]
    return {
        "team_id": assessment.team_id,
        "competency": assessment.competency,
        "competency_name": name,
        "goal": max(goals, key=lambda goal: goal.weight).key if goals else None,
        "pressure": assessment.pressure.at(situation.now),
        "coverage": situation.coverage.share,
        "evidence": assessment.evidence,
        "map_version": rules.version,
        "decided_at": situation.now,
    }


def _has_moved(assessment: Assessment, situation: Situation) -> bool:
    told, coverage = assessment.told, situation.coverage
    if not isinstance(told, GapOpened | GapChanged):
        return True
    if told.person_ids != coverage.below or (told.coverage is None) != (coverage.share is None):
        return True
    if assessment.pressure.at(situation.now) >= MUCH_MORE * told.pressure:
        return True
    return abs((told.coverage or 0.0) - (coverage.share or 0.0)) >= WORTH_TELLING
