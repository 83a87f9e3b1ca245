"""The coverage of a team: who was never assessed is told apart, and its goals weigh its competencies."""

from __future__ import annotations

import pytest

from kinetic.contracts.ids import CompetencyKey, PersonId
from kinetic.contracts.skill_gap import Goal
from kinetic.directory.privacy import Sight
from kinetic.skill_gap.domain.coverage import Coverage, cover, cover_goals
from kinetic.skill_gap.views import view_team_coverage
from tests.support.skill_gap import NOW, RULES, SKILL, learners

A, B, C = (CompetencyKey(name) for name in "abc")
PEOPLE = tuple(PersonId(f"0199f000-0000-7000-8000-1{number:011d}") for number in range(6))


def covered(share: float | None, of: tuple[PersonId, ...] = PEOPLE) -> Coverage:
    return Coverage(share, (), 3, of, assessed=0 if share is None else len(of))


def goal(weight: float, *competencies: CompetencyKey) -> Goal:
    return Goal(key=f"g{weight}", name="G", weight=weight, kpis=(), competencies=competencies)


def test_members_who_were_never_assessed_are_counted_apart() -> None:
    coverage = cover(learners(3.0, 0.0, None, None), SKILL, RULES.requirements, NOW)
    assert (coverage.assessed, len(coverage.required_of)) == (2, 4)
    nobody = cover(learners(None, None), SKILL, RULES.requirements, NOW)
    assert (nobody.share, nobody.assessed) == (None, 0)


def test_a_team_is_covered_as_the_goals_weigh_its_competencies() -> None:
    whole = cover_goals({A: covered(1.0), B: covered(0.5)}, (goal(2.0, A), goal(1.0, A, B)))
    assert whole.share == pytest.approx((3 * 1.0 + 1 * 0.5) / 4)


def test_a_competency_of_which_nobody_was_assessed_is_not_zero() -> None:
    whole = cover_goals({A: covered(0.6), B: covered(None)}, (goal(1.0, A), goal(9.0, B)))
    assert whole.share == pytest.approx(0.6)
    assert (whole.assessed, whole.required) == (1, 2)
    assert cover_goals({B: covered(None)}, (goal(1.0, B),)).share is None


def test_competencies_without_goal_or_role_have_no_part() -> None:
    unrequired = Coverage(None, (), None)
    whole = cover_goals({A: covered(0.6), B: covered(0.0), C: unrequired}, (goal(1.0, A, C),))
    assert whole.share == pytest.approx(0.6)
    assert whole.required == 1


def test_a_figure_of_which_a_part_is_suppressed_is_suppressed() -> None:
    goals = (goal(1.0, A, B),)
    few = cover_goals({A: covered(0.6), B: covered(0.2, PEOPLE[:2])}, goals)
    assert view_team_coverage(few, Sight()) is None
    assert view_team_coverage(few, Sight(frozenset(PEOPLE[:2]))) == pytest.approx(0.4)
    assert view_team_coverage(cover_goals({A: covered(0.6)}, goals), Sight()) == pytest.approx(0.6)
