"""What a manager reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetic.contracts.assignment import BlockedReason, RefusalReason
from kinetic.contracts.ids import ContentId, PersonId
from kinetic.contracts.ingestion import Teaches
from kinetic.contracts.recommendation import DismissalReason, WithdrawalReason
from kinetic.recommendation.domain import wording
from kinetic.recommendation.domain.content import Appraisal, Content
from kinetic.recommendation.domain.effect import MeasuredEffect
from kinetic.recommendation.domain.expectation import Design, Measured, NotMeasured, expectation_of
from kinetic.recommendation.domain.nudge import Offer
from kinetic.recommendation.domain.wording import LONGEST_TITLE, Words, word_offer
from kinetic.recommendation.words import LANGUAGES, phrasebook_of
from services.recommendation.tests.company import SEEN_AT, SKILL, evidence

BERLIN = ZoneInfo("Europe/Berlin")
EN, DE, FR = (phrasebook_of(language) for language in ("en", "de", "fr"))
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
LOWER = Measured("resolution time", -0.15, -0.22, -0.07, 64, 71, Design.SIMILAR)


def worded(*seen: Any, people: int = 3, team_size: int = 8, required_level: int = 3, language: str = "en") -> Words:
    concerned = tuple(PersonId(str(number)) for number in range(people))
    offer = Offer(RELEASES, "Release engineering", None, concerned, team_size, seen, 3, required_level=required_level)
    return word_offer(offer, SKILL, phrasebook_of(language), BERLIN)


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


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_end_with_one_full_stop(language: str) -> None:
    assert ".." not in worded(evidence(), evidence("quality.defect"), language=language).why


def test_one_person_is_one_person() -> None:
    assert "1 of 1 person is below the level" in worded(evidence(), people=1, team_size=1).why
    assert wording.effort(25, 1, EN) == "25 minutes"
    assert [book.say("action-assign", people=1) for book in (EN, DE, FR)] == [
        "Assign to 1 person",
        "1 Person zuweisen",
        "Attribuer à 1 personne",
    ]


def test_minutes_stand_for_each_and_in_total() -> None:
    assert [wording.effort(25, 3, book) for book in (EN, DE, FR)] == [
        "25 minutes each, 75 in total",
        "je 25 Minuten, zusammen 75",
        "25 minutes par personne, 75 au total",
    ]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "just now"), (59, "just now"), (60, "1 minute ago"), (7200, "2 hours ago"), (15 * 86_400, "15 days ago")],
)
def test_age_is_told_in_its_largest_unit(seconds: int, words: str) -> None:
    assert EN.age(SEEN_AT, SEEN_AT + timedelta(seconds=seconds)) == words


def test_what_came_of_a_nudge_is_told_on_the_managers_clock_and_in_their_language() -> None:
    at = SEEN_AT
    assert wording.assigned("Rolling back", 3, at, EN, BERLIN) == "Assigned “Rolling back” to 3 people on 23 Nov 10:00."
    assert wording.assigned("Rolling back", 3, at, DE, BERLIN) == (
        "„Rolling back“ am 23. November 10:00 3 Personen zugewiesen."
    )
    assert "wrong people" in wording.dismissed(DismissalReason.WRONG_PEOPLE, at, EN, BERLIN).lower()
    assert wording.expired(at, FR, BERLIN).startswith("Expiré le 23 novembre 10:00. Rien ")
    assert "content was retired" in wording.withdrawn(WithdrawalReason.CONTENT_RETIRED, at, EN, BERLIN)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_its_words(language: str) -> None:
    book = phrasebook_of(language)
    for dismissal in DismissalReason:
        assert wording.dismissed(dismissal, SEEN_AT, book, BERLIN)
    for withdrawal in WithdrawalReason:
        assert wording.withdrawn(withdrawal, SEEN_AT, book, BERLIN)
    for reason in (*RefusalReason, *BlockedReason):
        assert wording.left_out(reason, book)


def test_a_measured_effect_is_told_with_its_interval_and_basis_and_as_a_pattern() -> None:
    assert wording.expectation(LOWER, EN) == (
        "Expected: resolution time 15% lower, likely between 22% and 7% lower. "
        "64 people who finished it against 71 similar; a pattern, not proof."
    )


def test_an_interval_over_zero_says_that_it_may_go_either_way() -> None:
    either = Measured("resolution time", -0.03, -0.10, 0.04, 64, 71, Design.SIMILAR)
    assert "3% lower, likely between 10% lower and 4% higher" in wording.expectation(either, EN)


@pytest.mark.parametrize("book", [EN, DE, FR], ids=LANGUAGES)
@pytest.mark.parametrize("design", Design)
def test_an_effect_is_called_one_only_where_the_design_has_earned_it(book: Any, design: Design) -> None:
    pattern = wording.expectation(LOWER, book)
    merely_compared = Measured("resolution time", -0.15, -0.22, -0.07, 64, 71, design)
    claimed = Measured("resolution time", -0.15, -0.22, -0.07, 64, 71, design, is_causal=True)
    assert wording.expectation(merely_compared, book) == pattern
    assert (wording.expectation(claimed, book) == pattern) == (design is Design.SIMILAR)


@pytest.mark.parametrize(
    ("appraisal", "told"),
    [
        (Appraisal(), "No measured effect yet: 0 of 20 completions."),
        (Appraisal(requested=30, completed=9), "No measured effect yet: 9 of 20 completions."),
        (Appraisal(requested=30, completed=20), "No measured effect yet."),
        (
            Appraisal(completed=40, effect=MeasuredEffect(0.42, 0.15, 9)),
            "Measured effect: 0.4 standard deviations of the number, likely between 0.1 and 0.7; above 0 is better. 9 teams.",
        ),
    ],
)
def test_what_is_told_of_content_is_what_became_of_it(appraisal: Appraisal, told: str) -> None:
    assert wording.expectation(expectation_of(appraisal), EN) == told


def test_without_a_measurement_it_is_said_how_many_completions_are_there() -> None:
    assert wording.expectation(NotMeasured(9, 20), EN) == "No measured effect yet: 9 of 20 completions."
    assert wording.expectation(NotMeasured(), EN) == "No measured effect yet."


@given(
    st.text(max_size=300),
    st.lists(st.sampled_from(["kpi.x", "delivery.failed", "a.b", ""]), max_size=5),
    st.sampled_from(LANGUAGES),
)
def test_whatever_tools_say_the_title_is_short_and_never_empty(statement: str, kinds: list[str], language: str) -> None:
    words = worded(*(evidence(kind, statement=statement) for kind in kinds), language=language)
    assert len(words.title) <= LONGEST_TITLE
    assert words.title.strip()
