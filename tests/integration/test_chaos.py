"""Promises 1 to 3 under kill -9 of services, broker and database; and the same run with a mechanism taken away."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.run import Outcome, Plan, run

SEED = 20261124
IN_FLIGHT_AT_LEAST = 20


def say(text: str) -> None:
    print(text, flush=True)


def report(outcome: Outcome) -> None:
    for breach in outcome.findings.breaches[:20]:
        say(breach)
    say(outcome.line())


def test_ten_thousand_events_survive_thirty_kills(tmp_path: Path) -> None:
    outcome = run(Plan(events=10_000, kills=30, seed=SEED), tmp_path / "run", say)
    report(outcome)
    assert outcome.findings.breaches == []
    assert outcome.findings.acknowledged == outcome.findings.delivered == 10_000
    assert sum(outcome.kills_by_victim.values()) == 30
    assert outcome.kills_in_flight >= IN_FLIGHT_AT_LEAST


@pytest.mark.parametrize("off", [False, True], ids=["on", "off"])
def test_kill_9_between_effect_and_offset_counts_twice_only_without_the_inbox(tmp_path: Path, off: bool) -> None:
    """The spine alone, with offsets that are committed late, so that kills hit the gap; the inbox on and off."""
    sabotage = {"skill-gap": "slow-without-inbox" if off else "slow"}
    spine = ("ingestion", "skill-gap")
    plan = Plan(events=800, kills=8, seed=SEED, sabotage=sabotage, only=("skill-gap",), services=spine)
    outcome = run(plan, tmp_path / "run", say)
    report(outcome)
    assert outcome.findings.lost == outcome.findings.reordered == 0
    assert (outcome.findings.duplicated > 0) is off
