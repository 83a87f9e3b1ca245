"""Does the work complain more often than it usually does? Signals of one team about one competency, day by day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log, log1p, sqrt
from types import MappingProxyType
from typing import Final

WINDOW_DAYS: Final = 28
"""So many newest days are kept one by one. What lies further back is the usual amount."""

USUAL_HALF_LIFE_DAYS: Final = 90.0
ESTABLISHED_DAYS: Final = 28.0
"""From so many days on the usual amount is the team's own; before that a surge says `UNESTABLISHED_CAP` at most."""

UNESTABLISHED_CAP: Final = 3.0
SCORE_CAP: Final = 12.0
"""A surge that lasted for months is over within weeks when the work calms down."""

RATIO: Final = 2.0
"""The surge that is looked for: twice the usual amount."""

PRIOR_DAYS: Final = 4.0
PRIOR_PER_DAY: Final = 0.15
"""What a team is thought to have before anything is known of it: one signal of middling severity in three days."""

PRIOR_DISPERSION: Final = 1.0
SMALLEST_DISPERSION: Final = 0.5
CAUTION: Final = 1.0
"""So many standard errors above its estimate the usual amount is taken to be: what is little known alarms late."""

MOST_PER_DAY: Final = 1.0
"""What one day says at most, in nats: a single bad day is no surge."""

MOST_TOGETHER: Final = 3.0
"""What signals say at most, in nats, beside a number of the same days: incidents and tools bring many at once."""

LEAST_LOSS: Final = 0.12
"""What a day without signals says against a surge at least, in nats, so that it is over within weeks."""

STORM_RATIO: Final = 5.0
STORM_LEAST: Final = 1.5
STORM_DAYS: Final = 14
"""What brings many times the usual amount at once is over within two weeks, or proves itself then."""

MORE_PER_DAY: Final = (0.2, 0.4)
"""So many more signals of the usual weight a day come with a slip that they go along with, or twice as many; each is as likely."""

USUAL_SIGNAL: Final = 0.6
SIGNALS_PRIOR: Final = 2.0
"""What one signal weighs before any is known, and for how many signals that counts."""

DISPERSION_PRIOR_DAYS: Final = 14.0
LEAST_OF_SIGNAL: Final = 0.8
LITTLE_CAUTION: Final = 0.3
"""As `CAUTION`, where a number of the same days is looked at as well."""

_FADE: Final = 0.5 ** (1 / USUAL_HALF_LIFE_DAYS)


@dataclass(frozen=True, slots=True)
class Usual:
    """Decayed sums over the days before the window: of weight, of its square, and of the days themselves.

    `before` is the first day, counted from 0001-01-01, that they do not cover.
    """

    weight: float
    squares: float
    days: float
    before: int

    @property
    def per_day(self) -> float:
        """The usual weight of a day, drawn towards the prior as long as little is known."""
        return (self.weight + PRIOR_PER_DAY * PRIOR_DAYS) / (self.days + PRIOR_DAYS)

    @property
    def dispersion(self) -> float:
        """Variance over mean of a day's weight: 1 for single signals of weight 1, more where they come in bursts."""
        mean = self.per_day
        variance = max(0.0, self.squares / self.days - (self.weight / self.days) ** 2) if self.days else 0.0
        known = self.days / (self.days + PRIOR_DAYS)
        return max(SMALLEST_DISPERSION, known * variance / mean + (1 - known) * PRIOR_DISPERSION)

    @property
    def signal(self) -> float:
        """What one signal weighs."""
        seen, weight = SIGNALS_PRIOR * USUAL_SIGNAL, USUAL_SIGNAL
        return (self.squares + seen * weight) / (self.weight + seen)

    @property
    def dispersion_of_signals(self) -> float:
        """Variance over mean of a day's weight, where nothing but what one signal weighs was thought before."""
        known = self.days / (self.days + DISPERSION_PRIOR_DAYS)
        variance = max(0.0, self.squares / self.days - (self.weight / self.days) ** 2) if self.days else 0.0
        return max(LEAST_OF_SIGNAL * self.signal, known * variance / self.per_day + (1 - known) * self.signal)

    def at_most(self, dispersion: float, caution: float = CAUTION) -> float:
        """The usual weight of a day, so many standard errors above its estimate."""
        return self.per_day + caution * sqrt(dispersion * self.per_day / (self.days + PRIOR_DAYS))

    @property
    def is_established(self) -> bool:
        """Whether it rests on the team's own past."""
        return self.days >= ESTABLISHED_DAYS

    def with_day(self, weight: float) -> Usual:
        """One day later, on which so much weight was seen."""
        return Usual(
            self.weight * _FADE + weight,
            self.squares * _FADE + weight * weight,
            self.days * _FADE + 1.0,
            self.before + 1,
        )


