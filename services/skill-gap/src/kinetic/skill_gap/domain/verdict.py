"""Is training the answer? A gap opens, changes, closes, or is ruled out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from kinetic.common.events import Emission
from kinetic.contracts.ids import GapId
from kinetic.contracts.skill_gap import (
    CapabilitiesPublished,
    Evidence,
    Explanation,
    GapChanged,
    GapClosed,
    GapClosedReason,
    GapOpened,
    GapRuledOut,
    GapRuledOutV1,
    Grounds,
    RuledOutReason,
)
from kinetic.skill_gap.domain.assessment import Assessment, AssessmentKey, Standing, ToldGap, ToldVerdict
from kinetic.skill_gap.domain.circumstances import Circumstances
from kinetic.skill_gap.domain.cooling import LastGap
from kinetic.skill_gap.domain.coverage import Coverage
from kinetic.skill_gap.domain.days import day_of
from kinetic.skill_gap.domain.slip import Slip
from kinetic.skill_gap.domain.weighing import Numbers, Weighing, doubt, weigh
from kinetic.skill_gap.domain.withholding import may_be_withheld

WORTH_TELLING = 0.1
"""A change of coverage from which on an open gap is told again."""

MUCH_MORE = 2.0
"""A growth of pressure from which on an open gap is told again, with its newer evidence."""

_OF_V1 = {
    Explanation.ALREADY_COVERED: RuledOutReason.ALREADY_COVERED,
    Explanation.NOT_REQUIRED: RuledOutReason.NOT_REQUIRED,
}


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
    circumstances: Circumstances
    numbers: Numbers
    rules: CapabilitiesPublished
    now: datetime
    new_id: Callable[[], str]


def decide_gap(assessment: Assessment, situation: Situation) -> Verdict:
    """The verdict on one team and competency. Deciding twice in the same situation tells nothing twice."""
    return _Case(assessment, situation).verdict()


class _Case:
    """One assessment in one situation, weighed once, and only where something hangs on it."""

    def __init__(self, assessment: Assessment, situation: Situation) -> None:
        self._assessment = assessment
        self._situation = situation
        self._pressure = assessment.pressure.at(situation.now) + situation.numbers.pressure

    def verdict(self) -> Verdict:
        """Open, change, close or rule out; or nothing."""
        if self._assessment.standing is Standing.OPEN:
            return self._of_open()
        return self._of_not_open()

    @cached_property
    def _weighing(self) -> Weighing:
        situation = self._situation
        return weigh(
            self._assessment.competency,
            self._assessment.surge,
            situation.numbers,
            situation.circumstances,
            day_of(situation.now),
        )

    @property
    def _needed(self) -> float:
        """The score from which on a gap opens. Where pressure alone decides, coverage casts no doubt."""
        opening = self._situation.rules.detection.opening_score
        return opening + doubt(self._situation.coverage, self._situation.numbers.is_confirmable) if opening else 0.0

    @property
    def _is_calm(self) -> bool:
        detection = self._situation.rules.detection
        if self._pressure < detection.calm_pressure:
            return True
        calm = min(detection.calm_score, detection.opening_score)
        return self._weighing.is_established and self._weighing.score < calm

    @property
    def _is_out_of_reach(self) -> bool:
        """Whether nothing can open whatever the signals say, so that they need not be weighed."""
        is_quiet = self._assessment.standing is Standing.QUIET
        return is_quiet and self._situation.numbers.ceiling < self._situation.rules.detection.opening_score

    def _of_not_open(self) -> Verdict:
        detection = self._situation.rules.detection
        if self._assessment.standing is not Standing.QUIET and self._is_calm:
            return Verdict(replace(self._assessment, standing=Standing.QUIET))
        if self._pressure < detection.opening_pressure or self._is_out_of_reach:
            return Verdict(self._assessment)
        if self._weighing.score < detection.opening_score:
            return self._wait()
        if not self._situation.coverage.is_required:
            return self._rule_out(Explanation.NOT_REQUIRED)
        if self._situation.coverage.is_enough:
            return self._rule_out(Explanation.ALREADY_COVERED)
        if self._weighing.score < self._needed:
            return Verdict(self._assessment)
        explanation = self._weighing.explanation() if detection.opening_score else None
        if explanation is not None:
            return self._rule_out(explanation)
        return Verdict(self._assessment) if self._cools_down else self._open()

    @property
    def _cools_down(self) -> bool:
        last, situation = self._assessment.last_gap, self._situation
        days, share = situation.rules.detection.cool_down_days, situation.coverage.share
        return last is not None and last.holds_back(self._pressure, share, days, situation.now)

    def _wait(self) -> Verdict:
        """It is not sure yet. Where nobody knows what is usual, that is said."""
        if self._weighing.is_established or self._assessment.standing is Standing.RULED_OUT:
            return Verdict(self._assessment)
        return self._rule_out(Explanation.TOO_FEW_DATA)

    def _of_open(self) -> Verdict:
        coverage = self._situation.coverage
        if not coverage.is_required:
            return self._close(GapClosedReason.NO_LONGER_REQUIRED)
        if coverage.is_enough:
            return self._close(GapClosedReason.COVERED)
        if self._is_calm:
            return self._close(GapClosedReason.CALM)
        return self._change() if self._has_moved() else Verdict(self._assessment)

    def _open(self) -> Verdict:
        opened = GapOpened(
            **self._facts(),
            gap_id=GapId(self._situation.new_id()),
            version=1,
            person_ids=self._situation.coverage.below,
            required_level=self._situation.coverage.required_level,
            may_be_withheld=self._may_be_withheld,
        )
        last_gap = LastGap(self._pressure)
        return self._tell(opened, standing=Standing.OPEN, gap_id=opened.gap_id, version=1, last_gap=last_gap)

    def _change(self) -> Verdict:
        changed = GapChanged(
            **self._facts(),
            gap_id=self._assessment.gap_id,
            version=self._assessment.version + 1,
            person_ids=self._situation.coverage.below,
            required_level=self._situation.coverage.required_level,
            may_be_withheld=self._may_be_withheld,
        )
        return self._tell(changed, version=changed.version)

    def _close(self, reason: GapClosedReason) -> Verdict:
        closed = GapClosed(
            **self._facts(), gap_id=self._assessment.gap_id, version=self._assessment.version + 1, reason=reason
        )
        # closed as covered says that training is no longer the answer; it need not be ruled out once more
        standing = Standing.RULED_OUT if reason is GapClosedReason.COVERED else Standing.QUIET
        last = self._assessment.last_gap or LastGap(self._pressure)
        last_gap = last.closed(reason, self._pressure, self._situation.coverage.share, self._situation.now)
        return self._tell(closed, standing=standing, gap_id=None, version=0, last_gap=last_gap)

    def _rule_out(self, reason: Explanation) -> Verdict:
        if self._assessment.standing is Standing.RULED_OUT:
            return Verdict(self._assessment)
        facts = self._facts()
        ruled_out = self._tell(GapRuledOut(**facts, reason=reason), standing=Standing.RULED_OUT)
        if reason not in _OF_V1:
            return ruled_out
        older = Emission(GapRuledOutV1(**facts, reason=_OF_V1[reason]), self._assessment.cause)
        return replace(ruled_out, emissions=(older, *ruled_out.emissions))

    def _tell(self, told: ToldVerdict, **changes: Any) -> Verdict:
        emission = Emission(told, self._assessment.cause)
        return Verdict(replace(self._assessment, told=_kept(told), **changes), (emission,))

    def _facts(self) -> dict[str, Any]:
        rules, competency = self._situation.rules, self._assessment.competency
        name = next((c.name for c in rules.competencies if c.key == competency), competency)
        goal = max((g for g in rules.goals if competency in g.competencies), key=lambda g: g.weight, default=None)
        slip, score = self._weighing.numbers.slip, self._weighing.numbers.departure.score
        return {
            "team_id": self._assessment.team_id,
            "competency": competency,
            "competency_name": name,
            "goal": goal.key if goal else None,
            "goal_weight": goal.weight if goal else 1.0,
            "pressure": self._pressure,
            "coverage": self._situation.coverage.share,
            "evidence": (*self._assessment.evidence, *([_evidence(slip, score, rules)] if slip else [])),
            "grounds": _grounds(self._weighing, self._needed),
            "map_version": rules.version,
            "decided_at": self._situation.now,
        }

    @property
    def _may_be_withheld(self) -> bool:
        return may_be_withheld(self._assessment.competency, self._situation.rules)

    def _has_moved(self) -> bool:
        told, coverage = self._assessment.told, self._situation.coverage
        if told is None:
            return True
        if told.person_ids != coverage.below or (told.coverage is None) != (coverage.share is None):
            return True
        if self._pressure >= MUCH_MORE * told.pressure:
            return True
        if told.may_be_withheld and not self._may_be_withheld:
            return True
        return abs((told.coverage or 0.0) - (coverage.share or 0.0)) >= WORTH_TELLING


def _kept(told: ToldVerdict) -> ToldGap | None:
    if not isinstance(told, GapOpened | GapChanged):
        return None
    return ToldGap(told.pressure, told.coverage, told.person_ids, told.may_be_withheld)


def _grounds(weighing: Weighing, needed: float) -> Grounds:
    numbers = weighing.numbers
    return Grounds(
        signals_score=weighing.surge,
        kpi_score=numbers.departure.score,
        kpi=numbers.slip.kpi if numbers.slip else None,
        kpi_shift=numbers.departure.own if numbers.departure.since else None,
        kpi_shared=numbers.departure.shared if numbers.departure.since else None,
        needed_score=needed,
        others_share=numbers.others_share,
        other_teams=weighing.crowd.teams,
        other_teams_slipping=weighing.crowd.slipping,
        kpis_share=numbers.kpis_share,
        other_kpis=len(numbers.besides),
        other_kpis_slipping=numbers.kpis_slipping,
        people=weighing.staff.now,
        people_before=weighing.staff.before,
        people_stayed=weighing.staff.stayed,
    )


def _evidence(slip: Slip, score: float, rules: CapabilitiesPublished) -> Evidence:
    """A slipping KPI as one more piece of evidence, in the words of its newest measurement."""
    kpi = next(kpi for kpi in rules.kpis if kpi.key == slip.kpi)
    was = "" if slip.usual is None else f", usually {slip.usual:.3g}"
    return Evidence(
        event_id=slip.event_id,
        source="measurement",
        kind=f"kpi.{kpi.key}",
        statement=f"{kpi.name} {slip.value:g} {kpi.unit}{was} (goal {kpi.target:g}), {slip.n} cases",
        weight=score,
        observed_at=slip.measured_at,
    )
