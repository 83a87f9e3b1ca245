"""Kinetic's own decisions about gaps, on dictionaries instead of a database: what the service does, without its I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import TypeVar

from kinetic.common.events import Emission, Envelope
from kinetic.contracts.event import Event
from kinetic.contracts.ids import CompetencyKey, EventId, KpiKey, PersonId, RoleKey, TeamId
from kinetic.contracts.ingestion import MeasurementRecorded, SignalObserved
from kinetic.contracts.skill_gap import CapabilitiesPublished
from kinetic.skill_gap.domain.assess import (
    Decision,
    Picture,
    decide_after_demands,
    decide_after_turns,
    decide_again,
)
from kinetic.skill_gap.domain.assessment import Assessment, AssessmentKey, demands_of_signal
from kinetic.skill_gap.domain.circumstances import (
    NOTICEABLE,
    STAFFING_LOOKS_BACK,
    Circumstances,
    Crowd,
    Staff,
    most_changed,
)
from kinetic.skill_gap.domain.coverage import Learner
from kinetic.skill_gap.domain.days import day_of
from kinetic.skill_gap.domain.mastery import Holding, Mastery
from kinetic.skill_gap.domain.peers import Others, Peers
from kinetic.skill_gap.domain.readings import Charted, ChartKey, reckon

E = TypeVar("E", bound=Event)


@dataclass
class Employee:
    """Where somebody works, since when, and what they hold. `history` holds (since, team) in order; None when they left."""

    role: RoleKey
    history: list[tuple[datetime, TeamId | None]]
    holdings: dict[CompetencyKey, Holding] = field(default_factory=dict)
    is_active: bool = True

    def team_at(self, moment: datetime) -> TeamId | None:
        """The team in which they worked at a moment; None before they came and after they left."""
        held: TeamId | None = None
        for since, team_id in self.history:
            if since <= moment:
                held = team_id
        return held


class Detection:
    """What skill-gap would keep of one company, and decide."""

    def __init__(self, rules: CapabilitiesPublished) -> None:
        self._rules = rules
        self._assessments: dict[AssessmentKey, Assessment] = {}
        self._charts: dict[ChartKey, Charted] = {}
        self._numbers = count(1)
        self.people: dict[PersonId, Employee] = {}

    def seal(self, data: E, at: datetime) -> Envelope[E]:
        """The event in an envelope of its own."""
        event_id = EventId(f"0199f000-0000-7000-9000-{next(self._numbers):012d}")
        return Envelope(id=event_id, source="/simulation", time=at, correlation_id=event_id, data=data)

    def observe(
        self, signals: Sequence[SignalObserved], measurements: Sequence[MeasurementRecorded], now: datetime
    ) -> list[Emission]:
        """The gap changes of a day: after its signals, after its measurements, and by the clock."""
        teams = sorted({team for person in self.people.values() if (team := person.team_at(now))})
        around = self._circumstances(teams, now)
        learners = self._learners(now)
        told: list[Emission] = []
        demands = [d for signal in signals for d in demands_of_signal(self.seal(signal, now), self._rules)]
        told += self._keep(decide_after_demands(self._picture(learners, around), demands, now, self._new_id))
        reckoning = reckon(self._charts, [self.seal(one, now) for one in measurements], self._rules)
        self._charts |= reckoning.charts
        told += self._keep(decide_after_turns(self._picture(learners, around), reckoning.turns, now, self._new_id))
        around = self._circumstances(teams, now)
        told += self._keep(decide_again(self._picture(learners, around), now, self._new_id))
        return told

    def _picture(self, learners: dict[TeamId, list[Learner]], around: dict[TeamId, Circumstances]) -> Picture:
        return Picture(self._rules, self._assessments, learners, around)

    def _keep(self, decision: Decision) -> tuple[Emission, ...]:
        for assessment in decision.assessments:
            self._assessments[assessment.team_id, assessment.competency] = assessment
        return decision.emissions

    def _new_id(self) -> str:
        return f"0199f000-0000-7000-a000-{next(self._numbers):012d}"

    def _learners(self, now: datetime) -> dict[TeamId, list[Learner]]:
        found: dict[TeamId, list[Learner]] = {}
        for person_id, person in self.people.items():
            team_id = person.team_at(now)
            if team_id is not None:
                found.setdefault(team_id, []).append(Learner(person_id, person.role, _masteries(person, now)))
        return found

    def _circumstances(self, teams: Iterable[TeamId], now: datetime) -> dict[TeamId, Circumstances]:
        today, peers = day_of(now), self._peers()
        surges = {key: a.surge.score(today) >= NOTICEABLE for key, a in self._assessments.items()}
        return {
            team_id: Circumstances(
                slips={kpi: one.slip for (team, kpi), one in self._charts.items() if team == team_id},
                by_kpi={kpi: self._crowd_by_kpi(kpi, Others(seen, team_id)) for kpi, seen in peers.items()},
                by_competency={
                    c.key: _crowd([slips for (team, key), slips in surges.items() if key == c.key and team != team_id])
                    for c in self._rules.competencies
                },
                staff=self._staff(team_id, now),
            )
            for team_id in teams
        }

    def _peers(self) -> dict[KpiKey, Peers]:
        return {
            kpi.key: Peers({team: one.slip.track for (team, key), one in self._charts.items() if key == kpi.key})
            for kpi in self._rules.kpis
        }

    def _crowd_by_kpi(self, kpi: KpiKey, others: Others) -> Crowd:
        slips = [one.slip for (team, key), one in self._charts.items() if key == kpi and team != others.besides]
        return Crowd(len(slips), sum(slip.score >= NOTICEABLE for slip in slips), others)

    def _staff(self, team_id: TeamId, now: datetime) -> Staff:
        today = self._members(team_id, now)
        past = [self._members(team_id, now - back) for back in STAFFING_LOOKS_BACK]
        return most_changed(Staff(len(today), len(before), len(today & before)) for before in past)

    def _members(self, team_id: TeamId, moment: datetime) -> set[PersonId]:
        return {person_id for person_id, person in self.people.items() if person.team_at(moment) == team_id}


def _masteries(person: Employee, now: datetime) -> dict[CompetencyKey, Mastery]:
    held = {competency: holding.mastery(now) for competency, holding in person.holdings.items()}
    return {competency: mastery for competency, mastery in held.items() if mastery}


def _crowd(slipping: Sequence[bool]) -> Crowd:
    return Crowd(len(slipping), sum(slipping))
