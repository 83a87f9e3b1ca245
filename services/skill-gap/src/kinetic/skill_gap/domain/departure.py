"""Has the level of a KPI changed in this team alone? A change point, held against the same days of the other teams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, log1p
from typing import Final

from kinetic.skill_gap.domain.peers import Others, mean_variance, variance
from kinetic.skill_gap.domain.track import Course, Track

FEWEST: Final = 3
FEWEST_SUMMARIES: Final = 2
"""Readings that a level takes at least: fewer are a bad day, or a bad week."""

LEAST_BEFORE: Final = 5
"""So many readings before a change must tell what was usual."""

SLIP: Final = 1.5
SLIP_SPREAD: Final = 0.5
"""A slip that matters, in standard deviations of a day: a prior, N(1.5, 0.5²), so that one of 1 and one of 2.5 are found as well."""

LEAST_LEVEL: Final = SLIP / 2
"""In standard deviations of a day. What lies nearer to what was usual than to a slip speaks for none, since whenever."""

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


def depart(track: Track, others: Others) -> Departure:
    """The departures that last until the newest reading.

    A change-point likelihood ratio whose usual level is estimated (Hawkins, Qiu and Kang 2003, *The changepoint model for
    statistical process control*) and whose alternative is a prior over slips (Lai 1995), summed over the days on which it may
    have begun (Shiryaev 1963); what the others do on the same days is taken off, shrunken as a random effect.
    """
    unit, starts, course = track.unit, list[Start](), others.course(track)
    fewest = FEWEST if unit == 1.0 else FEWEST_SUMMARIES
    likeliest, own, its_share = Start(0, 0.0), 0.0, 0.0
    for day, step in course.rises(LEAST_LEVEL * unit, fewest, LEAST_BEFORE):
        shared = others.shared(day)
        unsure = variance(step.readings, step.before, unit, course.inflation) + shared.variance * unit * unit
        effect = shared.effect * unit
        start = Start(day, _likelier(step.height - effect, unsure, unit, step.before - 1))
        starts.append(start)
        if not likeliest.day or start.nats > likeliest.nats:
            likeliest, own, its_share = start, step.height, effect
    if not starts:
        return NONE
    spread = log(BEGAN_WITHIN / (1.0 if unit == 1.0 else DAYS_OF_SUMMARY))
    score = max(0.0, min(MOST_SURE, log_sum([start.nats for start in starts]) - spread))
    return Departure(score, own, its_share, likeliest.day, unit, tuple(starts), spread)


def voices(departure: Departure, others: Sequence[Course], hits: Sequence[float], chance: float) -> float:
    """How much likelier it is, in nats, that the others share a departure than that they do not.

    Each of them speaks: it would share it with a probability, and slip just then for reasons of its own with `chance`. What
    that probability is nobody knows: each of `hits` is as likely.
    """
    heard: list[float] = []
    for other in others:
        step = other.step(departure.since - ITS_DAY)
        if step.readings and step.before:
            size = departure.own * other.unit / departure.unit
            unsure = mean_variance(step.readings, step.before, other.inflation)
            heard.append(exp(_shares(step.height, unsure, size)))
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


def _likelier(height: float, unsure: float, unit: float, freedom: int) -> float:
    """A slip against none, in nats; the fewer readings tell how much is usual, the heavier the tails."""
    slipped = unsure + (SLIP_SPREAD * unit) ** 2
    with_one, without = (height - SLIP * unit) ** 2 / slipped, height**2 / unsure
    tails = (freedom + 1) / 2 * (log1p(without / freedom) - log1p(with_one / freedom))
    return tails - 0.5 * log(slipped / unsure)


def _log_density(value: float, mean: float, variance: float) -> float:
    """Of a normal value, but for a constant."""
    return -0.5 * (log(variance) + (value - mean) ** 2 / variance)
