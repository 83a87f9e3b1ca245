"""Kinetic's own decisions about nudges, on dictionaries instead of a database: what recommendation does, without its I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from math import sqrt
from statistics import fmean
from typing import Final
from zoneinfo import ZoneInfo

from kinetic.common.events import Emission, Envelope
from kinetic.contracts.ids import CompetencyKey, ContentId, GapId, NudgeId, PersonId, TeamId
from kinetic.contracts.recommendation import DismissalReason, NudgeComposed
from kinetic.recommendation.domain.afterwards import CONTENT_NOT_REFUSED, SAYS_NOTHING, Answer
from kinetic.recommendation.domain.attention import Policy, week_of
from kinetic.recommendation.domain.consider import Decision, decide_after_gaps, decide_again
from kinetic.recommendation.domain.content import Appraisal, Content
from kinetic.recommendation.domain.effect import MeasuredEffect
from kinetic.recommendation.domain.gap import Gap, ToldGap
from kinetic.recommendation.domain.nudge import Nudge, Outcome, State
from kinetic.recommendation.domain.picture import Library, Manager, Person, Picture, Team

ONE_EFFECT_ERROR: Final = 0.5
"""The standard error of one observed effect, in standard deviations: two means of some 20 days each, and nothing to compare
with. Several are as sure as independent ones."""


@dataclass
class Staffing:
    """Who manages a team, in which time zone, and who works there in which language."""

    manager_id: PersonId | None
    zone: ZoneInfo
    members: frozenset[PersonId]
    languages: Mapping[PersonId, str]


@dataclass
class Experience:
    """What became of a content item so far."""

    appraisal: Appraisal = field(default_factory=Appraisal)
    effects: list[float] = field(default_factory=list)

    def learn(self, improvement_sigma: float) -> None:
        """One more effect was observed."""
        self.effects.append(improvement_sigma)
        error = ONE_EFFECT_ERROR / sqrt(len(self.effects))
        effect = MeasuredEffect(fmean(self.effects), error, len(self.effects))
        self.appraisal = replace(self.appraisal, effect=effect)

    def count(self, name: str) -> None:
        """One more nudge or assignment of it came out so."""
        self.appraisal = replace(self.appraisal, **{name: getattr(self.appraisal, name) + 1})


class Suggestion:
    """What recommendation would keep of one company, and decide."""

    def __init__(self, policy: Policy, contents: Iterable[Content]) -> None:
        self._policy = policy
        self._contents = {content.content_id: content for content in contents}
        self._gaps: dict[GapId, Gap] = {}
        self._latest: dict[GapId, Nudge] = {}
        self._sent: list[tuple[PersonId, datetime]] = []
        self._refused: dict[tuple[TeamId, CompetencyKey], frozenset[ContentId]] = {}
        self._answers: dict[tuple[TeamId, CompetencyKey], dict[NudgeId, Answer]] = {}
        self._numbers = count(1)
        self.nudges: dict[NudgeId, Nudge] = {}
        self.experiences = {content_id: Experience() for content_id in self._contents}
        self.taken: dict[ContentId, frozenset[PersonId]] = {}

    def consider(
        self, told: Sequence[Envelope[ToldGap]], staffing: Mapping[TeamId, Staffing], now: datetime
    ) -> list[Nudge]:
        """The nudges that gap changes, and the time that passed, bring about."""
        picture = self._picture(staffing, now)
        emissions = self._keep(decide_after_gaps(picture, told, self._new_id), now)
        waiting = replace(self._picture(staffing, now), gaps={i: g for i, g in self._gaps.items() if g.due_at})
        emissions += self._keep(decide_again(waiting, self._new_id), now)
        composed = [emission.data for emission in emissions if isinstance(emission.data, NudgeComposed)]
        return [self.nudges[event.nudge_id] for event in composed]

    def hear(self, nudge_id: NudgeId, state: State, at: datetime, reason: DismissalReason | None = None) -> None:
        """What a manager did with a nudge."""
        nudge = self.nudges[nudge_id]
        ended = replace(nudge, state=state, outcome=Outcome(at, nudge.manager_id, reason=reason))
        self._keep_nudge(ended)
        content_id = nudge.offer.content.content_id
        self.experiences[content_id].count(state.value)
        if state is State.DISMISSED and reason not in CONTENT_NOT_REFUSED:
            about = (nudge.team_id, nudge.competency)
            self._refused[about] = self._refused.get(about, frozenset()) | {content_id}

    def take(self, content_id: ContentId, people: Iterable[PersonId]) -> None:
        """People have done an item, or have it assigned."""
        self.taken[content_id] = self.taken.get(content_id, frozenset()) | frozenset(people)

    def _picture(self, staffing: Mapping[TeamId, Staffing], now: datetime) -> Picture:
        managers = {s.manager_id: s.zone for s in staffing.values() if s.manager_id}
        spent = {manager_id: self._spent(manager_id, zone, now) for manager_id, zone in managers.items()}
        return Picture(
            now=now,
            policy=self._policy,
            gaps=self._gaps,
            nudges=self._latest,
            teams={team_id: _team(one, spent) for team_id, one in staffing.items()},
            people={
                person_id: Person(frozenset({one.manager_id} if one.manager_id else ()), one.languages[person_id])
                for one in staffing.values()
                for person_id in one.members
            },
            library=Library(
                self._contents,
                {content_id: one.appraisal for content_id, one in self.experiences.items()},
                self._refused,
                self.taken,
                {about: tuple(answers.values()) for about, answers in self._answers.items()},
            ),
        )

    def _spent(self, manager_id: PersonId, zone: ZoneInfo, now: datetime) -> int:
        start, end = week_of(now, zone)
        return sum(1 for whom, at in self._sent if whom == manager_id and start <= at < end)

    def _keep(self, decision: Decision, now: datetime) -> list[Emission]:
        self._gaps |= {gap.gap_id: gap for gap in decision.gaps}
        for nudge in decision.nudges:
            if nudge.nudge_id not in self.nudges:
                self._sent.append((nudge.manager_id, now))
            self._keep_nudge(nudge)
        return list(decision.emissions)

    def _keep_nudge(self, nudge: Nudge) -> None:
        """A nudge, and what it says once it has ended."""
        self.nudges[nudge.nudge_id] = self._latest[nudge.gap_id] = nudge
        if nudge.outcome is not None and nudge.outcome.reason not in SAYS_NOTHING:
            self._answers.setdefault((nudge.team_id, nudge.competency), {})[nudge.nudge_id] = Answer.of(nudge)

    def _new_id(self) -> str:
        return f"0199f000-0000-7000-b000-{next(self._numbers):012d}"


def _team(one: Staffing, spent: Mapping[PersonId, int]) -> Team:
    manager = Manager(one.manager_id, one.zone, spent[one.manager_id]) if one.manager_id else None
    return Team(manager, one.members)
