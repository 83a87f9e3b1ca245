"""One company under one policy, from its first day to its last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from time import process_time

from tools.simulation.policies import POLICIES
from tools.simulator.baselines import Idle
from tools.simulator.files.reading import read_company
from tools.simulator.ledger import Ledger
from tools.simulator.policy import PolicyOf
from tools.simulator.run import Going, Run
from tools.simulator.scoring import score
from tools.simulator.tally import Tally
from tools.simulator.world import World, make_world


@dataclass(frozen=True, slots=True)
class Task:
    """A company to judge policies in: one that is generated, or the one in `folder`.

    `answers` is whether the managers of a generated company answer at all.
    """

    family: str
    seed: int
    number: int
    policies: tuple[str, ...]
    answers: bool = True
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What came out. `idle_seconds` is how long a processor needs to make the company, run it and score it under a policy
    that does nothing.
    """

    tallies: dict[str, Tally]
    team_weeks: float
    idle_seconds: float


def judge(task: Task) -> Judged:
    """Judge every policy of the task in the same company."""
    begun = process_time()
    going = _goings(task)
    idle = play(going(), Idle)
    spent = process_time() - begun
    return Judged({name: play(going(), POLICIES[name]) for name in task.policies}, idle.team_days / 7, spent)


def _goings(task: Task) -> Callable[[], Going]:
    """The company of a task, from its beginning, as often as it is asked for."""
    if task.folder is not None:
        recorded = read_company(task.folder)
        return recorded.anew
    world = make_world(task.family, task.seed, task.number)
    asked = world if task.answers else without_answers(world)
    return lambda: Run(asked)


def without_answers(world: World) -> World:
    """The same company with managers who let everything expire."""
    silent = dict.fromkeys(world.truth.managers, "silent")
    return replace(world, truth=replace(world.truth, managers=silent))


def play(going: Going, policy_of: PolicyOf) -> Tally:
    """Let a company go on under a policy, and score what it did."""
    ledger, policy = Ledger(going.company), policy_of(going.company)
    for index in range(going.company.days):
        day = going.day(index)
        ledger.begin(day)
        moves = policy.observe(day)
        ledger.take(index, day, moves)
        going.take(index, moves)
    return score(ledger, going.truth, going.episodes())
