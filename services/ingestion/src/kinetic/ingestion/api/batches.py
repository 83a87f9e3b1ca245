"""Batches: each entry is answered for itself, those that can be taken are taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel

from kinetic.common import metrics
from kinetic.common.problems import MAX_ERRORS, Fault, Problem
from kinetic.ingestion.api.receipts import Taken, answer, commit, problem_of, taken
from kinetic.ingestion.intake import Delivery, Receipt


class Result(BaseModel):
    """What became of one entry of a batch: its HTTP status, and either what was taken or the problem."""

    status: int
    taken: Taken | None = None
    problem: dict[str, Any] | None = None


class Results(BaseModel):
    """One result for each entry, in the order of the batch."""

    results: list[Result]


async def take_batch(request: Request, entries: Sequence[Delivery | Problem], door: str) -> Response:
    """Commit those of `entries` that can be read: 202 when all are taken, 207 when some are, a problem when none is."""
    readable = [entry for entry in entries if isinstance(entry, Delivery)]
    outcomes = iter(await commit(request, readable) if readable else ())
    ends = [next(outcomes) if isinstance(entry, Delivery) else entry for entry in entries]
    problems = {index: problem_of(end) for index, end in enumerate(ends) if isinstance(end, Exception)}
    metrics.DOOR_ACCEPTED.labels(door).inc(len(ends) - len(problems))
    metrics.DOOR_REFUSED.labels("invalid").inc(len(entries) - len(readable))
    if problems and len(problems) == len(ends):
        raise _all_refused(problems)
    results = [
        {"status": 202, "taken": taken(end)} if isinstance(end, Receipt) else _refused(problems[index])
        for index, end in enumerate(ends)
    ]
    return answer({"results": results}, 207 if problems else 202)


def _refused(problem: Problem) -> dict[str, Any]:
    return {"status": problem.status_code, "problem": problem.document()}


def _all_refused(problems: Mapping[int, Problem]) -> Problem:
    """One problem for a batch of which nothing was taken; pointers begin with the place in the batch."""
    faults = [
        Fault(f"#/{index}{fault.pointer.removeprefix('#')}", fault.detail, fault.where)
        for index, problem in problems.items()
        for fault in problem.errors or [Fault("#", problem.title)]
    ]
    worst = max(problems.values(), key=lambda problem: problem.status_code)
    title = "Nothing of the batch was taken"
    return Problem(worst.status_code, title, errors=faults[:MAX_ERRORS], headers=worst.headers)
