"""The figures of all policies, as a table to read and as one JSON object on the last line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tools.simulation.companies import Result
from tools.simulation.policies import BASELINES
from tools.simulator.figures import figures

SHOWN = (
    ("precision", "precision of opened gaps"),
    ("recall", "recall of skill episodes"),
    ("episodes_counted", "skill episodes counted"),
    ("opened", "gaps opened"),
    ("null_false_per_100_team_months", "false gaps per 100 team-months, null companies"),
    ("false_per_100_team_months", "false gaps per 100 team-months, all companies"),
    ("strong_delay_median", "median delay from 1.5 sigma on, working days"),
    ("strong_delay_median_of_found", "the same, of those found"),
    ("one_sigma_corroborated_delay_median", "median delay, 1 to 1.5 sigma with signals"),
    ("ruled_out", "cases ruled out"),
    ("ruled_out_truly_not_skill", "of them truly not skill"),
    ("ruled_out_explained_truly_not_skill", "the same, without those too early to tell"),
    ("nudges_per_manager_week", "nudges per manager-week"),
    ("nudges_most_in_a_manager_week", "most in one manager-week"),
    ("nudges_accepted", "share of nudges accepted"),
    ("budget_breaches", "budget and quiet-hour breaches"),
    ("regret", "regret of content choice"),
    ("regret_ratio", "regret against the best baseline"),
)


TARGETS = (
    ("precision", "at least", 0.9),
    ("recall", "at least", 0.8),
    ("null_false_per_100_team_months", "at most", 1.0),
    ("strong_delay_median", "at most", 10.0),
    ("one_sigma_corroborated_delay_median", "at most", 10.0),
    ("regret_ratio", "at most", 0.3),
    ("budget_breaches", "at most", 0.0),
)
"""What a policy should reach in mixed companies."""


def report(result: Result, about: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that was found out, for the last line."""
    found = {name: figures(tally) for name, tally in result.tallies.items()}
    regrets = [found[name]["regret"] for name in BASELINES if name in found and found[name]["regret"] is not None]
    for one in found.values():
        is_known = one["regret"] is not None and regrets and min(regrets) > 0
        one["regret_ratio"] = round(one["regret"] / min(regrets), 4) if is_known else None
        one["targets_reached"] = {name: _is_reached(one, name, side, limit) for name, side, limit in TARGETS}
    return {
        **about,
        "team_weeks": round(result.team_weeks, 1),
        "seconds": round(result.seconds, 2),
        "simulator_team_weeks_per_second": round(result.team_weeks_per_second),
        "policies": found,
    }


def _is_reached(one: Mapping[str, Any], name: str, side: str, limit: float) -> bool | None:
    """None when there is nothing to tell it by. A median that is never reached is missed."""
    value = one[name]
    if value is None:
        episodes = one.get(name.removesuffix("_delay_median") + "_episodes")
        return False if name.endswith("_delay_median") and episodes else None
    return bool(value >= limit if side == "at least" else value <= limit)


def table(reported: Mapping[str, Any]) -> str:
    """The figures that matter most, a column for each policy."""
    policies: Mapping[str, Mapping[str, Any]] = reported["policies"]
    wide = max(len(text) for _, text in SHOWN)
    head = f"{'':<{wide}}" + "".join(f"  {name:>20}" for name in policies)
    rows = [
        f"{text:<{wide}}" + "".join(f"  {_shown(figures_of[name]):>20}" for figures_of in policies.values())
        for name, text in SHOWN
    ]
    reached = [figures_of["targets_reached"].values() for figures_of in policies.values()]
    shares = [f"{sum(map(bool, flags))} of {sum(flag is not None for flag in flags)}" for flags in reached]
    last = f"{'targets reached':<{wide}}" + "".join(f"  {share:>20}" for share in shares)
    return "\n".join([head, *rows, last])


def last_line(reported: Mapping[str, Any]) -> str:
    """One JSON object."""
    return json.dumps(reported, sort_keys=False, allow_nan=False)


def _shown(value: object) -> str:
    if value is None:
        return "never"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
