"""Has the level of a KPI changed in this team alone? A change point, held against the same days of the other teams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Final

from kinetic.skill_gap.domain.track import Track

FEWEST: Final = 3
"""Readings that a level takes at least: fewer are a bad day."""

SLIP: Final = 1.5
SLIP_SPREAD: Final = 0.5
"""A slip that matters, in standard deviations: a prior, N(1.5, 0.5²), so that one of 1 and one of 2.5 are found as well."""

TOGETHER: Final = 1.6
"""A mean of readings varies so many times as much as one of independent ones: (1 + r)/(1 - r) for neighbours that go along by r = 0.23."""

USUAL_WANDERS: Final = 2.0
"""What is usual was estimated on readings of its own time: it is so many times as uncertain as their number says."""

OWN_WAY: Final = 0.2
"""How far a level wanders within months though nothing is the matter, in standard deviations."""

ALL_GO: Final = 0.4
"""How far season, month's end and tools move a KPI of all teams, in standard deviations, where no other team tells."""

NEAR: Final = 1.0
"""An other team that goes farther than this from the middle one has a trouble of its own."""

LEAST_LEVEL: Final = 0.4
MOST_SURE: Final = 8.0
"""What one KPI says at most, in nats: that it has slipped may be sure, why is not."""

SO_ALIKE: Final = 0.3
"""Others who share a slip share its size but for so much of it."""

TOLERANCE: Final = 0.35
ITS_DAY: Final = 1
"""A change point is dated as exactly as this, in days, mostly."""

_LOG_CAP: Final = 15.0


@dataclass(frozen=True, slots=True)
class Departure:
    """`score` says in nats how much likelier the readings since day `since` are with a slip of this team alone than without.

    `own` is how far they lie from what was usual, `shared` how far the others went on the same days; in standard deviations.
    """

    score: float
    own: float = 0.0
    shared: float = 0.0
    since: int = 0


NONE: Final = Departure(0.0)


def depart(track: Track, others: Sequence[Track]) -> Departure:
    """The likeliest departure that lasts until the newest reading.

    A change-point likelihood ratio whose usual level is estimated (Hawkins, Qiu and Kang 2003, *The changepoint model for
    statistical process control*) and whose alternative is a prior over slips (Lai 1995); what the others do on the same
    days is taken off, shrunken as a random effect.
    """
    found, total, readings = NONE, 0.0, 0
    for day, score in reversed(track.scores):
        total += score
        readings += 1
        own = total / readings
        if readings < FEWEST or own < LEAST_LEVEL:
            continue
        variance = _variance(readings, track.usual) + OWN_WAY**2
        if _likelier(own, variance) <= found.score:
            continue
        shared, unsure = _shared(day, others)
        score_here = min(MOST_SURE, _likelier(own - shared, variance + unsure))
        if score_here > found.score:
            found = Departure(score_here, own, shared, day)
    return found


def voices(departure: Departure, others: Sequence[Track], hit: float, chance: float) -> float:
    """How much likelier it is, in nats, that the others share a departure than that they do not.

    Each of them speaks: it would share it with probability `hit`, and slip just then for reasons of its own with `chance`.
    """
    said = 0.0
    for other in others:
        mean, readings = other.mean_since(departure.since - ITS_DAY)
        if readings:
            likelier = _shares(mean, _variance(readings, other.usual), departure.own)
            said += log(1 - hit + hit * exp(likelier)) - log(1 - chance + chance * exp(likelier))
    return said


def _shares(mean: float, variance: float, own: float) -> float:
    """How much likelier another team's mean is with a slip of that size than with none. A larger one is no smaller witness."""
    alike = _log_density(mean, own, variance + (SO_ALIKE * own) ** 2) - _log_density(mean, 0.0, variance + TOLERANCE**2)
    likelier = max(-_LOG_CAP, min(_LOG_CAP, alike))
    return likelier if mean < own else max(0.5, likelier)


def _shared(day: int, others: Sequence[Track]) -> tuple[float, float]:
    """How far all teams went since a day, and the variance of that: a random effect, robust against one that goes its own way.

    What got better elsewhere proves nothing here.
    """
    seen = [(mean, _variance(n, other.usual)) for other in others for mean, n in [other.mean_since(day)] if n]
    if not seen:
        return 0.0, ALL_GO**2
    if len(seen) >= FEWEST:
        ordered = sorted(mean for mean, _ in seen)
        half = len(ordered) // 2
        middle = ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
        seen = [(max(middle - NEAR, min(middle + NEAR, mean)), variance) for mean, variance in seen]
    precision = sum(1 / (variance + OWN_WAY**2) for _, variance in seen)
    all_precision = precision + 1 / ALL_GO**2
    effect = sum(mean / (variance + OWN_WAY**2) for mean, variance in seen) / all_precision
    return max(0.0, effect), 1 / all_precision


def _variance(readings: int, usual: int) -> float:
    """Of the distance between the mean of so many readings and a usual level that others told."""
    return TOGETHER / readings + USUAL_WANDERS / usual


def _likelier(distance: float, variance: float) -> float:
    """A slip against none, in nats."""
    return _log_density(distance, SLIP, variance + SLIP_SPREAD**2) - _log_density(distance, 0.0, variance)


def _log_density(value: float, mean: float, variance: float) -> float:
    """Of a normal value, but for a constant."""
    return -0.5 * (log(variance) + (value - mean) ** 2 / variance)
