"""How far neighbouring readings of a KPI go along, and what that takes from a slip."""

from __future__ import annotations

from math import sqrt
from random import Random

import pytest

from kinetic.contracts.ids import TeamId
from kinetic.skill_gap.domain import peers
from kinetic.skill_gap.domain.departure import depart, voices
from kinetic.skill_gap.domain.memory import MOST, USUAL, inflation, memory_of
from kinetic.skill_gap.domain.peers import NOBODY, Peers, others_of
from kinetic.skill_gap.domain.track import NOTHING, Course, Track

NOTICED, SURE = 2.0, 4.5
"""Scores that are noticed beside others, and that open a gap with little besides."""


def remembering(memory: float, seed: int, slip: float = 0.0, newest: int = 12, readings: int = 40) -> Track:
    """Readings of first-order noise, standard deviation 1, the newest of them worse by a slip."""
    drawn = Random(seed)
    state, scores = drawn.gauss(0.0, 1.0), list[float]()
    for place in range(readings):
        state = memory * state + sqrt(1 - memory * memory) * drawn.gauss(0.0, 1.0)
        scores.append(state + (slip if place >= readings - newest else 0.0))
    return Track(tuple((700_000 + day, score) for day, score in enumerate(scores)), 40)


def company(memory: float, seed: int, teams: int = 8) -> list[Track]:
    return [remembering(memory, 1_000 * seed + number) for number in range(teams)]


def noticed_for_nothing(memory: float) -> int:
    """Of four hundred teams in which nothing happens, how many are noticed on a day."""
    companies = [company(memory, seed) for seed in range(50)]
    return sum(depart(track, others_of(tracks)).score >= NOTICED for tracks in companies for track in tracks)


@pytest.mark.parametrize("memory", [0.15, 0.3, 0.6])
def test_memory_is_told_by_all_teams_together(memory: float) -> None:
    assert memory_of([track for seed in range(5) for track in company(memory, seed)]) == pytest.approx(memory, abs=0.1)


def test_levels_that_step_and_wander_change_little_of_it() -> None:
    stepping = [remembering(0.3, seed, slip=2.0, newest=20) for seed in range(40)]
    assert memory_of(stepping) == pytest.approx(0.3, abs=0.12)


def test_before_any_reading_tells_memory_is_the_usual_one() -> None:
    assert memory_of([]) == memory_of([NOTHING]) == USUAL
    assert memory_of([Track(((700_000, 1.0), (700_001, -1.0)))]) == USUAL
    assert memory_of([Track(tuple((700_000 + day, 0.0) for day in range(40)))]) == USUAL


def test_memory_has_bounds() -> None:
    climbing = Track(tuple((700_000 + day, float(day)) for day in range(40)))
    swinging = Track(tuple((700_000 + day, (-1.0) ** day) for day in range(40)))
    assert memory_of([climbing] * 20) == MOST
    assert memory_of([swinging] * 20) == USUAL


def test_a_mean_varies_as_readings_go_along() -> None:
    assert inflation(0.0) == 1.0
    assert inflation(0.5) == pytest.approx(3.0)


def test_noise_that_remembers_is_seldom_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert noticed_for_nothing(0.6) < 5
    monkeypatch.setattr(peers, "memory_of", lambda _: USUAL)
    assert noticed_for_nothing(0.6) > 15


def test_a_slip_is_found_although_noise_remembers() -> None:
    found = [depart(remembering(0.4, seed, slip=2.0), others_of(company(0.4, seed))).score for seed in range(50)]
    assert sum(score >= SURE for score in found) > 20


def test_what_all_share_is_less_sure_where_noise_remembers() -> None:
    def unsure(memory: float) -> float:
        teams = {TeamId(str(number)): track for number, track in enumerate(company(memory, seed=1))}
        return Peers(teams).shared(700_028, None).variance

    assert unsure(0.7) > 1.5 * unsure(0.15)


def test_another_team_says_less_where_noise_remembers() -> None:
    departure, calm = depart(remembering(0.15, seed=3, slip=2.0), NOBODY), remembering(0.15, seed=4)
    clear, blurred = (voices(departure, [Course(calm, times)] * 4, (0.9,), 0.05) for times in (1.0, 6.0))
    assert clear < blurred - 1.0 < 0.0
