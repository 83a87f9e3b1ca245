"""The tabular cumulative sum chart (Page, Biometrika 41, 1954; Hawkins and Olwell, Cumulative Sum Charts, 1998)."""

from __future__ import annotations


def accumulate(total: float, score: float, reference: float) -> float:
    """The one-sided sum after one more standardised score: what goes beyond `reference` (k) adds up, and never below zero.

    The sum of the other side takes the negated score.
    """
    return max(0.0, total + score - reference)


def log_likelihood_ratio(total: float, reference: float) -> float:
    """The sum in nats: the evidence of a shift by δ = 2k against none, since its most likely start (Lorden 1971).

    For standard normal scores S = max(0, S + δ(z - δ/2)) is δ times the tabular sum with k = δ/2.
    """
    return 2.0 * reference * total
