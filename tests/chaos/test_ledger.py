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
    ],
    ids=["event", "effect", "effect twice", "told twice", "order", "gap twice"],
)
def test_a_violation_is_counted_and_told(broken: Traces, count: str) -> None:
    findings = check(ACKNOWLEDGED, broken, SEVERITY)
    assert getattr(findings, count) > 0
    assert findings.breaches


def test_a_dead_letter_is_a_breach() -> None:
    assert check(ACKNOWLEDGED, replace(SOUND, dead_letters=1), SEVERITY).breaches
