"""What managers do with nudges: accept, dismiss, or let them expire; and they tire."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

from tools.simulator.calendar import OBSERVED_AT
from tools.simulator.draws import chance, stream
from tools.simulator.policy import Nudge
from tools.simulator.records import Answer
from tools.simulator.truth import MANAGER_KINDS, Cause, Episode, Truth

TIRES_OVER_DAYS = 28
DROPS_SOME = 0.3
REASONS = {
    Cause.NONE: "already_covered",
    Cause.STAFFING: "wrong_evidence",
    Cause.TOOLING: "wrong_evidence",
    Cause.INCIDENTS: "wrong_evidence",
    Cause.SEASON: "wrong_evidence",
    Cause.OUTAGE: "wrong_evidence",
    Cause.REORGANISATION: "wrong_skill",
    Cause.SKILL: "bad_timing",
}


@dataclass(frozen=True, slots=True)
class Case:
    """A nudge as it reaches a manager: whether it is about a real gap, what is really the matter, who is in the team."""

    nudge: Nudge
    is_real: bool
    causes: Collection[Cause]
    members: Collection[str]


class Managers:
    """All managers of a company."""

    def __init__(self, truth: Truth, start: date, ttl_days: int, *seed: object) -> None:
        self._truth = truth
        self._start = start
        self._ttl_days = ttl_days
        self._seed = seed
        self._got: dict[str, list[datetime]] = {}

    def answer(self, case: Case) -> tuple[int, Answer]:
        """What the manager does, and the day on which it is known."""
        nudge = case.nudge
        got = self._got.setdefault(nudge.manager_id, [])
        rng = stream(*self._seed, "answer", nudge.manager_id, len(got))
        recent = sum(nudge.sent_at - at < timedelta(days=TIRES_OVER_DAYS) for at in got)
        got.append(nudge.sent_at)
        kind = MANAGER_KINDS[self._truth.managers.get(nudge.manager_id, "silent")]
        draws = [rng.random() for _ in range(3)]
        takes = (kind.accepts if case.is_real else kind.believes) * kind.patience**recent
        people = _people(rng, case) if draws[0] < takes else ()
        waits = rng.choice((0, 0, 1, 1, 2, 3, 5))
        if people:
            return self._told(nudge, waits, "accepted", people, None)
        if draws[1] < kind.speaks:
            return self._told(nudge, waits, "dismissed", (), _reason(case, draws[2] < kind.sees))
        return self._told(nudge, self._ttl_days, "expired", (), None)

    def _told(
        self, nudge: Nudge, days: int, word: str, people: tuple[str, ...], reason: str | None
    ) -> tuple[int, Answer]:
        at = nudge.sent_at.astimezone(UTC) + timedelta(days=days, hours=1)
        day = (at.date() - self._start).days + (at.time() > OBSERVED_AT)
        return day, Answer(nudge.nudge_id, word, at, people, reason)


def _people(rng: Random, case: Case) -> tuple[str, ...]:
    """Those of the suggested who are in the team; now and then the manager leaves some out."""
    people = [person for person in case.nudge.person_ids if person in case.members]
    if people and chance(rng, DROPS_SOME):
        people = [person for person in people if chance(rng, 0.7)] or people[:1]
    return tuple(people)


def _reason(case: Case, is_true: bool) -> str:
    if not is_true:
        return "bad_timing"
    cause = next(iter(sorted(case.causes)), None)
    return "bad_timing" if case.is_real else REASONS[cause] if cause else "wrong_evidence"


def active(episodes: Collection[Episode], team_id: str, competency: str, day: int) -> list[Episode]:
    """What is the matter with a pair on a day."""
    return [e for e in episodes if (e.team_id, e.competency) == (team_id, competency) and e.first <= day <= e.last]
