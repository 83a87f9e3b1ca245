"""A company that has been recorded: what happened happened, whatever a policy does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import TypeVar

from tools.simulator.calendar import OBSERVED_AT, observed_at
from tools.simulator.directory import Directory
from tools.simulator.managers import Case, Managers, active
from tools.simulator.policy import Company, Day, Moves, Nudge
from tools.simulator.records import Answer, Effect, Learning, Measurement, Person, Review, Signal, Team
from tools.simulator.truth import Cause, Episode, Truth

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Recording:
    """What happened, each with the day on which it became known."""

    states: Sequence[tuple[int, Team | Person]]
    signals: Sequence[tuple[int, Signal]]
    measurements: Sequence[tuple[int, Measurement]]
    learning: Sequence[tuple[int, Learning]]
    reviews: Sequence[tuple[int, Review]]
    effects: Sequence[tuple[int, Effect]]

    def since(self, day: int) -> Recording:
        """Without what a policy is told at the start: the directory of the first day, and what was learned before."""
        return replace(
            self,
            states=[entry for entry in self.states if entry[0] > day],
            learning=[entry for entry in self.learning if entry[0] >= day],
            reviews=[entry for entry in self.reviews if entry[0] >= day],
            effects=[entry for entry in self.effects if entry[0] >= day],
        )


class Recorded:
    """A recorded company. Managers whose kind the truth names answer; nobody learns because of it."""

    def __init__(self, company: Company, truth: Truth, recording: Recording) -> None:
        self.company, self.truth = company, truth
        self._recording = recording
        self._directory = Directory(company)
        self._managers = Managers(truth, company.start, company.attention.nudge_ttl_days, company.name)
        self._states = _by_day(recording.states)
        self._signals = _by_day(recording.signals)
        self._measurements = _by_day(recording.measurements)
        self._learning = _by_day(recording.learning)
        self._reviews = _by_day(recording.reviews)
        self._effects = _by_day(recording.effects)
        self._nudges: dict[int, list[Nudge]] = {}
        self._answers: dict[int, list[Answer]] = {}

    def anew(self) -> Recorded:
        """The same from its first day."""
        return Recorded(self.company, self.truth, self._recording)

    def day(self, index: int) -> Day:
        """What became known on a day."""
        states = self._states.get(index, [])
        teams = tuple(state for state in states if isinstance(state, Team))
        people = tuple(state for state in states if isinstance(state, Person))
        self._directory.update(teams, people)
        for nudge in self._nudges.pop(index, ()):
            self._answer(index, nudge)
        return Day(
            date=self.company.start + timedelta(days=index),
            now=observed_at(self.company.start, index),
            teams=teams,
            people=people,
            signals=tuple(self._signals.get(index, ())),
            measurements=tuple(self._measurements.get(index, ())),
            learning=tuple(self._learning.get(index, ())),
            reviews=tuple(self._reviews.get(index, ())),
            effects=tuple(self._effects.get(index, ())),
            answers=tuple(self._answers.pop(index, ())),
        )

    def take(self, index: int, moves: Moves) -> None:
        """Nudges reach managers whose kind is known."""
        for nudge in moves.nudges:
            if nudge.manager_id in self.truth.managers:
                at = nudge.sent_at.astimezone(UTC)
                day = (at.date() - self.company.start).days + (at.time() > OBSERVED_AT)
                self._nudges.setdefault(max(index + 1, day), []).append(nudge)

    def episodes(self) -> Sequence[Episode]:
        """What was really the matter."""
        return self.truth.episodes

    def _answer(self, index: int, nudge: Nudge) -> None:
        members = {person.person_id for person in self._directory.members(nudge.team_id)}
        causes = {e.cause for e in active(self.truth.episodes, nudge.team_id, nudge.competency, index)}
        day, answer = self._managers.answer(Case(nudge, Cause.SKILL in causes, causes, members))
        self._answers.setdefault(max(index, day), []).append(answer)


def _by_day(entries: Iterable[tuple[int, T]]) -> dict[int, list[T]]:
    """By day, in order; what was known before the start is known on the first day."""
    days: dict[int, list[T]] = {}
    for day, entry in entries:
        days.setdefault(max(0, day), []).append(entry)
    return days
