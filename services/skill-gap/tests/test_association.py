"""The association of a competency with a KPI: what is found, and what is not."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from statistics import correlation

import numpy as np
import pytest

from kinetic.contracts.ids import TeamId
from kinetic.skill_gap.domain import association
from kinetic.skill_gap.domain.association import (
    FEWEST_TEAMS,
    FEWEST_WEEKS,
    PRIOR_SD,
    Estimate,
    Finding,
    TeamWeek,
    associate,
    finding_of,
    student_t_95,
)

SEED = 3


def panel(
    teams: int, weeks: int, effect: float, noise: float = 1.0, seed: int = SEED, missing: float = 0.0
) -> list[TeamWeek]:
    """Teams that learn at different times; better teams and bad weeks have nothing to do with it."""
    chance = random.Random(seed)
    bad_weeks = [chance.gauss(0, 1) for _ in range(weeks)]
    found: list[TeamWeek] = []
    for team in range(teams):
        level, learns_at = chance.gauss(0, 2), chance.randrange(weeks)
        before, after = chance.random() / 2, chance.uniform(0.5, 1)
        for week in range(weeks):
            coverage = after if week >= learns_at else before
            better = level + bad_weeks[week] + effect * coverage + chance.gauss(0, noise)
            if chance.random() >= missing:
                found.append(TeamWeek(TeamId(f"team-{team}"), week, coverage, better))
    return found


def found_in(observed: Sequence[TeamWeek]) -> Estimate:
    found = associate(observed).estimate
    assert found is not None
    return found


def test_an_association_is_found_where_there_is_one() -> None:
    found = associate(panel(teams=30, weeks=26, effect=1.0))
    assert finding_of(found) is Finding.TOGETHER
    assert found.estimate is not None
    assert found.estimate.low < 1.0 < found.estimate.high
    assert (found.teams, found.weeks) == (30, 26)


def test_what_gets_worse_with_a_competency_goes_against_it() -> None:
    assert finding_of(associate(panel(teams=30, weeks=26, effect=-1.0))) is Finding.AGAINST


def test_better_teams_and_bad_weeks_are_no_association() -> None:
    assert finding_of(associate(panel(teams=30, weeks=26, effect=0.0))) is Finding.UNCLEAR


def test_without_the_effects_of_teams_better_teams_would_be_one() -> None:
    """The negative control: whoever holds more is better at everything, whatever they hold."""
    observed = [
        TeamWeek(TeamId(f"t{team}"), week, team / 40 + one.coverage / 2, team / 4 + one.better)
        for team in range(30)
        for week, one in enumerate(panel(1, 26, effect=0.0, seed=team))
    ]
    assert finding_of(associate(observed)) is Finding.UNCLEAR
    assert correlation([one.coverage for one in observed], [one.better for one in observed]) > 0.5


def test_without_noise_only_the_prior_keeps_the_estimate_from_the_truth() -> None:
    assert found_in(panel(10, 20, effect=0.7, noise=0.0)).value == pytest.approx(0.7, abs=1e-6)


def test_two_teams_and_two_years_are_a_difference_in_differences() -> None:
    """Full-time employment before and after New Jersey raised its minimum wage, and in Pennsylvania (Card and Krueger 1994, *Minimum
    Wages and Employment*, table 3): 20.44 and 21.03 against 23.33 and 21.17, a difference in differences of 2.76 of unrounded means.
    """
    observed = [
        TeamWeek(TeamId(f"{state}-{store}"), year * FEWEST_WEEKS + week, float(raised and year), mean)
        for state, raised, means in (("nj", True, (20.44, 21.03)), ("pa", False, (23.33, 21.17)))
        for store in range(3)
        for year, mean in enumerate(means)
        for week in range(FEWEST_WEEKS)
    ]
    assert found_in(observed).value == pytest.approx(2.76, abs=0.011)


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_it_is_the_regression_on_a_dummy_of_each_team_and_week(missing: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(association, "PRIOR_SD", 1e9)
    observed = panel(9, 14, effect=0.5, missing=missing)
    teams, weeks = (sorted({key(one) for one in observed}) for key in (_team, _week))
    columns = [[one.coverage for one in observed]]
    columns += [[float(_team(one) == team) for one in observed] for team in teams]
    columns += [[float(_week(one) == week) for one in observed] for week in weeks[1:]]
    fitted = np.linalg.lstsq(np.array(columns).T, np.array([one.better for one in observed]), rcond=None)[0]
    assert found_in(observed).value == pytest.approx(fitted[0], abs=1e-6)


def test_the_interval_is_that_of_the_jackknife_over_teams(monkeypatch: pytest.MonkeyPatch) -> None:
    """In two periods a regression with an effect of each team is one of differences, and leaving a team out leaves its own out."""
    monkeypatch.setattr(association, "PRIOR_SD", 1e9)
    monkeypatch.setattr(association, "FEWEST_WEEKS", 2)
    observed = panel(12, 2, effect=0.5)
    pairs = [(observed[place], observed[place + 1]) for place in range(0, len(observed), 2)]
    moved = np.array([after.coverage - before.coverage for before, after in pairs])
    better = np.array([after.better - before.better for before, after in pairs])
    moved, better = moved - moved.mean(), better - better.mean()
    slope = (moved @ better) / (moved @ moved)
    without = np.array([(moved @ better - m * b) / (moved @ moved - m * m) for m, b in zip(moved, better, strict=True)])
    error = np.sqrt(11 / 12 * np.sum((without - slope) ** 2))
    effective = np.sum(moved**2) ** 2 / np.sum(moved**4)
    found = found_in(observed)
    assert found.value == pytest.approx(slope)
    assert found.high - found.value == pytest.approx(error * student_t_95(effective - 1))


@pytest.mark.parametrize(
    ("freedom", "tabled"),
    [(2, 2.920), (3, 2.353), (4, 2.132), (7, 1.895), (12, 1.782), (30, 1.697), (120, 1.658)],
)
def test_students_t_is_that_of_the_tables(freedom: float, tabled: float) -> None:
    assert student_t_95(freedom) == pytest.approx(tabled, abs=0.01)


def test_little_is_drawn_towards_nothing() -> None:
    few, many = found_in(panel(6, 8, effect=2.0)), found_in(panel(60, 26, effect=2.0))
    assert few.high - few.low > many.high - many.low
    assert few.value < many.value < 2.0


def test_few_teams_and_few_weeks_say_nothing() -> None:
    assert associate(panel(FEWEST_TEAMS - 1, 26, effect=1.0)).estimate is None
    assert associate(panel(FEWEST_TEAMS, FEWEST_WEEKS - 1, effect=1.0)).estimate is None
    assert associate(panel(FEWEST_TEAMS, 26, effect=1.0, seed=7)).estimate is not None
    assert finding_of(associate([])) is Finding.TOO_LITTLE


def test_teams_that_never_learned_say_nothing() -> None:
    still = [TeamWeek(TeamId(f"t{team}"), week, 0.5, float(week)) for team in range(9) for week in range(9)]
    assert associate(still).teams == 0
    assert associate(still).estimate is None


def test_where_one_team_has_moved_the_others_do_not_speak_for_it() -> None:
    def held(one: TeamWeek) -> float:
        return float(one.week > 12) if one.team_id == "team-0" else 0.4 - one.week * int(one.team_id[-1]) / 1e5

    found = associate(
        [TeamWeek(one.team_id, one.week, held(one), one.better) for one in panel(9, 26, effect=3.0)],
    )
    assert (found.teams, found.estimate) == (9, None)


def _team(one: TeamWeek) -> str:
    return one.team_id


def _week(one: TeamWeek) -> int:
    return one.week


Draw = Callable[[random.Random], float]


@pytest.mark.parametrize(
    ("teams", "draw"),
    [(20, lambda chance: chance.gauss(0, PRIOR_SD)), (6, lambda chance: chance.gauss(0, PRIOR_SD)), (6, lambda _: 0.0)],
    ids=["twenty teams", "six teams", "six teams, no association"],
)
def test_the_interval_holds_the_truth_nine_times_in_ten(teams: int, draw: Draw) -> None:
    """A coverage of 90 %, within what 200 tries can tell: ± 3 standard errors of a binomial share."""
    effects, held, told = random.Random(SEED), 0, 0
    for seed in range(200):
        effect = draw(effects)
        found = associate(panel(teams, 12, effect, seed=seed)).estimate
        if found is not None:
            told += 1
            held += found.low <= effect <= found.high
    assert told > 100
    assert 0.9 - 3 * (0.09 / told) ** 0.5 <= held / told <= 0.9 + 3 * (0.09 / told) ** 0.5
