"""Many companies over several processes. What comes out does not depend on how many there are."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from time import perf_counter

from tools.simulation.judging import Judged, Task, judge
from tools.simulator.tally import Tally, add

TELL_EVERY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Result:
    """The tallies of all companies together, and how long one processor was busy with the simulator alone."""

    tallies: dict[str, Tally]
    team_weeks: float
    idle_seconds: float
    seconds: float

    @property
    def team_weeks_per_second(self) -> float:
        """Of the simulator alone: making a company, running it under a policy that does nothing, and scoring it."""
        return self.team_weeks / self.idle_seconds if self.idle_seconds else 0.0


def judge_all(tasks: Sequence[Task], processes: int) -> Result:
    """Judge every task; progress is told on stderr."""
    begun, judged = perf_counter(), []
    told = begun
    for done in _each(tasks, processes):
        judged.append(done)
        if perf_counter() - told > TELL_EVERY_SECONDS:
            told = perf_counter()
            print(f"{len(judged)} of {len(tasks)} companies, {told - begun:.0f} s", file=sys.stderr, flush=True)
    names = tasks[0].policies if tasks else ()
    return Result(
        {name: add(one.tallies[name] for one in judged) for name in names},
        sum(one.team_weeks for one in judged),
        sum(one.idle_seconds for one in judged),
        perf_counter() - begun,
    )


def _each(tasks: Sequence[Task], processes: int) -> Iterator[Judged]:
    if processes == 1:
        yield from map(judge, tasks)
        return
    # a forked process may inherit a lock that a thread of this one holds, and wait for it for ever
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(judge, tasks)
