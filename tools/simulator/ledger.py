"""What a policy did in one company, written down for scoring."""

from __future__ import annotations

from dataclasses import dataclass

from tools.simulator.attention import Watch
from tools.simulator.directory import Directory
from tools.simulator.policy import Company, Day, Moves, Nudge
from tools.simulator.records import Answer

PairKey = tuple[str, str]


@dataclass(slots=True)
class Opening:
    """A gap that was opened on a day, and the day on which it was closed."""

    day: int
    team_id: str
    competency: str
    closed: int | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """A case that was ruled out on a day."""

    day: int
    team_id: str
    competency: str
    reason: str


class Ledger:
    """Openings, rulings and nudges. A gap that is open is not opened again; what is not open is not closed."""

    def __init__(self, company: Company) -> None:
        self._open: dict[PairKey, Opening] = {}
        self.company = company
        self.directory = Directory(company)
        self.watch = Watch(company.attention)
        self.openings: list[Opening] = []
        self.rulings: list[Ruling] = []
        self.nudges: list[tuple[int, Nudge]] = []
        self.answers: dict[str, Answer] = {}
        self.team_days = 0
        self.manager_days = 0

    def begin(self, day: Day) -> None:
        """What everybody knows by now."""
        self.directory.update(day.teams, day.people)
        self.watch.hear(day.answers)
        self.answers |= {answer.nudge_id: answer for answer in day.answers}
        present = self.directory.present()
        self.team_days += len(present)
        self.manager_days += len({self.directory.manager(team) for team in present} - {None})

    def take(self, index: int, day: Day, moves: Moves) -> None:
        """What the policy did on a day. It closes before it opens."""
        for pair in moves.closed:
            if standing := self._open.pop((pair.team_id, pair.competency), None):
                standing.closed = index
        for pair in moves.opened:
            key = (pair.team_id, pair.competency)
            if key not in self._open:
                self._open[key] = Opening(index, *key)
                self.openings.append(self._open[key])
        for ruled in moves.ruled_out:
            self.rulings.append(Ruling(index, ruled.team_id, ruled.competency, ruled.reason))
        for nudge in moves.nudges:
            self.watch.see(nudge, day.now, self.directory)
            self.nudges.append((index, nudge))
