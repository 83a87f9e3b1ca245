"""How much of what its roles require a team holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kinetic.contracts.ids import CompetencyKey, PersonId, RoleKey
from kinetic.contracts.skill_gap import Requirement
from kinetic.skill_gap.domain.mastery import Mastery

ENOUGH = 0.8
"""A member covers a requirement with this share of its level, a team with this share of its requirements."""


@dataclass(frozen=True, slots=True)
class Learner:
    """A member of a team: their role and what they were last known to hold."""

    person_id: PersonId
    role: RoleKey
    masteries: Mapping[CompetencyKey, Mastery]


@dataclass(frozen=True, slots=True)
class Coverage:
    """`share` is the mean over the members whose role requires the competency of min(1, mastery / level).

    Members who were never assessed add nothing to it; when nobody was assessed it is None, which is not zero. It is a
    figure about the members whose role requires the competency, `required_of`.
    """

    share: float | None
    below: tuple[PersonId, ...]
    required_level: int | None
    required_of: tuple[PersonId, ...] = ()

    @property
    def is_required(self) -> bool:
        """Whether any member's role requires the competency."""
        return self.required_level is not None

    @property
    def is_enough(self) -> bool:
        """Whether training is not the answer."""
        return self.share is not None and self.share >= ENOUGH


def cover(
    learners: Sequence[Learner], competency: CompetencyKey, requirements: Sequence[Requirement], now: datetime
) -> Coverage:
    """The coverage of `competency` in a team of `learners` at `now`."""
    levels = {r.role: r.level for r in requirements if r.competency == competency}
    required = [learner for learner in learners if learner.role in levels]
    if not required:
        return Coverage(None, (), None)
    shares = {learner.person_id: _share(learner, competency, levels[learner.role], now) for learner in required}
    assessed = [share for share in shares.values() if share is not None]
    return Coverage(
        share=sum(assessed) / len(required) if assessed else None,
        below=tuple(sorted(person for person, share in shares.items() if share is None or share < ENOUGH)),
        required_level=max(levels[learner.role] for learner in required),
        required_of=tuple(shares),
    )


def _share(learner: Learner, competency: CompetencyKey, level: int, now: datetime) -> float | None:
    mastery = learner.masteries.get(competency)
    return None if mastery is None else min(1.0, mastery.at(now) / level)
