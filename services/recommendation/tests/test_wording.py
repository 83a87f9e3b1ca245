"""What a manager reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetic.contracts.ids import ContentId
from kinetic.contracts.ingestion import Teaches
from kinetic.contracts.recommendation import DismissalReason, WithdrawalReason
from kinetic.recommendation.domain import wording
from kinetic.recommendation.domain.content import Content
from kinetic.recommendation.domain.wording import LONGEST_TITLE, Words, word_nudge
from services.recommendation.tests.company import SEEN_AT, SKILL, evidence, opened

BERLIN = ZoneInfo("Europe/Berlin")
RELEASES = Content(
    ContentId("c"),
    1,
    "Small, reversible releases",
    "https://lms.example",
    "en",
    45,
    (Teaches(competency=SKILL, level=4),),
)
SLIPPED = "Change failure rate 24 percent of deployments (goal 10), 42 cases"


def worded(*seen: Any, people: int = 3, team_size: int = 8, **changes: Any) -> Words:
    return word_nudge(opened(evidence=seen, **changes), RELEASES, people, team_size, BERLIN)


def test_a_slipping_number_is_the_title_and_what_happened_stands_below() -> None:
    number = evidence("kpi.change-failure-rate", SEEN_AT - timedelta(days=9), SLIPPED)
    words = worded(evidence(), number, evidence(seen_at=SEEN_AT - timedelta(days=2)), evidence("security.finding"))
    assert words.title == SLIPPED
    assert words.why == (
        "Also seen: at least 2 failed deliveries since 21 Nov; and a security finding on 23 Nov. "
        "The capability map links this to Release engineering: 3 of 8 people are below the level that their role needs. "
        "“Small, reversible releases” teaches it."
    )


def test_the_newest_measurement_of_a_number_counts() -> None:
    before = evidence("kpi.lead-time", SEEN_AT - timedelta(days=7), "Lead time 60 hours")
    assert worded(evidence("kpi.lead-time", statement="Lead time 90 hours"), before).title == "Lead time 90 hours"


def test_without_a_number_what_happened_most_is_the_title() -> None:
    assert worded(evidence(), evidence(), evidence("quality.defect")).title == "At least 2 failed deliveries on 23 Nov"


def test_a_day_is_the_managers_day() -> None:
    assert worded(evidence(seen_at=datetime(2026, 11, 23, 23, 30, tzinfo=UTC))).title == "A failed delivery on 24 Nov"


def test_a_kind_that_nobody_worded_yet_is_named() -> None:
    assert worded(evidence("finance.overrun")).title == "A signal “finance.overrun” on 23 Nov"


def test_content_that_does_not_reach_the_level_says_how_far_it_reaches() -> None:
    assert worded(evidence(), required_level=5).why.endswith(
        "“Small, reversible releases” teaches it up to level 4; 5 is needed."
    )


def test_one_person_is_one_person() -> None:
    assert "1 of 1 person is below the level" in worded(evidence(), people=1, team_size=1).why
    assert wording.effort(25, 1) == "25 minutes"
    assert wording.assign_label(1) == "Assign to 1 person"


def test_minutes_stand_for_each_and_in_total() -> None:
    assert (wording.effort(25, 3), wording.assign_label(3)) == ("25 minutes each, 75 in total", "Assign to 3 people")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "just now"), (59, "just now"), (60, "1 minute ago"), (7200, "2 hours ago"), (15 * 86_400, "15 days ago")],
)
def test_age_is_told_in_its_largest_unit(seconds: int, words: str) -> None:
    assert wording.age(SEEN_AT, SEEN_AT + timedelta(seconds=seconds)) == words


def test_what_came_of_a_nudge_is_told_on_the_managers_clock() -> None:
    at = SEEN_AT
    assert wording.assigned("Rolling back", 3, at, BERLIN) == "Assigned “Rolling back” to 3 people on 23 Nov 10:00."
    assert wording.dismissed(DismissalReason.WRONG_PEOPLE, at, BERLIN) == "Dismissed on 23 Nov 10:00: wrong people."
    assert wording.expired(at, BERLIN) == "Expired on 23 Nov 10:00. Nothing was assigned."
    assert "content was retired" in wording.withdrawn(WithdrawalReason.CONTENT_RETIRED, at, BERLIN)


def test_every_reason_has_its_words() -> None:
    assert set(wording.DISMISSALS) == set(DismissalReason)
    assert set(wording.WITHDRAWALS) == set(WithdrawalReason)


@given(st.text(max_size=300), st.lists(st.sampled_from(["kpi.x", "delivery.failed", "a.b", ""]), max_size=5))
def test_whatever_tools_say_the_title_is_short_and_never_empty(statement: str, kinds: list[str]) -> None:
    words = worded(*(evidence(kind, statement=statement) for kind in kinds))
    assert len(words.title) <= LONGEST_TITLE
    assert words.title.strip()
