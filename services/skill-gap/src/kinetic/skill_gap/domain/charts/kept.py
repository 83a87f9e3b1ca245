"""A chart as JSON: every reading once, in the order of time, and who still needs it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import gcd
from typing import Any

from kinetic.contracts.skill_gap import Direction
from kinetic.skill_gap.domain.charts.chart import Chart
from kinetic.skill_gap.domain.charts.course import Course, Level, Scored, Shift, Sums, Tally
from kinetic.skill_gap.domain.charts.design import ChartKind, Point

FORMAT = 1
LONGEST_WHOLE = 1e15

Json = dict[str, Any]


def to_json(chart: Chart) -> Json:
    """The chart as a JSON object of a few kilobytes. The moments are differences, which are short."""
    points = sorted({*points_of(chart.settled), *points_of(chart.now), *(scored.point for scored in chart.window)})
    place = {point.at: index for index, point in enumerate(points)}
    return {
        "format": FORMAT,
        "direction": chart.direction.value,
        "at": moments([point.at for point in points]),
        "value": [whole(point.value) for point in points],
        "n": alike([point.n for point in points]),
        "window": runs([place[scored.point.at] for scored in chart.window]),
        "scores": [scored.score and thousandths(scored.score) for scored in chart.window],
        "distances": [thousandths(scored.distance) for scored in chart.window],
        "settled_until": chart.settled_until,
        "settled": course_to_json(chart.settled, place),
        "now": course_to_json(chart.now, place),
    }


def from_json(kept: Json) -> Chart:
    """The chart that `to_json` wrote."""
    if kept["format"] != FORMAT:
        raise ValueError(f"a chart of format {kept['format']}, where {FORMAT} is known")
    points = points_from_json(kept)
    scored = zip(places(kept["window"]), kept["scores"], kept["distances"], strict=True)
    return Chart(
        direction=Direction(kept["direction"]),
        now=course_from_json(kept["now"], points),
        window=tuple(
            Scored(points[place], score and score / 1000, distance / 1000) for place, score, distance in scored
        ),
        settled=course_from_json(kept["settled"], points),
        settled_until=kept["settled_until"],
    )


def points_of(course: Course) -> tuple[Point, ...]:
    """The readings that a course needs."""
    return (*course.reference, *course.recent)


def points_from_json(kept: Json) -> list[Point]:
    """The readings of a chart."""
    times = moments_from_json(kept["at"])
    cases = kept["n"] if isinstance(kept["n"], list) else [kept["n"]] * len(times)
    readings = zip(times, kept["value"], cases, strict=True) if kept["value"] else ()
    return [Point(at, float(value), n) for at, value, n in readings]


def moments(times: Sequence[float]) -> Json:
    """Ascending moments as the first one and the steps from each to the next, in the largest unit that divides them all."""
    steps = [later - earlier for earlier, later in pairwise(times)]
    unit = gcd(*map(int, steps)) if all(step.is_integer() for step in steps) else 1
    return {
        "first": times[0] if times else 0.0,
        "unit": unit or 1,
        "steps": [whole(step / (unit or 1)) for step in steps],
    }


def moments_from_json(kept: Json) -> list[float]:
    """The moments that `moments` wrote, and the first one alone when there are none."""
    return list(accumulate((step * kept["unit"] for step in kept["steps"]), initial=float(kept["first"])))


def course_to_json(course: Course, place: dict[float, int]) -> Json:
    """A course, its readings by their places."""
    shift = course.shift
    return {
        "reference": runs([place[point.at] for point in course.reference]),
        "recent": runs([place[point.at] for point in course.recent]),
        "sums": list(course.sums),
        "shift": shift
        and [
            shift.since,
            shift.raised_at,
            shift.by.value,
            shift.worse,
            list(shift.level),
            list(shift.tally),
            shift.back,
        ],
    }


def course_from_json(kept: Json, points: Sequence[Point]) -> Course:
    """The course that `course_to_json` wrote."""
    return Course(
        tuple(points[place] for place in places(kept["reference"])),
        tuple(points[place] for place in places(kept["recent"])),
        Sums(*kept["sums"]),
        shift_from_json(kept["shift"]) if kept["shift"] else None,
    )


def shift_from_json(kept: list[Any]) -> Shift:
    """The shift of a course."""
    since, raised_at, by, worse, level, tally, back = kept
    return Shift(since, raised_at, ChartKind(by), worse, Level(*level), Tally(*tally), back)


def runs(numbers: Sequence[int]) -> list[list[int]]:
    """Ascending whole numbers as runs of first and last."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found


def places(kept: Sequence[Sequence[int]]) -> list[int]:
    """The numbers that `runs` took."""
    return [number for first, last in kept for number in range(first, last + 1)]


def alike(cases: list[int]) -> list[int] | int:
    """One number for all where they are the same."""
    return cases[0] if len(set(cases)) == 1 else cases


def thousandths(number: float) -> int:
    """A number of three decimals without its point."""
    return round(number * 1000)


def whole(number: float) -> float | int:
    """A whole number without its `.0`, unless it would be longer."""
    return int(number) if number.is_integer() and abs(number) < LONGEST_WHOLE else number
