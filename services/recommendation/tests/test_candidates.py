"""Which content may be suggested, and for whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kinetic.contracts.ids import CompetencyKey, ContentId
from kinetic.contracts.ingestion import Teaches
from kinetic.recommendation.domain.candidates import Need, eligible, language_of, left_to_take
from kinetic.recommendation.domain.content import Content
from services.recommendation.tests.company import BEN, CARLA, SKILL

NEED = Need(SKILL, 3, "en")


def content(name: str, level: int = 3, **changes: object) -> Content:
    taught = (Teaches(competency=SKILL, level=level),)
    plain = Content(ContentId(name), 1, name, "https://lms.example", "en", 30, taught)
    return replace(plain, **changes)  # type: ignore[arg-type]


def in_question(*contents: Content, dismissed: str = "", formats: set[str] | None = None) -> list[str]:
    return [found.content_id for found in eligible(NEED, contents, {ContentId(dismissed)}, formats)]


@pytest.mark.parametrize(
    "unfit",
    [
        content("a", retired=True),
        content("a", language="de"),
        content("a", teaches=(Teaches(competency=CompetencyKey("test-design"), level=5),)),
    ],
)
def test_what_is_retired_or_foreign_or_about_something_else_is_not_in_question(unfit: Content) -> None:
    assert in_question(unfit, content("b")) == ["b"]


def test_a_region_makes_no_other_language() -> None:
    assert in_question(content("british", language="en-GB")) == ["british"]


def test_what_was_dismissed_is_never_in_question_again() -> None:
    assert in_question(content("a"), content("b", 1), dismissed="a") == ["b"]
    assert in_question(content("a"), dismissed="a") == []


def test_only_allowed_formats_are_in_question_and_what_tells_none() -> None:
    told = content("a", format="video"), content("b", format="workshop"), content("c")
    assert in_question(*told, formats={"workshop"}) == ["b", "c"]
    assert in_question(*told) == ["a", "b", "c"]


def test_nothing_that_lies_more_than_a_level_below_the_required_one_is_in_question() -> None:
    told = content("basics", 1), content("below", 2), content("reaching", 3), content("master", 5)
    assert in_question(*told) == ["below", "reaching", "master"]


def test_what_was_measured_is_in_question_whatever_level_it_claims() -> None:
    told = content("basics", 1), content("first steps", 1), content("reaching", 3)
    found = eligible(NEED, told, {ContentId("first steps")}, None, {ContentId("basics"), ContentId("first steps")})
    assert [one.content_id for one in found] == ["basics", "reaching"]


def test_where_nothing_reaches_the_level_what_is_near_the_highest_is_in_question() -> None:
    need = replace(NEED, required_level=5)
    told = content("first", 1), content("second", 2), content("third", 3)
    assert [found.content_id for found in eligible(need, told, set(), None)] == ["second", "third"]


def test_content_below_the_level_reaches_a_share_of_it_and_above_no_more_than_all() -> None:
    assert [NEED.reach_of(content("a", level)) for level in (1, 3, 5)] == [pytest.approx(1 / 3), 1, 1]


def test_who_has_done_it_or_has_it_assigned_is_left_out() -> None:
    taken = {ContentId("a"): frozenset({BEN}), ContentId("c"): frozenset({BEN, CARLA})}
    left = [left_to_take(ContentId(name), (BEN, CARLA), taken) for name in "abc"]
    assert left == [(CARLA,), (BEN, CARLA), ()]


def test_the_language_of_most_people_is_theirs_together() -> None:
    assert language_of(["de", "en-GB", "en-US"]) == "en"
    assert language_of(["en", "de"]) == "de"
