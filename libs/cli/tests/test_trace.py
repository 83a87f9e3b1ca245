"""A life is drawn as a tree of what followed from what."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from rich.console import Console

from kinetic.cli.errors import Misused
from kinetic.cli.narration import Names
from kinetic.cli.trace import (
    Branch,
    Moment,
    causes_outside,
    correlation_in,
    drawn,
    find_life,
    grow,
    is_wanted,
    moment_of,
)
from kinetic.cli.watching import Record, since_id
from kinetic.common.events import headers_of, new_id

from .told_events import BEGUN, signal, told

TRACE = "0af7651916cd43dd8448eb211c80319c"


def moment(name: str, cause: str | None = None, at: float = 0, died_of: str | None = None) -> Moment:
    time = BEGUN + timedelta(seconds=at)
    return Moment(name, "kinetic.gaps", "kinetic.gap.opened.v1", time, cause, f"about {name}", died_of=died_of)


def names_of(branches: tuple[Branch, ...] | list[Branch]) -> list[object]:
    return [
        [branch.moment.id, names_of(branch.followers)] if branch.followers else branch.moment.id for branch in branches
    ]


def printed(branches: list[Branch]) -> str:
    plain = Console(width=200, color_system=None)
    with plain.capture() as text:
        plain.print(drawn(branches, "title"))
    return text.get()


def test_what_follows_hangs_below_its_cause_in_the_order_of_time() -> None:
    moments = [moment("signal"), moment("gap", "signal", 1), moment("nudge", "gap", 2), moment("change", "signal", 3)]

    assert names_of(grow(moments)) == [["signal", [["gap", ["nudge"]], "change"]]]


def test_what_follows_from_nothing_that_is_known_is_a_root() -> None:
    assert names_of(grow([moment("signal"), moment("completed", "lost", 5)])) == ["signal", "completed"]


def test_a_dead_letter_hangs_below_the_event_that_died() -> None:
    moments = [moment("signal"), moment("signal", None, 0, died_of="ValueError: no"), moment("gap", "signal", 1)]

    assert names_of(grow(moments)) == [["signal", ["signal", "gap"]]]


def test_a_dead_letter_without_its_event_is_a_root() -> None:
    assert names_of(grow([moment("signal", None, 0, died_of="unreadable")])) == ["signal"]


def test_a_report_of_the_lms_hangs_below_the_last_step_of_its_assignment() -> None:
    def step(name: str, cause: str | None, at: float) -> Moment:
        return replace(moment(name, cause, at), assignment_id="assignment-1")

    moments = [
        step("requested", None, 0),
        step("enrolled", "lost", 1),
        moment("other", None, 2),
        step("report", None, 3),
    ]

    assert names_of(grow(moments)) == [["requested", [["enrolled", ["report"]]]], "other"]


def test_the_drawing_tells_times_types_subjects_and_deaths() -> None:
    text = printed(
        grow([moment("signal"), moment("gap", "signal", 1.25), moment("gap", None, 2, died_of="[boom] it broke")])
    )

    assert "+0.00 s gap.opened kinetic.gaps about signal" in text
    assert "+1.25 s gap.opened" in text
    assert "dead: [boom] it broke" in text


def test_causes_that_are_not_of_the_life_are_found() -> None:
    assert causes_outside([moment("a"), moment("b", "a"), moment("c", "lms-report")]) == {"lms-report"}


def test_an_event_is_found_by_its_id_and_by_its_trace_and_names_its_life() -> None:
    headers = {"ce_id": "e", "ce_correlationid": "s", "traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    record = Record("kinetic.gaps", headers, b"{}")

    assert is_wanted(record, "e")
    assert is_wanted(record, TRACE)
    assert not is_wanted(record, "s")
    assert correlation_in(record) == "s"


def test_a_record_becomes_a_moment_and_a_stranger_does_not() -> None:
    envelope = told(signal(), 3, new_id())
    record = Record("kinetic.signals", headers_of(envelope), envelope.data.model_dump_json().encode())

    made = moment_of(record, Names())

    assert made is not None
    assert (made.id, made.type, made.time) == (envelope.id, "kinetic.signal.observed.v1", envelope.time)
    assert "delivery.failed, A job failed" in made.subject
    assert moment_of(Record("kinetic.signals", {}, b"what is this"), Names()) is None


def test_an_event_of_an_unknown_type_keeps_its_place_in_the_life() -> None:
    headers = {"ce_id": "e", "ce_type": "kinetic.future.seen.v9", "ce_time": "2026-03-02T09:00:00Z"}

    made = moment_of(Record("kinetic.gaps", headers, b"{}"), Names())

    assert made is not None
    assert made.subject == ""


def test_an_id_says_when_it_was_made() -> None:
    # The example of RFC 9562, appendix A.6: 22 February 2022, 14:22:22 at UTC-5.
    assert since_id("017F22E2-79B0-7CC3-98C4-DC0C0C07398F", timedelta()).isoformat() == "2022-02-22T19:22:22+00:00"


@pytest.mark.parametrize("wanted", ["", "gap-1", "c232ab00-9414-11ec-b3c8-9f6bdeced846"])
async def test_what_is_no_event_id_is_told_so(wanted: str) -> None:
    with pytest.raises(Misused, match="neither the id of an event"):
        await find_life("127.0.0.1:1", wanted)
