"""What learning does: people lose a lack, or gain a bad habit, a week after they completed content."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tools.simulator.truth import Cause, Episode, Truth

SHOWS_AFTER_DAYS = 7
RESOLVED = 0.25
"""An episode is over when less than this share of its lack is left."""

HARM_DAYS = 84
HARM_SIGMA = 1.0
"""What content that harms with gain -1 does to a team of which everybody completed it, for twelve weeks."""


@dataclass(frozen=True, slots=True)
class Completion:
    """Somebody completed content about a competency as a member of a team in which so many people need it."""

    person_id: str
    team_id: str
    content_id: str
    competency: str
    needed_by: int


class Training:
    """The lacks of people, and the harm done to teams, as of the day that was last begun."""

    def __init__(self, truth: Truth, days: int) -> None:
        self._truth = truth
        self._days = days
        self._lacks = {
            number: dict.fromkeys(episode.people, 1.0)
            for number, episode in enumerate(truth.episodes)
            if episode.cause is Cause.SKILL
        }
        self._harm: dict[tuple[str, str], float] = {}
        self._due: dict[int, list[Callable[[], None]]] = {}
        self._ended: dict[int, int] = {}
        self._left_at_first: dict[int, float] = {}
        self._today = 0

    def begin(self, day: int) -> None:
        """Let what shows on this day show."""
        self._today = day
        for act in self._due.pop(day, ()):
            act()
        for number in self._lacks:
            if self._truth.episodes[number].first == day:
                self._left_at_first[number] = self.left(number)

    def complete(self, completion: Completion) -> None:
        """Somebody has learned today."""
        self._later(SHOWS_AFTER_DAYS, lambda: self._show(completion))

    def left(self, episode: int) -> float:
        """Which share of the lack behind an episode is left."""
        lacks = self._lacks[episode]
        return sum(lacks.values()) / len(lacks) if lacks else 1.0

    def harm(self, team_id: str, competency: str) -> float:
        """By how many sigma the KPIs of a competency are worse in a team because of bad content."""
        return min(HARM_SIGMA, self._harm.get((team_id, competency), 0.0))

    @property
    def has_harm(self) -> bool:
        """Whether any content has harmed."""
        return bool(self._harm)

    def episodes(self) -> tuple[Episode, ...]:
        """All episodes as they went: shorter where learning ended them, smaller where people had learned before."""
        return tuple(self._went(number, episode) for number, episode in enumerate(self._truth.episodes))

    def _went(self, number: int, episode: Episode) -> Episode:
        if number not in self._lacks:
            return episode
        last = min(episode.last, self._ended.get(number, episode.last))
        return replace(episode, last=last, shift_sigma=episode.shift_sigma * self._left_at_first.get(number, 1.0))

    def _later(self, days: int, act: Callable[[], None]) -> None:
        self._due.setdefault(self._today + days, []).append(act)

    def _show(self, done: Completion) -> None:
        gain = self._truth.gain(done.content_id, done.competency)
        for number, lacks in self._lacks.items():
            if done.person_id in lacks and self._truth.episodes[number].competency == done.competency:
                lacks[done.person_id] = min(1.5, lacks[done.person_id] * (1.0 - gain))
                if self.left(number) < RESOLVED and self._truth.episodes[number].first <= self._today:
                    self._ended.setdefault(number, self._today)
        if gain < 0:
            key, more = (done.team_id, done.competency), -gain * HARM_SIGMA / max(1, done.needed_by)
            self._harm[key] = self._harm.get(key, 0.0) + more
            self._later(HARM_DAYS, lambda: self._heal(key, more))

    def _heal(self, key: tuple[str, str], less: float) -> None:
        self._harm[key] = max(0.0, self._harm[key] - less)
