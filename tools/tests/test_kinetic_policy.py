"""Kinetic's decisions in a simulated company: the same every time, sparing with attention, and better than a threshold."""

from __future__ import annotations

from tools.simulation.companies import judge_all
from tools.simulation.judging import Task
from tools.simulator.figures import figures

COMPANIES = 3


def _figures(family: str, *policies: str) -> dict[str, dict[str, object]]:
    result = judge_all([Task(family, 7, number, policies) for number in range(COMPANIES)], 1)
    return {name: figures(tally) for name, tally in result.tallies.items()}


def test_the_same_company_is_decided_about_the_same_way() -> None:
    assert _figures("skill", "kinetic") == _figures("skill", "kinetic")


def test_gaps_are_found_without_a_breach_of_attention() -> None:
    found = _figures("skill", "kinetic")["kinetic"]
    assert found["opened_true"]
    assert found["budget_breaches"] == 0


def test_fewer_gaps_are_false_than_those_of_a_threshold() -> None:
    found = _figures("mixed", "kinetic", "alert_on_threshold")
    assert float(str(found["kinetic"]["precision"])) > float(str(found["alert_on_threshold"]["precision"]))
