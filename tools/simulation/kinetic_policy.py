"""Kinetic as a policy of the simulator: its pure decisions, told what the services would read from Kafka."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from kinetic.common.events import Emission
from kinetic.contracts.ids import CompetencyKey, ContentId, NudgeId, PersonId, RoleKey, TeamId
from kinetic.contracts.ingestion import LearningRecorded, LearningVerb, MeasurementRecorded, SignalObserved, Teaches
from kinetic.contracts.recommendation import DismissalReason
from kinetic.contracts.skill_gap import CapabilitiesPublished, GapChanged, GapClosed, GapOpened, GapRuledOut
from kinetic.recommendation.domain.attention import Policy, QuietHours, zone_of
from kinetic.recommendation.domain.content import Content as Offered
from kinetic.recommendation.domain.holdout import Holdout
from kinetic.recommendation.domain.nudge import State
from kinetic.skill_gap.domain.evidence import KINDS, Taught, evidence_of, practice_of
from kinetic.skill_gap.domain.mastery import Holding
from tools.simulation.detection import Detection, Employee
from tools.simulation.suggestion import Staffing, Suggestion
from tools.simulator.policy import Attention, Company, Day, Moves, Nudge, Pair, RuledOut
from tools.simulator.records import Content, Learning, Measurement, Person, Position, Signal, Team

HOURS_APART: Final = 4
UTC_ZONE: Final = ZoneInfo("UTC")


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
        self._suggestion = Suggestion(_policy(company.attention), [_content(content) for content in company.catalogue])
        self._managers: dict[TeamId, PersonId | None] = {}
        self._zones: dict[PersonId, ZoneInfo] = {}
        self._languages: dict[PersonId, str] = {}
        self._unknown: dict[PersonId, list[Learning]] = {}
        self._know(company.teams, company.people, None)
        self._learn(company.learning)
        for effect in company.effects:
            self._suggestion.experiences[ContentId(effect.content_id)].learn(effect.improvement_sigma)

    def observe(self, day: Day) -> Moves:
        """The gap changes of a day, and what is suggested."""
        self._know(day.teams, day.people, day.now)
        self._learn(day.learning)
        self._hear(day)
        told = self._detection.observe(
            [_signal(signal) for signal in day.signals], [_measurement(one) for one in day.measurements], day.now
        )
        events = [emission.data for emission in told]
        return Moves(
            opened=tuple(Pair(e.team_id, e.competency) for e in events if isinstance(e, GapOpened)),
            closed=tuple(Pair(e.team_id, e.competency) for e in events if isinstance(e, GapClosed)),
            ruled_out=tuple(RuledOut(e.team_id, e.competency, e.reason) for e in events if isinstance(e, GapRuledOut)),
            nudges=tuple(self._suggest(told, day.now)),
        )

    def _suggest(self, told: Iterable[Emission], now: datetime) -> Iterator[Nudge]:
        """The nudges of a day: at once, and when somebody's quiet hours end before the next day is told."""
        staffing = self._staffing(now)
        changes = [
            self._detection.seal(e.data, now) for e in told if isinstance(e.data, GapOpened | GapChanged | GapClosed)
        ]
        for hours in range(0, 24, HOURS_APART):
            at = now + timedelta(hours=hours)
            for nudge in self._suggestion.consider(changes if not hours else (), staffing, at):
                content_id, people = nudge.offer.content.content_id, nudge.offer.person_ids
                about = (nudge.manager_id, nudge.team_id, nudge.competency, content_id, people)
                yield Nudge(nudge.nudge_id, *about, sent_at=at)

    def members_of(self, team_id: str, now: datetime) -> frozenset[PersonId]:
        """Who works in a team, its manager not counted."""
        return self._staffing(now)[TeamId(team_id)].members

    def holdings_of(self, person_id: str) -> Mapping[CompetencyKey, Holding]:
        """What somebody is known to have learned."""
        return self._detection.people[PersonId(person_id)].holdings

    def _staffing(self, now: datetime) -> dict[TeamId, Staffing]:
        members: dict[TeamId, set[PersonId]] = {team_id: set() for team_id in self._managers}
        for person_id, person in self._detection.people.items():
            team_id = person.team_at(now)
            if team_id in members:
                members[team_id].add(person_id)
        return {
            team_id: Staffing(
                manager_id,
                self._zones.get(manager_id or PersonId(""), UTC_ZONE),
                frozenset(members[team_id]),
                {person_id: self._languages[person_id] for person_id in members[team_id]},
            )
            for team_id, manager_id in self._managers.items()
        }

    def _hear(self, day: Day) -> None:
        """What managers did, and what was seen of content since."""
        for answer in day.answers:
            nudge_id, reason = NudgeId(answer.nudge_id), answer.reason
            self._suggestion.hear(
                nudge_id, State(answer.answer), answer.occurred_at, DismissalReason(reason) if reason else None
            )
            content_id = self._suggestion.nudges[nudge_id].offer.content.content_id
            self._suggestion.take(content_id, [PersonId(person_id) for person_id in answer.person_ids])
            for _ in answer.person_ids:
                self._suggestion.experiences[content_id].count("requested")
        for effect in day.effects:
            self._suggestion.experiences[ContentId(effect.content_id)].learn(effect.improvement_sigma)
        for record in day.learning:
            if record.verb in ("completed", "passed"):
                self._suggestion.take(ContentId(record.content_id), [PersonId(record.person_id)])
                if record.registration:
                    self._suggestion.experiences[ContentId(record.content_id)].count("completed")

    def _know(self, teams: Iterable[Team], people: Iterable[Person], now: datetime | None) -> None:
        """The directory changes."""
        for team in teams:
            manager = None if team.removed or not team.manager_id else PersonId(team.manager_id)
            self._managers[TeamId(team.team_id)] = manager
        self._hire(people := tuple(people), now)
        self._zones |= {PersonId(person.person_id): zone_of(person.time_zone) for person in people}
        self._languages |= {PersonId(person.person_id): person.language for person in people}
        for person in people:
            self._learn(self._unknown.pop(PersonId(person.person_id), ()))

    def _hire(self, people: Iterable[Person], now: datetime | None = None) -> None:
        """People come, move and leave."""
        for person in people:
            known = self._detection.people.get(PersonId(person.person_id))
            history: list[tuple[datetime, TeamId | None]] = [
                (at.effective_from, self._team_of(person, at)) for at in person.positions
            ]
            if known and now and (not person.active or not known.is_active):
                history = [*known.history, (now, history[-1][1] if person.active else None)]
            holdings = known.holdings if known else {}
            role = RoleKey(person.positions[-1].role)
            self._detection.people[PersonId(person.person_id)] = Employee(role, history, holdings, person.active)

    def _team_of(self, person: Person, at: Position) -> TeamId | None:
        """Where somebody works by a position; not in the team that they manage."""
        team_id = TeamId(at.team_id) if at.team_id else None
        return team_id if team_id and self._managers.get(team_id) != person.person_id else None

    def _learn(self, records: Iterable[Learning]) -> None:
        for record in records:
            person, verb = self._detection.people.get(PersonId(record.person_id)), LearningVerb(record.verb)
            if person is None:
                self._unknown.setdefault(PersonId(record.person_id), []).append(record)
                continue
            if verb not in KINDS:
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


def _content(content: Content) -> Offered:
    return Offered(
        content_id=ContentId(content.content_id),
        version=content.version,
        title=content.title,
        url=content.url,
        language=content.language,
        effort_minutes=content.effort_minutes,
        teaches=tuple(Teaches(competency=CompetencyKey(t.competency), level=t.level) for t in content.teaches),
        retired=content.retired,
    )


def _policy(attention: Attention) -> Policy:
    begins, ends = attention.quiet_from, attention.quiet_until
    return Policy(
        version=1,
        weekly_budget=attention.weekly_budget,
        quiet_hours=None if begins == ends else QuietHours(begins, ends),
        working_days=attention.working_days,
        nudge_ttl_days=attention.nudge_ttl_days,
        holdout=Holdout(share=0.0),
    )


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
