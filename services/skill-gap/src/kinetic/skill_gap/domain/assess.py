"""From a batch of observations to gap changes: the decision that the handlers take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kinetic.common.events import Emission
from kinetic.contracts.ids import TeamId
from kinetic.contracts.skill_gap import CapabilitiesPublished
from kinetic.skill_gap.domain.assessment import Assessment, AssessmentKey, Demand, Relief, press, unobserved
from kinetic.skill_gap.domain.coverage import Coverage, Learner, cover
from kinetic.skill_gap.domain.verdict import Situation, decide_gap


@dataclass(frozen=True, slots=True)
class Picture:
    """What a decision about some teams rests on: the map, what was known of them, and who works there."""

    rules: CapabilitiesPublished
    assessments: Mapping[AssessmentKey, Assessment]
    learners: Mapping[TeamId, Sequence[Learner]]

    def coverage(self, key: AssessmentKey, now: datetime) -> Coverage:
        """How much of what its roles require a team holds of a competency at `now`."""
        team_id, competency = key
        return cover(self.learners.get(team_id, ()), competency, self.rules.requirements, now)


@dataclass(frozen=True, slots=True)
class Decision:
    """The assessments to save and the events to tell."""

    assessments: tuple[Assessment, ...]
    emissions: tuple[Emission, ...]


def decide_after_demands(
    picture: Picture, demands: Iterable[Demand | Relief], now: datetime, new_id: Callable[[], str]
) -> Decision:
    """Press each demand in order, deciding after each, so that a batch tells what its events one by one would."""
    touched: dict[AssessmentKey, Assessment] = {}
    emissions: list[Emission] = []
    situations: dict[AssessmentKey, Situation] = {}
    for demand in demands:
        known = touched.get(demand.key) or picture.assessments.get(demand.key) or unobserved(demand.key, now)
        if demand.key not in situations:
            situations[demand.key] = Situation(picture.coverage(demand.key, now), picture.rules, now, new_id)
        verdict = decide_gap(press(known, demand, now), situations[demand.key])
        touched[demand.key] = verdict.assessment
        emissions += verdict.emissions
    return Decision(tuple(touched.values()), tuple(emissions))


def decide_again(picture: Picture, now: datetime, new_id: Callable[[], str]) -> Decision:
    """Decide every assessment of the picture again: people have learned or moved, the map has changed, or time has passed.

    Only those that came out otherwise are to be saved.
    """
    verdicts = [
        decide_gap(assessment, Situation(picture.coverage(key, now), picture.rules, now, new_id))
        for key, assessment in sorted(picture.assessments.items())
    ]
    changed = tuple(v.assessment for v in verdicts if v.assessment is not picture.assessments[v.key])
    return Decision(changed, tuple(e for v in verdicts for e in v.emissions))
