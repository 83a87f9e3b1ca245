"""The figures of a policy, made from its tally."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Any

from tools.simulator.attention import Breach
from tools.simulator.tally import Tally

DAYS_PER_MONTH = 30.4375


def figures(tally: Tally) -> dict[str, Any]:
    """Every figure by name. None is a share of nothing, or a median that is never reached."""
    return {**_detection(tally), **_ruling(tally), **_nudging(tally)}


def _detection(tally: Tally) -> dict[str, Any]:
    true, false = tally.opened["true"], tally.opened["false"]
    open_before = tally.episodes["already_open"]
    found, missed = tally.episodes["found"] + open_before, tally.episodes["missed"]
    return {
        "opened": true + false + tally.opened["repeated"],
        "opened_true": true,
        "opened_repeated": tally.opened["repeated"],
        "opened_false": false,
        "opened_false_by_cause": dict(sorted(tally.false_by_cause.items())),
        "precision": share(true, true + false),
        "recall": share(found, found + missed),
        "episodes_counted": found + missed,
        "episodes_already_open": open_before,
        "episodes_excluded": {k: n for k, n in sorted(tally.episodes.items()) if k.startswith("excluded")},
        "false_per_100_team_months": share(false * 100 * DAYS_PER_MONTH, tally.team_days),
        "null_companies": tally.null_companies,
        "null_team_months": round(tally.null_team_days / DAYS_PER_MONTH, 1),
        "null_false_per_100_team_months": share(tally.null_false * 100 * DAYS_PER_MONTH, tally.null_team_days),
        "delay_median_working_days": median(tally.delays),
        "delay_median_of_found": median([delay for delay in tally.delays if delay is not None]),
        **_delay("strong", tally.delays_strong),
        **_delay("one_sigma_corroborated", tally.delays_corroborated),
        **_delay("strong_or_corroborated", [*tally.delays_strong, *tally.delays_corroborated]),
    }


def _delay(name: str, delays: Sequence[int | None]) -> dict[str, Any]:
    found = [delay for delay in delays if delay is not None]
    return {
        f"{name}_episodes": len(delays),
        f"{name}_found": len(found),
        f"{name}_delay_median_of_found": median(found),
        f"{name}_delay_median": median(delays),
    }


def _ruling(tally: Tally) -> dict[str, Any]:
    right, wrong = tally.ruled_out["right"], tally.ruled_out["wrong"]
    explained = tally.ruled_out_explained["right"], tally.ruled_out_explained["wrong"]
    return {
        "ruled_out": right + wrong,
        "ruled_out_truly_not_skill": share(right, right + wrong),
        "ruled_out_explained": sum(explained),
        "ruled_out_explained_truly_not_skill": share(explained[0], sum(explained)),
        "ruled_out_by_cause_and_reason": dict(sorted(tally.ruled_out_by.items())),
        "other_causes": dict(sorted(tally.explained.items())),
    }


def _nudging(tally: Tally) -> dict[str, Any]:
    nudges = sum(tally.answers.values())
    answered = nudges - tally.answers["unanswered"]
    return {
        "nudges": nudges,
        "nudges_per_manager_week": share(nudges * 7, tally.manager_days, 4),
        "nudges_most_in_a_manager_week": tally.most_in_a_week,
        "nudges_accepted": share(tally.answers["accepted"], answered),
        "nudges_by_answer": dict(sorted(tally.answers.items())),
        "budget_breaches": tally.breaches[Breach.BUDGET] + tally.breaches[Breach.QUIET_HOURS],
        "breaches": dict(sorted(tally.breaches.items())),
        "regret": share(tally.regrets, tally.choices),
        "regret_on_true_gaps": share(tally.regrets_of_gaps, tally.choices_of_gaps),
    }


def share(part: float, whole: float, digits: int = 4) -> float | None:
    """A ratio; None when there is no whole."""
    return round(part / whole, digits) if whole else None


def median(delays: Sequence[int | None]) -> float | None:
    """The median, where None is never; None when that is never, or when there is none."""
    ordered = sorted(inf if delay is None else float(delay) for delay in delays)
    if not ordered:
        return None
    middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    return None if middle == inf else middle
