"""Has the level of a KPI changed in this team alone? A change point, held against the same days of the other teams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, log1p
from typing import Final

from kinetic.skill_gap.domain.track import Step, Track

FEWEST: Final = 3
"""Readings that a level takes at least: fewer are a bad day."""

LEAST_BEFORE: Final = 5
"""So many readings before a change must tell what was usual."""

SLIP: Final = 1.5
SLIP_SPREAD: Final = 0.5
"""A slip that matters, in standard deviations of a day: a prior, N(1.5, 0.5²), so that one of 1 and one of 2.5 are found as well."""

TOGETHER: Final = 1.35
TOGETHER_OF_SUMMARIES: Final = 1.2
"""A mean of readings varies so many times as much as one of independent ones: (1 + r)/(1 - r) for neighbours that go along by r."""

OWN_WAY: Final = 0.2
"""How far a level wanders within months though nothing is the matter, in standard deviations of a day."""

ALL_GO: Final = 0.3
"""How far season, month's end and tools move a KPI of all teams, in standard deviations of a day, where no other team tells."""

NEAR: Final = 1.0
"""An other team that goes farther than this from the middle one has a trouble of its own."""

LEAST_LEVEL: Final = 0.4
BEGAN_WITHIN: Final = 10.0
"""Each of the newest so many days is as likely a start as that there is none: more starts to choose from prove nothing."""

DAYS_OF_SUMMARY: Final = 5.0
MOST_SURE: Final = 8.0
"""What one KPI says at most, in nats: that it has slipped may be sure, why is not."""

SO_ALIKE: Final = 0.3
"""Others who share a slip share its size but for so much of it."""

TOLERANCE: Final = 0.35
ITS_DAY: Final = 1
"""A change point is dated as exactly as this, in days, mostly."""

_LOG_CAP: Final = 15.0


@dataclass(frozen=True, slots=True)
class Start:
    """How much likelier the readings are, in nats, with a slip of this team alone since `day` than without."""

    day: int
    nats: float


@dataclass(frozen=True, slots=True)
class Departure:
    """`score` says in nats how surely the level has departed; of its `starts` that on day `since` is the likeliest.

    `own` is how far the readings lie from what was usual, `shared` how far the others went on the same days; in standard
    deviations of a reading, `unit` of which are one of a day. `spread` is what it costs to choose among the starts.
    """

    score: float
    own: float = 0.0
    shared: float = 0.0
    since: int = 0
    unit: float = 1.0
    starts: tuple[Start, ...] = ()
    spread: float = 0.0


NONE: Final = Departure(0.0)


def depart(track: Track, others: Sequence[Track]) -> Departure:
    """The departures that last until the newest reading.

    A change-point likelihood ratio whose usual level is estimated (Hawkins, Qiu and Kang 2003, *The changepoint model for
    statistical process control*) and whose alternative is a prior over slips (Lai 1995), summed over the days on which it may
    have begun (Shiryaev 1963); what the others do on the same days is taken off, shrunken as a random effect.
    """
    higher = _higher(track)
    days = [day for day, _ in higher]
    of_others = [other.steps(days) for other in others]
    starts: list[Start] = []
    likeliest, own, its_share = Start(0, 0.0), 0.0, 0.0
    for at, (day, step) in enumerate(higher):
        shared, unsure = _shared([steps[at] for steps in of_others], track.unit)
        variance = _variance(step, track.unit) + unsure
        start = Start(day, _likelier(step.height - shared, variance, track.unit, step.before - 1))
        starts.append(start)
        if not likeliest.day or start.nats > likeliest.nats:
            likeliest, own, its_share = start, step.height, shared
    if not starts:
        return NONE
    spread = log(BEGAN_WITHIN / (1.0 if track.unit == 1.0 else DAYS_OF_SUMMARY))
    score = max(0.0, min(MOST_SURE, log_sum([start.nats for start in starts]) - spread))
    return Departure(score, own, its_share, likeliest.day, track.unit, tuple(starts), spread)


