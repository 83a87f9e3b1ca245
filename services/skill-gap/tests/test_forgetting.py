"""The forgetting curve: held against the figures that its authors publish."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from fsrs import Card, Rating, Scheduler
from hypothesis import given
from hypothesis import strategies as st

from kinetic.skill_gap.domain.forgetting import PERMANENT, Memory, review

START = datetime(2022, 11, 29, 12, 30, tzinfo=UTC)
DAY = timedelta(days=1)
AGAIN, HARD, GOOD, EASY = Rating.Again, Rating.Hard, Rating.Good, Rating.Easy

# test_review_card and test_memo_state of py-fsrs, tests/test_basic.py at 3abe686e9c058d3f3c00bbeb92e68b71211b2b31
PUBLISHED_RATINGS = (GOOD,) * 6 + (AGAIN,) * 2 + (GOOD,) * 5
PUBLISHED_INTERVALS = [0, 2, 11, 46, 163, 498, 0, 0, 2, 4, 7, 12, 21]

moments = st.integers(0, 4000).map(lambda days: START + days * DAY)
ratings = st.sampled_from(Rating)


def reviewed(*history: tuple[int, Rating]) -> Memory:
    """The memory after reviews, each so many days after the one before."""
    memory, at = None, START
    for days, rating in history:
        at += days * DAY
        memory = review(memory, rating, at)
    assert memory is not None
    return memory


def test_the_package_gives_the_intervals_that_its_authors_publish() -> None:
    scheduler = Scheduler(enable_fuzzing=False)
    card, at, intervals = Card(), START, []
    for rating in PUBLISHED_RATINGS:
        card, _ = scheduler.review_card(card, rating, at)
        assert card.last_review is not None
        intervals.append((card.due - card.last_review).days)
        at = card.due
    assert intervals == PUBLISHED_INTERVALS


def test_a_memory_has_the_stability_and_difficulty_that_its_authors_publish() -> None:
    memory = reviewed((0, AGAIN), (0, GOOD), (1, GOOD), (3, GOOD), (8, GOOD), (21, GOOD))
    assert memory.stability == pytest.approx(53.62691, abs=1e-4)
    assert memory.difficulty == pytest.approx(6.3574867, abs=1e-4)


def test_after_its_stability_a_memory_is_recalled_nine_times_in_ten() -> None:
    memory = Memory(30.0, 5.0, START)
    assert memory.recall(START + 30 * DAY) == pytest.approx(0.9)


def test_a_year_after_one_course_two_thirds_to_three_quarters_are_left() -> None:
    left = reviewed((0, GOOD)).retained(START + 365 * DAY)
    assert 2 / 3 < left < 3 / 4


@given(st.lists(st.tuples(st.integers(0, 400), ratings), min_size=1, max_size=8), moments, moments)
def test_what_is_retained_falls_with_time_and_never_below_what_is_permanent(
    history: list[tuple[int, Rating]], one: datetime, other: datetime
) -> None:
    memory = reviewed(*history)
    earlier, later = sorted((memory.retained(one), memory.retained(other)), reverse=True)
    assert 1 >= earlier >= later > PERMANENT
    assert (memory.retained(min(one, other)), memory.retained(max(one, other))) == (earlier, later)


@given(st.lists(st.tuples(st.integers(0, 400), ratings), min_size=1, max_size=5), st.integers(1, 400))
def test_a_review_that_went_well_makes_a_memory_last_longer(history: list[tuple[int, Rating]], days: int) -> None:
    memory = reviewed(*history)
    at = memory.reviewed_at + days * DAY
    hard, good, easy = (review(memory, rating, at).stability for rating in (HARD, GOOD, EASY))
    assert memory.stability < hard < good < easy


def test_a_moment_of_another_zone_is_the_same_moment() -> None:
    there = START.astimezone().replace(microsecond=0)
    assert review(None, GOOD, there) == review(None, GOOD, START)
