"""Mastery on lists and tuples: the same evidence and the same FSRS-6, its formulas by hand and only as far as the run needs them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from math import exp
from typing import Any

import orjson

from benchmarks.floors.loop import Connection, Read

DAY = 86_400.0
KEPT = 20
DECAY = -0.1542
FACTOR = 0.9 ** (1 / DECAY) - 1
FIRST = {
    1: (0.212, 6.4133),
    2: (1.2931, 5.112170705601056),
    3: (2.3065, 2.118103970459016),
    4: (8.2956, 1.0),
}
"""Stability and difficulty after the first review, by rating."""
EASIEST = 6.4133 - exp(0.8334 * 3) + 1

_LOAD = """SELECT person_id::text, competency, evidence, level, held, stability, difficulty, as_of
           FROM mastery WHERE person_id = ANY($1::text[]::uuid[])"""
_SAVE = """INSERT INTO mastery (person_id, competency, evidence, level, held, stability, difficulty, as_of)
           SELECT * FROM unnest($1::text[]::uuid[], $2::text[], $3::text[]::jsonb[], $4::float8[], $5::float8[], $6::float8[],
                                $7::float8[], $8::timestamptz[])
           ON CONFLICT (person_id, competency) DO UPDATE SET
               evidence = excluded.evidence, level = excluded.level, held = excluded.held,
               stability = excluded.stability, difficulty = excluded.difficulty, as_of = excluded.as_of"""

State = tuple[float, float, float, float, datetime]
"""Level, what was held, stability, difficulty, and when the memory was reviewed."""
Key = tuple[str, str]
Known = tuple[list[Any], State]
"""Evidence, and what it comes to."""


async def master(
    connection: Connection, done: Iterable[Read], people: list[str], teaches: dict[str, list[dict[str, Any]]]
) -> None:
    """Completions are evidence, and evidence is weighed."""
    rows = await connection.fetch(_LOAD, people)
    held: dict[Key, Known] = {(row["person_id"], row["competency"]): (row["evidence"], tuple(row)[3:]) for row in rows}
    gained: dict[Key, Known] = {}
    for one in done:
        for taught in teaches[one.data["content_id"]]:
            key = (one.data["person_id"], taught["competency"])
            gained[key] = _take(gained.get(key) or held.get(key), _piece(one, taught["level"]))
    states = [state for _, state in gained.values()]
    await connection.execute(
        _SAVE,
        [person for person, _ in gained],
        [competency for _, competency in gained],
        [orjson.dumps(evidence).decode() for evidence, _ in gained.values()],
        *([state[column] for state in states] for column in range(5)),
    )


def _piece(one: Read, level: int) -> list[Any]:
    said = one.data
    return [one.id, said["verb"], level, said["occurred_at"], said["score"], None, said["content_id"]]


def left(known: tuple[float, float, datetime], now: datetime) -> float:
    """What is there now of what was held, by its stability since its review."""
    held, stability, reviewed_at = known
    return held * (0.5 + 0.5 * _recall(stability, reviewed_at, now))


def _take(known: Known | None, piece: list[Any]) -> Known:
    if known is None:
        return [piece], _weigh(None, piece)
    evidence, state = known
    last = evidence[-1]
    if (piece[3], piece[0]) > (last[3], last[0]) and len(evidence) < KEPT:
        return [*evidence, piece], _weigh(state, piece)
    whole = sorted((*evidence, piece), key=lambda one: (one[3], one[0]))[-KEPT:]
    again = _weigh(None, whole[0])
    for one in whole[1:]:
        again = _weigh(again, one)
    return whole, again


def _weigh(known: State | None, piece: list[Any]) -> State:
    _, _, level, moment, score, *_ = piece
    at = datetime.fromisoformat(moment)
    reached = level * (1.0 if score is None else score)
    rating = 3 if score is None else 4 if score >= 0.9 else 3 if score >= 0.7 else 2 if score >= 0.5 else 1
    if known is None:
        return (reached, reached, *FIRST[rating], at)
    best, held, stability, difficulty, reviewed_at = known
    if reached < left((held, stability, reviewed_at), at):
        return known
    stability = _stability(stability, difficulty, reviewed_at, at, rating)
    damped = difficulty + 3.0194 * (3 - rating) * (10 - difficulty) / 9
    difficulty = min(10.0, max(1.0, 0.001 * EASIEST + 0.999 * damped))
    return (max(best, reached), reached, stability, difficulty, at)


def _stability(stability: float, difficulty: float, reviewed_at: datetime, at: datetime, rating: int) -> float:
    if (at - reviewed_at).days < 1:
        growth = exp(0.5425 * (rating - 3 + 0.0912)) * stability**-0.0658
        return float(max(0.001, stability * (growth if rating == 1 else max(1.0, growth))))
    recall = _recall(stability, reviewed_at, at)
    if rating == 1:
        lapsed = 1.4835 * difficulty**-0.0614 * ((stability + 1) ** 0.2629 - 1) * exp((1 - recall) * 1.6483)
        return float(max(0.001, min(lapsed, stability / exp(0.5425 * 0.0912))))
    weight = {2: 0.6014, 3: 1.0, 4: 1.8729}[rating]
    grown = exp(1.8722) * (11 - difficulty) * stability**-0.1666 * (exp((1 - recall) * 0.796) - 1) * weight
    return float(stability * (1 + grown))


def _recall(stability: float, reviewed_at: datetime, now: datetime) -> float:
    return float((1 + FACTOR * max(0, (now - reviewed_at).days) / stability) ** DECAY)
