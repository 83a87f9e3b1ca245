"""What suggestions are worth and which is tried, by hand: the same formulas, hash and grid, on floats and dictionaries."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from math import ceil, erfc, exp, pi, sqrt
from statistics import NormalDist
from typing import Any

State = dict[str, Any]

NORMAL = NormalDist()
BEST = 6
INSTRUCTED, TOLD = (0.31, 0.4), (0.15, 0.4)
WIDTH = 0.2
PRIORS = {"article": TOLD, "video": TOLD}


def reckon(policy: State, gap: State, spent: int, found: Sequence[tuple[State, int]]) -> State:
    """The computation as it is stored, the best draw chosen."""
    values = _values(policy, gap, spent, found)
    worth = [(mean, sd) for mean, sd, _, _ in values if mean > 0]
    least = max((sd for _, sd in worth), default=0.0) / 50
    worth = [(mean, max(sd, least) * WIDTH) for mean, sd in worth]
    seed = f"{policy['salt']}\n{gap['gap_id']}\n{gap['version']}\n"
    draws = [
        mean + sd * NORMAL.inv_cdf(_share(seed + one["content_id"]))
        for (mean, sd), (_, _, one, _) in zip(worth, values, strict=False)
    ]
    drawn = [*draws, *[None] * (len(values) - len(draws))]
    best = max(range(len(draws)), key=draws.__getitem__) if draws else None
    return _circumstances(policy, gap, spent) | {
        "weighed": [
            {"prospect": one, "people": people, "value_hours": mean, "sd_hours": sd, "draw_hours": draw}
            for (mean, sd, one, people), draw in zip(values, drawn, strict=True)
        ],
        "chosen": None if best is None else values[best][2]["content_id"],
        "propensity": None if best is None else _propensity(best, worth),
    }


def _values(
    policy: State, gap: State, spent: int, found: Sequence[tuple[State, int]]
) -> list[tuple[float, float, State, int]]:
    gain = gap["goal_weight"] * (1 - exp(-gap["pressure"])) * policy["kpi_sd_hours"]
    asking = policy["interruption_minutes"] / 60 * (1 + spent / max(1, policy["weekly_budget"]))
    values = [(*_value(one, people, gain, asking), one, people) for one, people in found]
    return sorted(values, key=lambda value: (-value[0], value[2]["content_id"]))[:BEST]


def _circumstances(policy: State, gap: State, spent: int) -> State:
    names = ("kpi_sd_hours", "interruption_minutes", "weekly_budget")
    about = {"pressure": gap["pressure"], "goal_weight": gap["goal_weight"], "spent": spent}
    return {
        "lot": {"salt": policy["salt"], "gap_id": gap["gap_id"], "gap_version": gap["version"], "width": WIDTH},
        "policy_version": policy["version"],
        "circumstances": about | {name: policy[name] for name in names},
    }


def prospect(content: State, gap: State) -> State:
    """What is known of a content."""
    accepted, completed, requested = content["accepted"] or 0, content["completed"] or 0, content["requested"] or 0
    mean, sd = PRIORS.get(content["format"], INSTRUCTED)
    if seen := content["effect"]:
        before, new = sd**-2, seen["standard_error"] ** -2
        mean, sd = (before * mean + new * seen["mean"]) / (before + new), sqrt(1 / (before + new))
    level = max(taught["level"] for taught in content["teaches"] if taught["competency"] == gap["competency"])
    refused = (content["dismissed"] or 0) + (content["expired"] or 0)
    return {
        "content_id": content["content_id"],
        "content_version": content["version"],
        "effort_minutes": content["effort_minutes"],
        "reach": min(1.0, level / gap["required_level"]),
        "accepted": {"successes": accepted, "failures": refused},
        "completed": {"successes": completed, "failures": max(0, requested - completed)},
        "effect": {"mean": mean, "sd": sd},
    }


def _value(one: State, people: int, gain: float, asking: float) -> tuple[float, float]:
    accepted, accepted_variance = _beta(one["accepted"])
    completed, uncertain = _beta(one["completed"])
    mean, sd = one["effect"]["mean"], one["effect"]["sd"]
    scale = people * one["reach"] * gain
    net = completed * mean * scale - one["effort_minutes"] * people / 60
    spread = ((completed**2 + uncertain) * sd**2 + uncertain * mean**2) * scale**2
    variance = accepted**2 * spread + accepted_variance * (net**2 + spread)
    return accepted * net - asking, sqrt(variance)


def _beta(counts: State) -> tuple[float, float]:
    n = counts["successes"] + counts["failures"]
    mean = (counts["successes"] + 1) / (n + 2)
    return mean, mean * (1 - mean) / (n + 3)


def _share(seed: str) -> float:
    return ((int.from_bytes(blake2b(seed.encode(), digest_size=8).digest(), "big") >> 12) + 0.5) / 2**52


def _propensity(best: int, values: Sequence[tuple[float, float]]) -> float:
    root = sqrt(2)
    mean, scale = values[best][0], values[best][1] * root
    others = [(m, sd * root) for at, (m, sd) in enumerate(values) if at != best]
    if not others:
        return 1.0
    high, low = mean + 5.5 * values[best][1], max(m - 5.5 * sd for m, sd in values)
    if low >= high:
        return 1e-9
    steps = ceil((high - low) / min(sd for _, sd in values) * 2)
    width, total = (high - low) / steps, 0.0
    for step in range(steps + 1):
        at = low + step * width
        height = exp(-(((at - mean) / scale) ** 2))
        for other, other_scale in others:
            height *= erfc((other - at) / other_scale)
        total += height
    return min(1.0, max(1e-9, total * width / (scale * sqrt(pi)) * 0.5 ** len(others)))