def _higher(track: Track) -> list[tuple[int, Step]]:
    """The days since which the readings lie higher than before, the newest first."""
    days = [day for day, _ in reversed(track.scores)]
    return [
        (day, step)
        for day, step in zip(days, track.steps(days), strict=True)
        if step.height >= LEAST_LEVEL and step.readings >= FEWEST and step.before >= LEAST_BEFORE
    ]


def voices(departure: Departure, others: Sequence[Track], hits: Sequence[float], chance: float) -> float:
    """How much likelier it is, in nats, that the others share a departure than that they do not.

    Each of them speaks: it would share it with a probability, and slip just then for reasons of its own with `chance`. What
    that probability is nobody knows: each of `hits` is as likely.
    """
    heard: list[float] = []
    for other in others:
        (step,) = other.steps([departure.since - ITS_DAY])
        if step.readings and step.before:
            variance = _mean_variance(step, other.unit)
            heard.append(exp(_shares(step.height, variance, departure.own * other.unit / departure.unit)))
    said = [sum(log((1 - hit + hit * one) / (1 - chance + chance * one)) for one in heard) for hit in hits]
    return log_sum(said) - log(len(said))


def log_sum(nats: Sequence[float]) -> float:
    """The logarithm of the sum of what these are the logarithms of."""
    most = max(nats)
    return most + log(sum([exp(one - most) for one in nats]))


def _shares(mean: float, variance: float, own: float) -> float:
    """How much likelier another team's mean is with a slip of that size than with none. A larger one is no smaller witness."""
    alike = _log_density(mean, own, variance + (SO_ALIKE * own) ** 2) - _log_density(mean, 0.0, variance + TOLERANCE**2)
    likelier = max(-_LOG_CAP, min(_LOG_CAP, alike))
    return likelier if mean < own else max(0.5, likelier)


def _shared(steps: Sequence[Step], unit: float) -> tuple[float, float]:
    """How far all teams went since a day, and the variance of that: a random effect, robust against one that goes its own way.

    What got better elsewhere proves nothing here.
    """
    seen = [(step.height, _variance(step, unit)) for step in steps if step.readings and step.before]
    if not seen:
        return 0.0, (ALL_GO * unit) ** 2
    if len(seen) >= FEWEST:
        ordered = sorted(height for height, _ in seen)
        half = len(ordered) // 2
        middle = ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
        low, high = middle - NEAR * unit, middle + NEAR * unit
        seen = [(max(low, min(high, height)), variance) for height, variance in seen]
    all_precision = sum([1 / variance for _, variance in seen]) + 1 / (ALL_GO * unit) ** 2
    effect = sum([height / variance for height, variance in seen]) / all_precision
    return max(0.0, effect), 1 / all_precision


def _variance(step: Step, unit: float) -> float:
    """Of the height of a step, where levels wander."""
    return _mean_variance(step, unit) + (OWN_WAY * unit) ** 2


def _mean_variance(step: Step, unit: float) -> float:
    together = TOGETHER if unit == 1.0 else TOGETHER_OF_SUMMARIES
    return together * (1 / step.readings + 1 / step.before)


def _likelier(height: float, variance: float, unit: float, freedom: int) -> float:
    """A slip against none, in nats; the fewer readings tell how much is usual, the heavier the tails."""
    slipped = variance + (SLIP_SPREAD * unit) ** 2
    with_one, without = (height - SLIP * unit) ** 2 / slipped, height**2 / variance
    tails = (freedom + 1) / 2 * (log1p(without / freedom) - log1p(with_one / freedom))
    return tails - 0.5 * log(slipped / variance)


def _log_density(value: float, mean: float, variance: float) -> float:
    """Of a normal value, but for a constant."""
    return -0.5 * (log(variance) + (value - mean) ** 2 / variance)
