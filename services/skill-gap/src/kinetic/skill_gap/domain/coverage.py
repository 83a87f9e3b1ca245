"""How much of what its roles require a team holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kinetic.contracts.ids import CompetencyKey, PersonId, RoleKey
from kinetic.contracts.skill_gap import Goal, Requirement
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
    figure about the members whose role requires the competency, `required_of`; `assessed` of them were ever assessed.
    """

    share: float | None
    below: tuple[PersonId, ...]
    required_level: int | None
    required_of: tuple[PersonId, ...] = ()
    assessed: int = 0

    @property
    def is_required(self) -> bool:
        """Whether any member's role requires the competency."""
        return self.required_level is not None

    @property
    def is_enough(self) -> bool:
        """Whether training is not the answer."""
        return self.share is not None and self.share >= ENOUGH


@dataclass(frozen=True, slots=True)
class TeamCoverage:
    """One figure for a team: its coverage of what its goals ask for.

    Of `required` competencies, `assessed` have a part in it. `groups` are the members whom each of those that are required
    is about.
    """

    share: float | None
    assessed: int
    required: int
    groups: tuple[tuple[PersonId, ...], ...]


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
        assessed=len(assessed),
    )


def cover_goals(coverages: Mapping[CompetencyKey, Coverage], goals: Sequence[Goal]) -> TeamCoverage:
    """The mean of the coverages, each by the weight of all goals that its competency carries.

    Competencies that carry no goal, that no role requires, or of which nobody was assessed have no part in it.
    """
    weights: dict[CompetencyKey, float] = {}
    for goal in goals:
        for competency in goal.competencies:
            weights[competency] = weights.get(competency, 0.0) + goal.weight
    asked = {competency: coverages[competency] for competency in weights.keys() & coverages.keys()}
    required = {competency: coverage for competency, coverage in asked.items() if coverage.is_required}
    shares = [(weights[c], coverage.share) for c, coverage in sorted(required.items()) if coverage.share is not None]
    return TeamCoverage(
        share=sum(weight * share for weight, share in shares) / sum(w for w, _ in shares) if shares else None,
        assessed=len(shares),
        required=len(required),
        groups=tuple(coverage.required_of for coverage in required.values()),
    )


def _share(learner: Learner, competency: CompetencyKey, level: int, now: datetime) -> float | None:
    mastery = learner.masteries.get(competency)
    return None if mastery is None else min(1.0, mastery.at(now) / level)