@dataclass(frozen=True, slots=True)
class Surge:
    """The weight of each of the newest days on which something was seen, and the usual amount before them. Bounded."""

    days: Mapping[int, float]
    usual: Usual

    def add(self, weight: float, day: int, today: int) -> Surge:
        """With `weight` more on `day`. What is older than the window changes nothing."""
        moved = self.moved_to(today)
        seen, usual = min(day, today), moved.usual
        if seen < usual.before and (usual.days or seen <= today - WINDOW_DAYS):
            return moved
        days = {**moved.days, seen: moved.days.get(seen, 0.0) + weight}
        return Surge(MappingProxyType(days), usual if usual.before <= seen else replace(usual, before=seen))

    def moved_to(self, today: int) -> Surge:
        """The same when the window ends with `today`: days that leave it become part of the usual amount."""
        first = today - WINDOW_DAYS + 1
        if first <= self.usual.before:
            return self
        usual = self.usual
        for day in range(max(usual.before, first - _MOST_FOLDED), first):
            usual = usual.with_day(self.days.get(day, 0.0))
        days = {day: weight for day, weight in self.days.items() if day >= first}
        return Surge(MappingProxyType(days), replace(usual, before=first))

    def score(self, today: int) -> float:
        """How surely the work complains twice as often as usual, in nats.

        A CUSUM of log-likelihood ratios (Page 1954, *Continuous inspection schemes*; Lucas 1985, *Counted data CUSUMs*) of
        the quasi-Poisson family: a day of weight x adds (x ln r - m (r - 1)) / d, for the usual weight m, the dispersion d
        (McCullagh & Nelder 1989, section 9.2) and the ratio r = 2, and never falls below 0.
        """
        if not self.days:
            return 0.0
        moved = self.moved_to(today)
        dispersion = moved.usual.dispersion
        mean = moved.usual.at_most(dispersion)
        gain, loss, score = log(RATIO) / dispersion, max(LEAST_LOSS, mean * (RATIO - 1.0) / dispersion), 0.0
        last = moved.usual.before - 1
        for day, weight in sorted(moved.days.items()):
            score = max(0.0, score - loss * (day - last - 1))
            score = max(0.0, min(SCORE_CAP, score + min(MOST_PER_DAY, gain * weight - loss)))
            last = day
        score = max(0.0, score - loss * (today - last))
        return score if moved.usual.is_established else min(score, UNESTABLISHED_CAP)

    def since(self, days: Sequence[int], today: int) -> list[float]:
        """How much likelier what was seen from each of some days on is, in nats, when more signals come than usual.

        The days begin with the newest. Where nothing was ever seen, silence says nothing, nor does that of days of which nothing
        is known.
        """
        if not self.days and not self.usual.days:
            return [0.0] * len(days)
        moved = self.moved_to(today)
        dispersion, signal = moved.usual.dispersion_of_signals, moved.usual.signal
        mean = moved.usual.at_most(dispersion, LITTLE_CAUTION)
        seen, first = sorted(moved.days.items(), reverse=True), moved.usual.before
        said = [0.0] * len(days)
        for more in (mean, *[more * signal for more in MORE_PER_DAY]):
            gain, loss = log1p(more / mean) / dispersion, more / dispersion
            at, total = 0, 0.0
            for place, day in enumerate(days):
                while at < len(seen) and seen[at][0] >= day:
                    total += min(gain * seen[at][1], MOST_PER_DAY + loss)
                    at += 1
                said[place] += exp(min(MOST_TOGETHER, total - loss * (today - max(day, first) + 1)))
        return [log(one / (1 + len(MORE_PER_DAY))) for one in said]

    def is_storm(self, today: int) -> bool:
        """Whether the last two weeks saw days of many times the usual amount, and the two before did not."""
        least = max(STORM_LEAST, STORM_RATIO * self.usual.per_day)
        stormy = [day for day, weight in self.days.items() if weight >= least]
        return bool(stormy) and min(stormy) > today - STORM_DAYS


_MOST_FOLDED: Final = 400


def nothing_seen(today: int) -> Surge:
    """Nothing was seen yet, and nothing is known of the time before `today`."""
    return Surge(MappingProxyType({}), Usual(0.0, 0.0, 0.0, today))
