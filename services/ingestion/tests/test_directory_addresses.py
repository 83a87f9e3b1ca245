"""People are known by their addresses: one each, aliases besides, and new ones when they say the former."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kinetic.ingestion.domain.directory import Directory
from kinetic.ingestion.domain.directory_rules import claims_of
from tests.support.directories import EMPTY, NOW, after, decide, details, loaded, person


def claimed(person_fields: dict[str, Any], **directory: Any) -> list[str]:
    """What is wrong with a person when somebody with `directory` is there already."""
    known = after(EMPTY, decide(EMPTY, people=[person("a@x.example", **directory)]))
    return details(decide(known, people=[person_fields]))


ALIASES = {"email-alias": "Old@X.example", "email-alias-login": "a.login@x.example"}


@pytest.mark.parametrize(
    "newcomer",
    [
        person("old@x.example"),
        person("A.Login@x.example"),
        person("b@x.example", external_ids={"email-alias-2": "OLD@x.example"}),
        person("b@x.example", external_ids={"email-alias": "A@x.example"}),
    ],
)
def test_an_alias_is_an_address_that_nobody_else_can_have(newcomer: dict[str, Any]) -> None:
    (detail,) = claimed(newcomer, external_ids=ALIASES)

    assert "a@x.example" in detail


def test_own_address_may_stand_among_the_aliases() -> None:
    own = person("a@x.example", external_ids={"email-alias": "A@x.example", "email-alias-2": "a.b@x.example"})

    (decided,) = decide(EMPTY, people=[own]).people

    assert sorted(claims_of(decided)) == [("email", "a.b@x.example"), ("email", "a@x.example")]


def test_new_address_of_somebody_known_keeps_their_id_and_is_told_once() -> None:
    directory = loaded()
    renamed = person("eve.adams@x.example", former_email="Eve@x.example", team="payments", manager="dana@x.example")

    change = decide(directory, people=[renamed])

    assert [p.person_id for p in change.people] == [directory.people["eve@x.example"].person_id]
    assert change.people[0].email == "eve.adams@x.example"
    remembered = {email: p for email, p in directory.people.items() if email != "eve@x.example"}
    now_known = Directory(change.version, directory.teams, {**remembered, "eve.adams@x.example": change.people[0]})
    assert not decide(now_known, people=[renamed]).people


def test_former_address_is_free_for_somebody_else() -> None:
    directory = loaded()
    eve = directory.people["eve@x.example"].model_copy(update={"email": "eve.adams@x.example"})
    renamed = Directory(2, directory.teams, {"dana@x.example": directory.people["dana@x.example"], eve.email: eve})

    (newcomer,) = decide(renamed, people=[person("eve@x.example")]).people

    assert newcomer.person_id != eve.person_id


@pytest.mark.parametrize(
    ("people", "path"),
    [
        ([person("new@x.example", former_email="ghost@x.example")], ("people", 0, "former_email")),
        ([person("dana@x.example", former_email="eve@x.example")], ("people", 0, "email")),
        (
            [person("new@x.example", former_email="eve@x.example"), person("eve@x.example")],
            ("people", 1, "email"),
        ),
    ],
)
def test_new_address_is_refused_when_it_could_mean_two_people(people: Any, path: tuple[Any, ...]) -> None:
    change = decide(loaded(), people=people)

    assert details(change)
    assert change.mistakes[0].path == path


def test_circle_is_found_through_a_new_address() -> None:
    circle = person("dana.new@x.example", former_email="dana@x.example", manager="eve@x.example")

    assert details(decide(loaded(), people=[circle]))


def test_plan_that_is_taken_back_with_a_new_address_makes_no_circle() -> None:
    """What was planned under the former address is not looked at besides what is planned under the new one."""
    later = (NOW + timedelta(days=9)).isoformat()
    finn = person("finn@x.example")
    directory = after(EMPTY, decide(EMPTY, people=[person("eve@x.example"), finn]))
    planned = person("eve@x.example", manager="finn@x.example", effective_from=later)
    directory = after(directory, decide(directory, people=[planned]))

    renamed = person("eve.adams@x.example", former_email="eve@x.example", effective_from=later)
    change = decide(directory, people=[renamed, {**finn, "manager": "eve.adams@x.example"}])

    assert not change.mistakes
    assert len(change.people) == 2
