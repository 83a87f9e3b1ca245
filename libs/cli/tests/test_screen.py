"""What the terminal tells: short sentences, names in place of ids, equal lines once."""

from __future__ import annotations

from rich.text import Text

from kinetic.cli.narration import Names, short_type, subject
from kinetic.cli.screen import nudge_text, told_lines
from kinetic.contracts.event import Event
from kinetic.contracts.ingestion import TeamChanged
from kinetic.contracts.registry import BY_TYPE

from .told_events import CHECKOUT, completed, composed, opened, signal, told, whole_life


def plain(lines: list[str]) -> list[str]:
    return [Text.from_markup(line).plain for line in lines]


def test_equal_events_are_told_once_with_their_number() -> None:
    events = [told(signal(), at) for at in (0, 1, 2)]

    lines = plain(told_lines([*events, told(opened(), 3)], Names()))

    assert len(lines) == 2
    assert lines[0].endswith("A job failed, 3 times")


def test_one_step_of_several_people_is_told_in_one_line() -> None:
    names = Names({"person-aiko": "Aiko", "person-ben": "Ben", "course": "Small releases"})
    ben = completed().model_copy(update={"person_id": "person-ben", "score": 0.8})

    lines = plain(told_lines([told(ben, 1), told(completed(), 2)], names))

    assert [line.split(maxsplit=2)[2] for line in lines] == ["Aiko, Ben: Small releases"]


def test_events_are_told_in_the_order_of_time() -> None:
    lines = plain(told_lines(reversed(whole_life()), Names()))

    assert [line.split()[1] for line in lines] == [short_type(event.data.type) for event in whole_life()]


def test_a_known_id_is_told_by_its_name_and_an_unknown_one_by_its_end() -> None:
    names = Names()
    assert subject(signal(), names).startswith("…eckout:")

    names.learn(TeamChanged(team_id=CHECKOUT, slug="checkout", name="Checkout", unit="u", manager_id=None, version=1))

    assert subject(signal(), names).startswith("Checkout:")
    assert names.id_of("checkout") == CHECKOUT


def test_text_of_a_sender_is_never_taken_for_markup() -> None:
    loud = signal().model_copy(update={"summary": "[bold]Ship it[/bold] [/]"})

    assert "[bold]Ship it[/bold] [/]" in plain(told_lines([told(loud, 0)], Names()))[0]


def test_a_long_subject_is_cut() -> None:
    long = composed().model_copy(update={"title": "x" * 500})

    assert len(subject(long, Names())) <= 90
    assert subject(long, Names()).endswith("…")


def test_no_event_is_too_new_to_be_told() -> None:
    class Unknown(Event):
        type = "kinetic.unknown.seen.v1"
        topic = "kinetic.gaps"

    assert subject(Unknown(), Names()) == ""
    assert {short_type(name) for name in BY_TYPE} >= {"gap.ruled_out", "nudge.composed"}


def test_a_nudge_tells_its_evidence_once_and_its_actions() -> None:
    item = {"source": "github", "statement": "A job failed", "age": "just now", "url": "https://git.example/1"}
    nudge = {
        "title": "Builds fail",
        "why": "Because.",
        "evidence": [item, item],
        "people": [{"name": "Aiko"}, {"name": "Ben"}],
        "content": {"title": "Small releases"},
        "effort": "45 minutes each",
        "actions": [{"label": "Assign to 2 people"}],
        "how_often": "At most 1 a week.",
    }

    lines = nudge_text(nudge).splitlines()

    assert lines[2] == "  • github: A job failed (just now) https://git.example/1, 2 times"
    assert lines[3:] == [
        "Small releases, 45 minutes each",
        "For Aiko, Ben",
        "[ Assign to 2 people ]",
        "At most 1 a week.",
    ]
