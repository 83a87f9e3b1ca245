"""The life of a nudge, decided without a database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetic.common.events import Cause, new_id
from kinetic.contracts.ids import EventId, GapId, NudgeId
from kinetic.contracts.recommendation import DismissalReason, NudgeAccepted, SnoozeUntil, WithdrawalReason
from kinetic.recommendation.domain.attention import Policy
from kinetic.recommendation.domain.content import Content
from kinetic.recommendation.domain.nudge import (
    Change,
    Click,
    NotAssignable,
    Nudge,
    Offer,
    Reports,
    State,
    Superseded,
    accept,
    compose,
    dismiss,
    expire,
    refresh,
    see,
    withdraw,
)
from kinetic.recommendation.domain.snooze import rouse, snooze, wish_of
from services.recommendation.tests.company import BEN, CARLA, COURSE, DANA, LEE, SEEN_AT, SKILL, STRANGER, TEAM, opened

ANY_HOUR = Policy(1, 2, None, frozenset(range(1, 8)), 14)
CAUSE = Cause(EventId(new_id()), EventId(new_id()))
REPORTS = Reports({BEN, CARLA, LEE}, 7)
OFFER = Offer(
    content=Content(COURSE, 1, "Releases", "https://lms.example", "en", 45, ()),
    competency_name="Release engineering",
    goal=None,
    person_ids=(BEN, CARLA),
    team_size=3,
    evidence=(),
    map_version=3,
)
NUDGE = Nudge(
    nudge_id=NudgeId(new_id()),
    gap_id=GapId(new_id()),
    team_id=TEAM,
    manager_id=DANA,
    competency=SKILL,
    offer=OFFER,
    state=State.COMPOSED,
    version=1,
    offered_version=1,
    policy_version=1,
    composed_at=SEEN_AT,
    expires_at=SEEN_AT + timedelta(days=14),
    cause=CAUSE,
)


def click(version: int = 1) -> Click:
    return Click(version, DANA, SEEN_AT)


def after(answer: object) -> Nudge:
    assert isinstance(answer, Change)
    return answer.nudge


def test_accepting_tells_the_people_and_the_directory_version_it_was_checked_against() -> None:
    answer = accept(NUDGE, click(), None, REPORTS)
    assert isinstance(answer, Change)
    ((told, cause),) = [(emission.data, emission.cause) for emission in answer.emissions]
    assert isinstance(told, NudgeAccepted)
    assert (told.person_ids, told.directory_version, told.version, cause) == ((BEN, CARLA), 7, 2, CAUSE)


def test_naming_a_person_twice_assigns_once() -> None:
    assert after(accept(NUDGE, click(), [BEN, BEN], REPORTS)).offer.person_ids == (BEN, CARLA)
    outcome = after(accept(NUDGE, click(), [BEN, BEN], REPORTS)).outcome
    assert outcome is not None
    assert outcome.person_ids == (BEN,)


def test_strangers_and_people_who_have_moved_are_told_apart() -> None:
    assert accept(NUDGE, click(), [LEE, STRANGER, BEN], Reports({LEE}, 7)) == NotAssignable(
        frozenset({LEE, STRANGER}), frozenset({STRANGER, BEN})
    )


@pytest.mark.parametrize("version", [0, 1, 4])
def test_a_click_on_another_version_than_the_one_shown_is_superseded(version: int) -> None:
    refreshed = after(see(after(refresh(NUDGE, replace(OFFER, person_ids=(BEN,)))), SEEN_AT))
    assert (refreshed.offered_version, refreshed.version) == (2, 3)
    assert accept(refreshed, click(version), None, REPORTS) == Superseded(refreshed)
    assert dismiss(refreshed, click(version), DismissalReason.BAD_TIMING) == Superseded(refreshed)


@pytest.mark.parametrize("version", [2, 3])
def test_a_click_on_a_version_that_shows_the_same_offer_counts(version: int) -> None:
    refreshed = after(see(after(refresh(NUDGE, replace(OFFER, person_ids=(BEN,)))), SEEN_AT))
    assert after(accept(refreshed, click(version), None, REPORTS)).state is State.ACCEPTED


def test_an_offer_that_stays_the_same_is_no_change() -> None:
    assert refresh(NUDGE, replace(OFFER)) == Change(NUDGE)


def test_a_nudge_expires_when_its_time_has_come_and_not_before() -> None:
    assert expire(NUDGE, NUDGE.expires_at - timedelta(microseconds=1)) == Change(NUDGE)
    assert after(expire(NUDGE, NUDGE.expires_at)).state is State.EXPIRED


def test_composing_tells_under_which_versions() -> None:
    ((told),) = [emission.data.model_dump() for emission in compose(NUDGE, "Builds fail").emissions]
    assert (told["map_version"], told["content_version"], told["policy_version"], told["version"]) == (3, 1, 1, 1)


def _snooze(nudge: Nudge, version: int) -> Any:
    wish = wish_of(SnoozeUntil.MOVED, nudge, 1.4, None, SEEN_AT)
    return snooze(nudge, click(version), wish)


STEPS: dict[str, Callable[[Nudge], Any]] = {
    "see": lambda nudge: see(nudge, SEEN_AT),
    "accept": lambda nudge: accept(nudge, click(nudge.version), None, REPORTS),
    "accept late": lambda nudge: accept(nudge, click(1), None, REPORTS),
    "dismiss": lambda nudge: dismiss(nudge, click(nudge.version), DismissalReason.BAD_TIMING),
    "snooze": lambda nudge: _snooze(nudge, nudge.version),
    "snooze late": lambda nudge: _snooze(nudge, 1),
    "rouse": lambda nudge: rouse(nudge, opened(pressure=9.0), ANY_HOUR, ZoneInfo("UTC"), SEEN_AT),
    "expire": lambda nudge: expire(nudge, nudge.expires_at),
    "withdraw": lambda nudge: (
        withdraw(nudge, WithdrawalReason.GAP_CLOSED, CAUSE, SEEN_AT) if nudge.is_open else Change(nudge)
    ),
    "refresh": lambda nudge: (
        refresh(nudge, replace(OFFER, team_size=nudge.version + 9)) if nudge.is_open else Change(nudge)
    ),
}


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=12))
def test_whatever_happens_versions_grow_and_a_nudge_ends_once(steps: list[str]) -> None:
    nudge, told = NUDGE, []
    for step in steps:
        answer = STEPS[step](nudge)
        if not isinstance(answer, Change):
            assert isinstance(answer, Superseded)
            assert answer.nudge == nudge
            continue
        assert answer.nudge == nudge or answer.nudge.version == nudge.version + 1
        told += [emission.data for emission in answer.emissions]
        nudge = answer.nudge
    endings = [event.type for event in told if event.type.split(".")[2] not in {"seen", "snoozed", "resumed"}]
    assert len(endings) == (0 if nudge.is_open else 1)
    versions = [event.model_dump()["version"] for event in told]
    assert versions == sorted(set(versions))
