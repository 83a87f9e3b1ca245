"""A generated company going from day to day, with managers who answer and people who learn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from tools.simulator.calendar import OBSERVED_AT, is_working, midnight, observed_at
from tools.simulator.catalogue import rating_of
from tools.simulator.directory import Directory
from tools.simulator.draws import chance, stream
from tools.simulator.managers import Case, Managers, active
from tools.simulator.measuring import Measuring
from tools.simulator.observing import observed_effect
from tools.simulator.plan import Complaint
from tools.simulator.policy import Company, Day, Moves, Nudge
from tools.simulator.records import Answer, Effect, Learning, Measurement, Person, Review, Signal, Team
from tools.simulator.series import Series
from tools.simulator.training import Completion, Training
from tools.simulator.truth import Cause, Episode, Truth
from tools.simulator.world import World

COMPLETES = 0.8
EFFECT_AFTER_DAYS = 60


class Going(Protocol):
    """A company that goes on, generated or recorded."""

    company: Company
    truth: Truth

    def day(self, index: int) -> Day:
        """What becomes known on a day. Days are asked for in order, once."""
        ...

    def take(self, index: int, moves: Moves) -> None:
        """What the policy did on that day."""
        ...

    def episodes(self) -> Sequence[Episode]:
        """What was really the matter, as it went."""
        ...


class Run:
    """One way in which a world goes."""

    def __init__(self, world: World) -> None:
        self.company, self.truth = world.company, world.truth
        self._world = world
        self._directory = Directory(world.company)
        self._measuring = [Measuring(series, world.company.start) for series in world.series]
        self._training = Training(world.truth, world.company.days)
        ttl = world.company.attention.nudge_ttl_days
        self._managers = Managers(world.truth, world.company.start, ttl, *world.seed)
        self._competency = {rule.kpi: rule.competency for rule in world.company.capabilities.kpi_rules}
        self._needed = world.company.capabilities.levels()
        self._teaches = {content.content_id: content for content in world.company.catalogue}
        self._measured: dict[int, list[Measurement]] = {}
        self._signals: dict[int, list[Signal]] = {}
        self._learning: dict[int, list[Learning]] = {}
        self._reviews: dict[int, list[Review]] = {}
        self._effects: dict[int, list[tuple[Nudge, int]]] = {}
        self._answers: dict[int, list[tuple[Nudge, Answer]]] = {}
        self._nudges: dict[int, list[Nudge]] = {}
        self._sent = 0

    def day(self, index: int) -> Day:
        """What becomes known on a day."""
        states = self._world.states.get(index, [])
        teams = tuple(state for state in states if isinstance(state, Team))
        people = tuple(state for state in states if isinstance(state, Person))
        self._directory.update(teams, people)
        self._training.begin(index)
        self._send(index)
        answers = self._hear(index)
        self._happen(index)
        return Day(
            date=self.company.start + timedelta(days=index),
            now=observed_at(self.company.start, index),
            teams=teams,
            people=people,
            signals=tuple(self._signals.pop(index, ())),
            measurements=tuple(self._measured.pop(index, ())),
            learning=tuple(self._learn(index)),
            reviews=tuple(self._reviews.pop(index, ())),
            effects=tuple(self._effects_on(index)),
            answers=answers,
        )

    def take(self, index: int, moves: Moves) -> None:
        """Nudges reach their managers at the time at which they are sent."""
        for nudge in moves.nudges:
            at = nudge.sent_at.astimezone(UTC)
            day = (at.date() - self.company.start).days + (at.time() > OBSERVED_AT)
            self._nudges.setdefault(max(index + 1, day), []).append(nudge)

    def episodes(self) -> Sequence[Episode]:
        """What was really the matter."""
        return self._training.episodes()

    def _send(self, index: int) -> None:
        for nudge in self._nudges.pop(index, ()):
            members = {person.person_id for person in self._directory.members(nudge.team_id)}
            found = active(self._training.episodes(), nudge.team_id, nudge.competency, index)
            causes = {episode.cause for episode in found}
            day, answer = self._managers.answer(Case(nudge, Cause.SKILL in causes, causes, members))
            self._answers.setdefault(max(index, day), []).append((nudge, answer))

    def _hear(self, index: int) -> tuple[Answer, ...]:
        heard = self._answers.pop(index, [])
        for nudge, answer in heard:
            if answer.answer == "accepted":
                self._assign(index, nudge, answer.person_ids)
        return tuple(answer for _, answer in heard)

    def _assign(self, index: int, nudge: Nudge, people: Sequence[str]) -> None:
        self._sent += 1
        for person_id in people:
            rng = stream(*self._world.seed, "learner", person_id, self._sent)
            if chance(rng, COMPLETES):
                done = index + rng.randint(3, 20)
                at = midnight(self.company.start, done) + timedelta(hours=rng.randint(8, 15))
                name = f"learning-{nudge.nudge_id}-{person_id}"
                score = round(rng.uniform(0.6, 1.0), 2)
                record = Learning(name, person_id, nudge.content_id, "completed", at, score, nudge.nudge_id)
                self._learning.setdefault(done, []).append(record)
                if chance(rng, 0.7):
                    gain = self.truth.gain(nudge.content_id, nudge.competency)
                    review = Review(nudge.content_id, person_id, rating_of(rng, gain), at)
                    self._reviews.setdefault(done, []).append(review)
        self._effects.setdefault(index + EFFECT_AFTER_DAYS, []).append((nudge, len(people)))

    def _learn(self, index: int) -> list[Learning]:
        records = [*self._world.learning.get(index, ()), *self._learning.pop(index, ())]
        for record in records:
            person, content = self._directory.people.get(record.person_id), self._teaches.get(record.content_id)
            if person and content and person.team_id:
                for taught in content.teaches:
                    needed_by = self._needed_by(person.team_id, taught.competency)
                    done = Completion(
                        person.person_id, person.team_id, content.content_id, taught.competency, needed_by
                    )
                    self._training.complete(done)
        return records

    def _needed_by(self, team_id: str, competency: str) -> int:
        return sum((p.position.role, competency) in self._needed for p in self._directory.members(team_id))

    def _effects_on(self, index: int) -> list[Effect]:
        today = self.company.start + timedelta(days=index)
        return [
            effect
            for nudge, people in self._effects.pop(index, ())
            for measuring in self._measuring
            if measuring.series.team_id == nudge.team_id
            and self._competency.get(measuring.series.kpi) == nudge.competency
            and (effect := observed_effect(nudge, people, measuring, index - EFFECT_AFTER_DAYS, today))
        ]

    def _harm(self, series: Series) -> float:
        competency = self._competency.get(series.kpi)
        return self._training.harm(series.team_id, competency) if competency else 0.0

    def _happen(self, index: int) -> None:
        if is_working(index):
            for measuring in self._measuring:
                harm = self._harm(measuring.series) if self._training.has_harm else 0.0
                for known, measured in measuring.measure(index, self._training.left, harm):
                    day = self._arrives(measuring.series.source, known)
                    self._measured.setdefault(day, []).append(measured)
        begins = midnight(self.company.start, index)
        for number, complaint in enumerate(self._world.complaints.get(index, ())):
            if complaint.episode is None or complaint.mark < self._training.left(complaint.episode):
                at = begins + timedelta(seconds=25_200 + number * 7_919 % 32_400)
                signal = _signal(complaint, f"signal-{index}-{number}", at)
                self._signals.setdefault(self._arrives(complaint.source, index), []).append(signal)

    def _arrives(self, source: str, day: int) -> int:
        for silence in self._world.silences:
            if silence.source == source and silence.first <= day <= silence.last:
                return silence.last + 1
        return day


def _signal(complaint: Complaint, name: str, at: datetime) -> Signal:
    summary = complaint.kind.replace(".", " ")
    return Signal(name, complaint.source, complaint.kind, complaint.team_id, round(complaint.severity, 2), at, summary)
