"""The stages of a life are seen in what the topics tell."""

from __future__ import annotations

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetic.cli.story import Stage, Story, missing
from kinetic.common.events import Envelope
from kinetic.contracts.event import Event
from kinetic.contracts.ids import EventId, GapId
from kinetic.contracts.recommendation import DeferralReason
from kinetic.contracts.skill_gap import Explanation

from .told_events import (
    CHECKOUT,
    DANA,
    PAYMENTS,
    SIGNAL,
    SKILL,
    closed,
    deferred,
    opened,
    ruled_out,
    told,
    whole_life,
)


def seen(events: list[Envelope[Event]]) -> Story:
    return reduce(Story.see, events, Story())


def test_a_whole_life_misses_no_stage_and_began_with_its_signal() -> None:
    life = seen(whole_life()).life_of(CHECKOUT)

    assert missing(life) == []
    assert life is not None
    assert life.begun_by == SIGNAL


@given(st.permutations(whole_life()))
def test_the_order_in_which_topics_are_read_does_not_matter(events: list[Envelope[Event]]) -> None:
    assert seen(events).life_of(CHECKOUT) == seen(whole_life()).life_of(CHECKOUT)


@pytest.mark.parametrize(
    ("left_out", "stage"), [(0, Stage.SIGNAL), (2, Stage.NUDGE), (5, Stage.ASSIGNED), (8, Stage.CLOSED)]
)
def test_a_stage_whose_event_is_not_told_is_missing(left_out: int, stage: Stage) -> None:
    events = whole_life()
    del events[left_out]

    assert missing(seen(events).life_of(CHECKOUT)) == [stage]


def test_a_team_without_a_gap_misses_every_stage() -> None:
    assert missing(seen(whole_life()).life_of(PAYMENTS)) == list(Stage)


def test_the_life_that_came_furthest_is_the_teams() -> None:
    other = told(opened(GapId("gap-2")), 0.5, life=EventId("another"))

    life = seen([other, *whole_life()]).life_of(CHECKOUT)

    assert life is not None
    assert life.gap_id == "gap-1"


def test_a_gap_that_closed_under_a_later_signal_still_began_with_its_own() -> None:
    events = [*whole_life()[:-1], told(closed(), 9, life=EventId("a later signal"))]

    life = seen(events).life_of(CHECKOUT)

    assert life is not None
    assert life.begun_by == SIGNAL
    assert missing(life) == []


def test_only_a_team_that_has_the_skill_counts_as_ruled_out() -> None:
    not_required = seen([told(ruled_out(Explanation.NOT_REQUIRED), 1)])
    covered = seen([told(ruled_out(), 1)])

    assert not_required.ruled_out_for(PAYMENTS, SKILL) is None
    assert covered.ruled_out_for(PAYMENTS, SKILL) is not None
    assert covered.ruled_out_for(PAYMENTS, "test-design") is None
    assert covered.ruled_out_for(CHECKOUT, SKILL) is None


def test_only_the_weekly_budget_counts_as_stopped_attention() -> None:
    quiet = seen([told(deferred(DeferralReason.QUIET_HOURS), 1)])
    spent = seen([told(deferred(DeferralReason.WEEKLY_BUDGET), 1)])

    assert quiet.deferred_for(DANA) is None
    assert spent.deferred_for(DANA) is not None
