"""Which content is suggested, by a rule that can be checked by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kinetic.contracts.ids import CompetencyKey, ContentId
from kinetic.contracts.ingestion import Teaches
from kinetic.recommendation.domain.choice import Appraisal, Content, Need, choose_content, language_of
from services.recommendation.tests.company import SKILL

NEED = Need(SKILL, 3, "en")


def content(name: str, level: int = 3, **changes: object) -> Content:
    taught = (Teaches(competency=SKILL, level=level),)
    plain = Content(ContentId(name), 1, name, "https://lms.example", "en", 30, taught)
    return replace(plain, **changes)  # type: ignore[arg-type]


def chosen(*contents: Content, appraisals: dict[str, Appraisal] | None = None, dismissed: str = "") -> str | None:
    known = {ContentId(name): appraisal for name, appraisal in (appraisals or {}).items()}
    found = choose_content(NEED, contents, known, {ContentId(dismissed)})
    return found.content_id if found else None


def test_content_that_reaches_the_level_goes_before_content_that_does_not() -> None:
    assert chosen(content("basics", 2), content("reaching", 3, effort_minutes=300)) == "reaching"


def test_where_nothing_reaches_the_level_the_highest_below_is_chosen() -> None:
    assert chosen(content("first", 1), content("second", 2, effort_minutes=300)) == "second"


def test_more_than_the_level_is_no_reason_to_prefer() -> None:
    assert chosen(content("master", 5, effort_minutes=31), content("enough", 3)) == "enough"


@pytest.mark.parametrize(
    "unfit",
    [
        content("a", retired=True),
        content("a", language="de"),
        content("a", teaches=(Teaches(competency=CompetencyKey("test-design"), level=5),)),
    ],
)
def test_what_is_retired_or_foreign_or_about_something_else_is_not_in_question(unfit: Content) -> None:
    assert chosen(unfit) is None
    assert chosen(unfit, content("b")) == "b"


def test_a_region_makes_no_other_language() -> None:
    assert chosen(content("british", language="en-GB")) == "british"


def test_what_was_dismissed_is_never_chosen_again() -> None:
    assert chosen(content("a"), content("b", 1), dismissed="a") == "b"
    assert chosen(content("a"), dismissed="a") is None


def test_acceptance_and_completion_decide_with_laplaces_rule() -> None:
    liked = Appraisal(accepted=8, dismissed=1, expired=1, requested=10, completed=5)
    assert liked.promise == pytest.approx(9 / 12 * 6 / 12)
    assert Appraisal().promise == pytest.approx(0.25)
    assert chosen(content("a"), content("b"), appraisals={"b": liked}) == "b"


def test_one_success_does_not_beat_many() -> None:
    once, often = Appraisal(accepted=1, requested=1, completed=1), Appraisal(accepted=40, requested=40, completed=38)
    assert chosen(content("a"), content("b"), appraisals={"a": once, "b": often}) == "b"


def test_completions_known_before_their_requests_promise_no_more_than_everything() -> None:
    assert Appraisal(requested=0, completed=50).promise <= 1


def test_equal_promise_is_decided_by_rating_then_minutes_then_id() -> None:
    rated, disliked = Appraisal(mean_rating=4.5), Appraisal(mean_rating=2.0)
    assert chosen(content("a"), content("b"), appraisals={"b": rated}) == "b"
    assert chosen(content("a"), content("b"), appraisals={"a": disliked}) == "b"
    assert chosen(content("a"), content("b", effort_minutes=20)) == "b"
    assert chosen(content("b"), content("a")) == "a"


def test_the_language_of_most_people_is_theirs_together() -> None:
    assert language_of(["de", "en-GB", "en-US"]) == "en"
    assert language_of(["en", "de"]) == "de"
