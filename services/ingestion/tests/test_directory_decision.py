"""A directory document changes what it says, or nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kinetic.contracts.ids import RoleKey, TeamId
from kinetic.contracts.ingestion import Position
from kinetic.ingestion.domain.directory import DirectoryChange
from kinetic.ingestion.domain.documents import DirectoryDocument
from kinetic.ingestion.domain.positions import decide_positions, position_at
from tests.support.directories import EMPTY, NOW, after, decide, details, loaded, person, team


def test_new_entries_get_ids_and_one_version() -> None:
    directory = loaded()

    assert directory.version == 1
    assert directory.teams["payments"].manager_id == directory.people["dana@x.example"].person_id
    assert directory.people["eve@x.example"].positions[0].team_id == directory.teams["payments"].team_id
    assert {team.version for team in directory.teams.values()} == {1}
    assert {person.version for person in directory.people.values()} == {1}


def test_same_document_again_changes_nothing() -> None:
    directory = loaded()

    again = decide(
        directory,
        now=NOW + timedelta(days=3),
        teams=[team("payments", manager="dana@x.example")],
        people=[person("EVE@X.example", name="eve@x.example", team="payments", manager="Dana@x.example")],
    )

    assert again == DirectoryChange(1)


def test_only_what_changed_is_told_and_keeps_its_id() -> None:
    directory = loaded()

    change = decide(directory, teams=[team("payments", manager="dana@x.example"), team("checkout", name="Checkout")])

    assert [entry.slug for entry in change.teams] == ["checkout"]
    assert change.teams[0].team_id == directory.teams["checkout"].team_id
    assert (change.version, change.people) == (2, ())


def test_move_adds_a_position_from_its_date() -> None:
    directory = loaded()
    monday = NOW + timedelta(days=7)

    move = person("eve@x.example", team="checkout", manager="dana@x.example", effective_from=monday.isoformat())
    eve = decide(directory, people=[move]).people[0]

    assert [position.effective_from for position in eve.positions] == [NOW, monday]
    assert eve.positions[1].team_id == directory.teams["checkout"].team_id


@pytest.mark.parametrize(
    ("document", "path", "names"),
    [
        ({"teams": [team("a"), team("a")]}, ("teams", 1, "slug"), ("teams/0",)),
        ({"people": [person("a@x.example"), person("A@X.example")]}, ("people", 1, "email"), ("people/0",)),
        ({"people": [person("a@x.example", team="nowhere")]}, ("people", 0, "team"), ("nowhere",)),
        ({"people": [person("a@x.example", manager="no@x.example")]}, ("people", 0, "manager"), ("no@x.example",)),
        ({"teams": [team("a", manager="no@x.example")]}, ("teams", 0, "manager"), ("no@x.example",)),
        (
            {"teams": [team("payments", removed=True)], "people": [person("a@x.example", team="payments")]},
            *(("people", 0, "team"), ("payments", "removed")),
        ),
    ],
)
def test_mistake_is_named_and_nothing_is_applied(document: Any, path: tuple[Any, ...], names: tuple[str, ...]) -> None:
    change = decide(loaded(), **document)

    (detail,) = details(change)
    assert change.mistakes[0].path == path
    assert all(name in detail for name in names)


def test_two_people_with_one_external_id_are_both_named() -> None:
    twins = [person(f"{name}@x.example", external_ids={"lms": "L-1"}) for name in ("a", "b")]

    (detail,) = details(decide(EMPTY, people=twins))

    assert "a@x.example" in detail
    assert "b@x.example" in detail


def test_external_id_of_somebody_in_the_directory_is_claimed() -> None:
    directory = after(EMPTY, decide(EMPTY, people=[person("a@x.example", external_ids={"lms": "L-1"})]))

    (detail,) = details(decide(directory, people=[person("b@x.example", external_ids={"lms": "L-1"})]))

    assert "a@x.example" in detail


def test_external_ids_can_be_exchanged_in_one_document() -> None:
    people = [person(f"{name}@x.example", external_ids={"lms": name}) for name in ("a", "b")]
    directory = after(EMPTY, decide(EMPTY, people=people))

    exchanged = [person("a@x.example", external_ids={"lms": "b"}), person("b@x.example", external_ids={"lms": "a"})]

    assert len(decide(directory, people=exchanged).people) == 2


def test_circle_of_managers_is_named() -> None:
    people = [person(f"{a}@x.example", manager=f"{b}@x.example") for a, b in (("a", "b"), ("b", "c"), ("c", "a"))]

    (detail,) = details(decide(EMPTY, people=people))

    assert "a@x.example reports to b@x.example reports to c@x.example reports to a@x.example" in detail


def test_nobody_manages_themselves() -> None:
    assert details(decide(EMPTY, people=[person("a@x.example", manager="a@x.example")]))


def test_circle_with_people_in_the_directory_is_found() -> None:
    assert details(decide(loaded(), people=[person("dana@x.example", manager="eve@x.example")]))


def test_circle_that_begins_later_is_found() -> None:
    later = (NOW + timedelta(days=9)).isoformat()

    assert details(decide(loaded(), people=[person("dana@x.example", manager="eve@x.example", effective_from=later)]))


def test_lines_that_turn_round_on_one_date_are_no_circle() -> None:
    later = (NOW + timedelta(days=9)).isoformat()
    turned = [
        person("dana@x.example", manager="eve@x.example", effective_from=later),
        person("eve@x.example", team="payments", effective_from=later),
    ]

    assert len(decide(loaded(), people=turned).people) == 2


@pytest.mark.parametrize(
    "fields",
    [{"time_zone": "Mars/Olympus"}, {"email": "nobody"}, {"language": "English!"}, {"unknown": 1}, {"name": ""}],
)
def test_invalid_field_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DirectoryDocument.model_validate({"people": [{**person("a@x.example"), **fields}]})


def at(day: int, team_id: str) -> Position:
    return Position(
        team_id=TeamId(team_id), manager_id=None, role=RoleKey("engineer"), effective_from=NOW + timedelta(days=day)
    )


def test_undated_statement_of_what_is_known_leaves_planned_moves() -> None:
    known = (at(0, "a"), at(9, "b"))

    assert decide_positions(known, at(3, "a"), is_dated=False) == known


def test_dated_statement_replaces_that_of_the_same_date() -> None:
    assert decide_positions((at(0, "a"), at(9, "b")), at(9, "c"), is_dated=True) == (at(0, "a"), at(9, "c"))


def test_planned_move_is_taken_back_by_stating_the_old_position_at_its_date() -> None:
    assert decide_positions((at(0, "a"), at(9, "b")), at(9, "a"), is_dated=True) == (at(0, "a"),)


statements = st.lists(st.tuples(st.integers(0, 9), st.sampled_from("abc"), st.booleans()), max_size=8)


@given(statements)
def test_what_was_stated_holds_from_its_date(stated: list[tuple[int, str, bool]]) -> None:
    positions: tuple[Position, ...] = ()
    for day, team_id, is_dated in stated:
        positions = decide_positions(positions, at(day, team_id), is_dated=is_dated)

        current = position_at(positions, NOW + timedelta(days=day))
        assert current is not None
        assert current.team_id == team_id
        dates = [position.effective_from for position in positions]
        assert dates == sorted(set(dates))
