"""The effect of the weekday on a KPI that is read daily."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kinetic.skill_gap.domain.charts.design import SECONDS_PER_DAY, Point
from kinetic.skill_gap.domain.charts.robust import median_of, spread

LONGEST_DAILY_GAP_DAYS = 2.0
WEEKS_NEEDED = 3
LEAST_F = 2.0
FARTHEST = 4.0


@dataclass(frozen=True, slots=True)
class WeekdayEffects:
    """What a weekday adds, or nothing when `effects` is empty; and what it adds to each reading, told by the others."""

    effects: tuple[float, ...] = ()
    left_out: tuple[float, ...] = ()

    def of(self, at: float) -> float:
        """What the weekday of a moment adds."""
        return self.effects[weekday(at)] if self.effects else 0.0


NO_EFFECTS = WeekdayEffects()


def weekday(at: float) -> int:
    """0 for Monday. The first day of 1970 was a Thursday."""
    return int((at // SECONDS_PER_DAY + 3) % 7)


def weekday_effects(points: Sequence[Point], level: float) -> WeekdayEffects:
    """The effects, when readings are daily and weekdays differ more than chance lets them.

    Means by weekday are drawn towards no effect by 1 - 1/F, where F is the ratio of mean squares between and within
    weekdays (James and Stein 1961, as in Efron and Morris 1973), and are left away below F = 2. A reading's own
    value has no part in the effect that is taken from it: otherwise past readings would look calmer than new ones.
    """
    days = len(points) - 1
    if days < 7 * WEEKS_NEEDED or points[-1].at - points[0].at > LONGEST_DAILY_GAP_DAYS * SECONDS_PER_DAY * days:
        return NO_EFFECTS
    weekdays = [int((at // SECONDS_PER_DAY + 3) % 7) for at, _, _ in points]
    distances = [value - level for value in tamed([value for _, value, _ in points], weekdays)]
    counts, sums = [0] * 7, [0.0] * 7
    for day, distance in zip(weekdays, distances, strict=True):
        counts[day] += 1
        sums[day] += distance
    kept = shrinkage(counts, sums, distances)
    if kept == 0.0:
        return NO_EFFECTS
    effects = tuple(kept * total / count if count else 0.0 for count, total in zip(counts, sums, strict=True))
    left_out = (
        kept * (sums[day] - distance) / (counts[day] - 1) if counts[day] > 1 else 0.0
        for day, distance in zip(weekdays, distances, strict=True)
    )
    return WeekdayEffects(effects, tuple(left_out))


def tamed(values: Sequence[float], weekdays: Sequence[int]) -> list[float]:
    """The values, those far from the median of their own weekday brought nearer."""
    of_day: list[list[float]] = [[] for _ in range(7)]
    for day, value in zip(weekdays, values, strict=True):
        of_day[day].append(value)
    middles = [median_of(sorted(held)) if held else 0.0 for held in of_day]
    away = [value - middles[day] for day, value in zip(weekdays, values, strict=True)]
    farthest = FARTHEST * spread([abs(distance) for distance in away])
    if max(away) <= farthest and min(away) >= -farthest:
        return list(values)
    return [
        middles[day] + min(max(distance, -farthest), farthest) for day, distance in zip(weekdays, away, strict=True)
    ]


def shrinkage(counts: Sequence[int], sums: Sequence[float], distances: Sequence[float]) -> float:
    """The share of the weekday means that is kept, 0..1."""
    groups = sum(1 for count in counts if count)
    total = sum(sums)
    explained = sum(s * s / count for count, s in zip(counts, sums, strict=True) if count)
    between = explained - total * total / len(distances)
    within = sum([distance * distance for distance in distances]) - explained
    freedom = len(distances) - groups
    if groups < 2 or freedom < 1 or within <= 0.0:
        return 1.0 if groups > 1 and between > 0.0 else 0.0
    f = (between / (groups - 1)) / (within / freedom)
    return 1.0 - 1.0 / f if f >= LEAST_F else 0.0
