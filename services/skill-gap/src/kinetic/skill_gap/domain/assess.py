"""From a batch of observations to gap changes: the decision that the handlers take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kinetic.common.events import Cause, Emission
from kinetic.contracts.ids import CompetencyKey, KpiKey, TeamId
from kinetic.contracts.skill_gap import CapabilitiesPublished
from kinetic.skill_gap.domain.assessment import (
    Assessment,
    AssessmentKey,
    Demand,
    ToldVerdict,
    follow,
    press,
    unobserved,
)
from kinetic.skill_gap.domain.circumstances import UNKNOWN, Circumstances
from kinetic.skill_gap.domain.coverage import Coverage, Learner, cover
from kinetic.skill_gap.domain.days import day_of
from kinetic.skill_gap.domain.slip import Slip
from kinetic.skill_gap.domain.verdict import Situation, decide_gap
from kinetic.skill_gap.domain.weighing import Numbers, read_numbers


@dataclass(frozen=True, slots=True)
class Picture:
    """What a decision about some teams rests on: the map, what was known of them, who works there, what else goes on."""

    rules: CapabilitiesPublished
    assessments: Mapping[AssessmentKey, Assessment]
    learners: Mapping[TeamId, Sequence[Learner]]
    circumstances: Mapping[TeamId, Circumstances]

    def coverage(self, key: AssessmentKey, now: datetime) -> Coverage:
        """How much of what its roles require a team holds of a competency at `now`."""
        team_id, competency = key
        return cover(self.learners.get(team_id, ()), competency, self.rules.requirements, now)

    def numbers(self, key: AssessmentKey, now: datetime) -> Numbers:
        """What the KPIs of a team say about a competency."""
        return read_numbers(key[1], self.around(key[0]), self.rules, day_of(now))

    def around(self, team_id: TeamId) -> Circumstances:
        """What goes on around a team."""
        return self.circumstances.get(team_id, UNKNOWN)

    def pressure(self, key: AssessmentKey, now: datetime) -> float:
        """How hard the work asks for a competency: the decayed sum of signals, and the KPI that slips most surely."""
        known = self.assessments.get(key)
        return (known.pressure.at(now) if known else 0.0) + self.numbers(key, now).pressure


@dataclass(frozen=True, slots=True)
class Turn:
    """A KPI of a team after one more measurement, and what told of it."""

    team_id: TeamId
    slip: Slip
    cause: Cause


@dataclass(frozen=True, slots=True)
class Decision:
    """The assessments to save and the events to tell, and the coverages that they rest on."""

    assessments: tuple[Assessment, ...]
    emissions: tuple[Emission, ...]
    coverages: Mapping[AssessmentKey, Coverage]

    @property
    def told(self) -> list[ToldVerdict]:
        """The verdicts among the events, the oldest first. Those in an older version say nothing new."""
        return [emission.data for emission in self.emissions if isinstance(emission.data, ToldVerdict)]


def decide_after_demands(
    picture: Picture, demands: Iterable[Demand], now: datetime, new_id: Callable[[], str]
) -> Decision:
    """Press each demand in order, deciding after each, so that a batch tells what its events one by one would."""
    desk = _Desk(picture, now, new_id)
    for demand in demands:
        desk.decide(press(desk.assessment(demand.key), demand, now))
    return desk.decision()


def decide_after_turns(picture: Picture, turns: Iterable[Turn], now: datetime, new_id: Callable[[], str]) -> Decision:
    """Let each KPI turn in order, and decide every competency that the map links it to after each."""
    desk = _Desk(picture, now, new_id)
    linked: dict[KpiKey, list[CompetencyKey]] = {}
    for rule in picture.rules.kpi_rules:
        linked.setdefault(rule.kpi, []).append(rule.competency)
    for turn in turns:
        desk.turn(turn)
        for competency in linked.get(turn.slip.kpi, ()):
            known = desk.assessment((turn.team_id, competency))
            desk.decide_anew(replace(known, cause=follow(known, turn.cause)))
    return desk.decision()


def decide_again(picture: Picture, now: datetime, new_id: Callable[[], str]) -> Decision:
    """Decide every assessment of the picture again: people have learned or moved, the map has changed, or time has passed.

    Only those that came out otherwise are to be saved.
    """
    desk = _Desk(picture, now, new_id)
    for _, assessment in sorted(picture.assessments.items()):
        desk.decide_anew(assessment)
    return desk.decision()


class _Desk:
    """What lies on the table while one decision is taken: the picture, and what has changed in it so far."""

    def __init__(self, picture: Picture, now: datetime, new_id: Callable[[], str]) -> None:
        self._picture = picture
        self._now = now
        self._today = day_of(now)
        self._new_id = new_id
        self._circumstances = dict(picture.circumstances)
        self._coverages: dict[AssessmentKey, Coverage] = {}
        self._situations: dict[TeamId, dict[CompetencyKey, Situation]] = {}
        self._touched: dict[AssessmentKey, Assessment] = {}
        self._emissions: list[Emission] = []

    def assessment(self, key: AssessmentKey) -> Assessment:
        """What is known of a pair by now."""
        return self._touched.get(key) or self._picture.assessments.get(key) or unobserved(key, self._now)

    def turn(self, turn: Turn) -> None:
        """A KPI of a team stands otherwise from here on."""
        around = self._circumstances.get(turn.team_id, UNKNOWN)
        slips = {**around.slips, turn.slip.kpi: turn.slip}
        self._circumstances[turn.team_id] = replace(around, slips=slips)
        self._situations.pop(turn.team_id, None)

    def decide(self, assessment: Assessment) -> None:
        """The verdict on a pair that has changed."""
        key = team_id, competency = assessment.team_id, assessment.competency
        of_team = self._situations.get(team_id)
        if of_team is None:
            of_team = self._situations[team_id] = {}
        situation = of_team.get(competency)
        if situation is None:
            situation = of_team[competency] = self._situation(key)
        verdict = decide_gap(assessment, situation)
        self._touched[key] = verdict.assessment
        self._emissions += verdict.emissions

    def _situation(self, key: AssessmentKey) -> Situation:
        """What a pair is in, whatever signals come: worked out once for all of them."""
        team_id, competency = key
        if key not in self._coverages:
            self._coverages[key] = self._picture.coverage(key, self._now)
        around = self._circumstances.get(team_id, UNKNOWN)
        numbers = read_numbers(competency, around, self._picture.rules, self._today)
        return Situation(self._coverages[key], around, numbers, self._picture.rules, self._now, self._new_id)

    def decide_anew(self, assessment: Assessment) -> None:
        """The verdict on a pair about which nothing new was seen: it is kept only when it comes out otherwise."""
        key = (assessment.team_id, assessment.competency)
        before = self._touched.get(key)
        self.decide(assessment)
        if self._touched[key] is assessment:
            if before is None:
                del self._touched[key]
            else:
                self._touched[key] = before

    def decision(self) -> Decision:
        """All that changed."""
        return Decision(tuple(self._touched.values()), tuple(self._emissions), self._coverages)
