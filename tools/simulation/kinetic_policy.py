"""Kinetic as a policy of the simulator: its pure decisions, told what the services would read from Kafka."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, date, datetime, time

from kinetic.contracts.ids import CompetencyKey, ContentId, PersonId, RoleKey, TeamId
from kinetic.contracts.ingestion import LearningRecorded, LearningVerb, MeasurementRecorded, SignalObserved, Teaches
from kinetic.contracts.skill_gap import CapabilitiesPublished, GapClosed, GapOpened, GapRuledOut
from kinetic.skill_gap.domain.evidence import KINDS, Taught, evidence_of, practice_of
from kinetic.skill_gap.domain.mastery import Holding
from tools.simulation.detection import Detection, Employee
from tools.simulator.policy import Company, Day, Moves, Pair, RuledOut
from tools.simulator.records import Learning, Measurement, Person, Signal


class KineticPolicy:
    """One company, watched by Kinetic's decisions."""

    def __init__(self, company: Company) -> None:
        rules = CapabilitiesPublished.model_validate(
            {**asdict(company.capabilities), "published_at": _noon(company.start)}
        )
        self._detection = Detection(rules)
        self._taught = {
            content.content_id: Taught(
                [Teaches(competency=CompetencyKey(t.competency), level=t.level) for t in content.teaches]
            )
            for content in company.catalogue
        }
        self._hire(company.people)
        self._learn(company.learning)

    def observe(self, day: Day) -> Moves:
        """The gap changes of a day, and what is suggested."""
        self._hire(day.people, day.now)
        self._learn(day.learning)
        told = self._detection.observe(
            [_signal(signal) for signal in day.signals], [_measurement(one) for one in day.measurements], day.now
        )
        events = [emission.data for emission in told]
        return Moves(
            opened=tuple(Pair(e.team_id, e.competency) for e in events if isinstance(e, GapOpened)),
            closed=tuple(Pair(e.team_id, e.competency) for e in events if isinstance(e, GapClosed)),
            ruled_out=tuple(RuledOut(e.team_id, e.competency, e.reason) for e in events if isinstance(e, GapRuledOut)),
        )

    def _hire(self, people: Iterable[Person], now: datetime | None = None) -> None:
        """People come, move and leave."""
        for person in people:
            known = self._detection.people.get(PersonId(person.person_id))
            history: list[tuple[datetime, TeamId | None]] = [
                (at.effective_from, TeamId(at.team_id) if at.team_id and at.role != "manager" else None)
                for at in person.positions
            ]
            if known and now and (not person.active or not known.is_active):
                history = [*known.history, (now, history[-1][1] if person.active else None)]
            holdings = known.holdings if known else {}
            role = RoleKey(person.positions[-1].role)
            self._detection.people[PersonId(person.person_id)] = Employee(role, history, holdings, person.active)

    def _learn(self, records: Iterable[Learning]) -> None:
        for record in records:
            person, verb = self._detection.people.get(PersonId(record.person_id)), LearningVerb(record.verb)
            if person is None or verb not in KINDS:
                continue
            learned = LearningRecorded(
                person_id=PersonId(record.person_id),
                content_id=ContentId(record.content_id),
                verb=verb,
                score=record.score,
                registration=record.registration,
                source=record.source,
                occurred_at=record.occurred_at,
            )
            sealed = self._detection.seal(learned, record.occurred_at)
            for competency, evidence in evidence_of(practice_of(sealed), self._taught[record.content_id]):
                person.holdings[competency] = person.holdings.get(competency, Holding()).take(evidence)


def _signal(signal: Signal) -> SignalObserved:
    return SignalObserved(
        source=signal.source,
        kind=signal.kind,
        team_id=TeamId(signal.team_id),
        severity=signal.severity,
        summary=signal.summary,
        url=signal.url,
        occurred_at=signal.occurred_at,
    )


def _measurement(one: Measurement) -> MeasurementRecorded:
    return MeasurementRecorded(
        kpi=one.kpi,
        team_id=TeamId(one.team_id),
        value=one.value,
        n=one.n,
        period_start=one.period_start,
        period_end=one.period_end,
        version=one.version,
    )


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
