"""The checker sees each violation that it is there to see."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.chaos.ledger import Traces, check
from tests.chaos.observe import Told

SEVERITY = 0.02
ACKNOWLEDGED = {f"event-{number}": ("team-0", number) for number in range(4)}


def signal(event_id: str) -> Told:
    return Told(event_id, "kinetic.signal.observed.v1", {"team_id": "t"})


SOUND = Traces(
    signals=[signal(event_id) for event_id in ACKNOWLEDGED],
    gaps=[Told("g", "kinetic.gap.opened.v1", {"team_id": "t", "gap_id": "g", "version": 1})],
    nudges=[],
    assignments=[],
    pressures={"t": 4 * SEVERITY},
    dead_letters=0,
)


def assigned(step: str, version: int) -> Told:
    """A step of the only assignment of a click."""
    data = {"assignment_id": "a", "nudge_id": "n", "person_id": "p", "version": version}
    return Told(f"{step}-{version}", f"kinetic.assignment.{step}.v1", data)


ASKED = Told("r", "kinetic.reinforcement.requested.v1", {"nudge_id": "n"})
SAID = Told("c", "kinetic.notice.composed.v1", {"notice_id": "m", "request_id": "r", "version": 2})
LEARNT = [assigned("held", 1), assigned("requested", 2), assigned("completed", 3)]
BROUGHT_UP = replace(SOUND, assignments=[*LEARNT, ASKED], nudges=[SAID])


def test_a_click_that_was_brought_up_once_is_no_breach() -> None:
    assert check(ACKNOWLEDGED, BROUGHT_UP, SEVERITY).breaches == []


def test_a_sound_run_has_no_breach() -> None:
    findings = check(ACKNOWLEDGED, SOUND, SEVERITY)
    assert findings.breaches == []
    assert findings.delivered == 4


def test_a_repeat_on_the_topic_is_no_breach() -> None:
    findings = check(ACKNOWLEDGED, replace(SOUND, signals=[*SOUND.signals, SOUND.signals[1]]), SEVERITY)
    assert findings.breaches == []
    assert findings.repeats_on_topics == 1


@pytest.mark.parametrize(
    ("broken", "count"),
    [
        (replace(SOUND, signals=SOUND.signals[1:], pressures={"t": 3 * SEVERITY}), "lost"),
        (replace(SOUND, pressures={"t": 3 * SEVERITY}), "lost"),
        (replace(SOUND, pressures={"t": 5 * SEVERITY}), "duplicated"),
        (replace(SOUND, signals=[*SOUND.signals, signal("stranger")], pressures={"t": 5 * SEVERITY}), "duplicated"),
        (replace(SOUND, signals=list(reversed(SOUND.signals))), "reordered"),
        (replace(SOUND, gaps=[*SOUND.gaps, replace(SOUND.gaps[0], id="h")]), "duplicated"),
        (replace(BROUGHT_UP, assignments=LEARNT, nudges=[]), "lost"),
        (replace(BROUGHT_UP, nudges=[]), "lost"),
        (replace(BROUGHT_UP, assignments=[*LEARNT, ASKED, replace(ASKED, id="s")]), "duplicated"),
        (replace(BROUGHT_UP, nudges=[SAID, replace(SAID, id="d")]), "duplicated"),
    ],
    ids=[
        "event",
        "effect",
        "effect twice",
        "told twice",
        "order",
        "gap twice",
        "never brought up",
        "never said",
        "brought up twice",
        "said twice",
    ],
)
def test_a_violation_is_counted_and_told(broken: Traces, count: str) -> None:
    findings = check(ACKNOWLEDGED, broken, SEVERITY)
    assert getattr(findings, count) > 0
    assert findings.breaches


def test_a_dead_letter_is_a_breach() -> None:
    assert check(ACKNOWLEDGED, replace(SOUND, dead_letters=1), SEVERITY).breaches
