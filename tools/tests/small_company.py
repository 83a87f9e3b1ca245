"""A company of two teams made by hand, and a policy that does what it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from tools.simulation.judging import play
from tools.simulator.capabilities import CapabilityMap, Competency, Kpi, KpiRule, Requirement
from tools.simulator.figures import figures
from tools.simulator.policy import NO_MOVES, Attention, Company, Day, Moves, Nudge, Pair, RuledOut
from tools.simulator.recorded import Recorded, Recording
from tools.simulator.records import Content, Person, Position, Teaches, Team
from tools.simulator.truth import Cause, Episode, Truth

START = date(2024, 1, 1)
DAYS = 26 * 7
SINCE = datetime(2024, 1, 1, tzinfo=UTC)
PAIR = Pair("red", "testing")
ELSEWHERE = Pair("blue", "testing")

COMPANY = Company(
    name="small",
    start=START,
    days=DAYS,
    time_zone="UTC",
    language="en",
    attention=Attention(),
    teams=(Team("red", "Red", "rita"), Team("blue", "Blue", "bob")),
    people=(
        Person("rita", "Rita", "UTC", (Position("red", None, "manager", SINCE),)),
        Person("bob", "Bob", "Asia/Tokyo", (Position("blue", None, "manager", SINCE),)),
        Person("rolf", "Rolf", "UTC", (Position("red", "rita", "tester", SINCE),)),
        Person("bea", "Bea", "UTC", (Position("blue", "bob", "tester", SINCE),)),
    ),
    catalogue=(
        Content("good", "Good", (Teaches("testing", 3),), 30),
        Content("idle", "Idle", (Teaches("testing", 5),), 30),
        Content("bad", "Bad", (Teaches("testing", 4),), 30),
        Content("gone", "Gone", (Teaches("testing", 4),), 30, retired=True),
    ),
    capabilities=CapabilityMap(
        competencies=(Competency("testing", "Testing"),),
        kpis=(Kpi("defects", "Defects", "", "lower_is_better", 2.0, 5.0),),
        goals=(),
        requirements=(Requirement("tester", "testing", 3),),
        signal_rules=(),
        kpi_rules=(KpiRule("defects", "testing", 1.0, 14.0),),
    ),
)
GAINS = {("good", "testing"): 0.8, ("idle", "testing"): 0.0, ("bad", "testing"): -0.4, ("gone", "testing"): 0.95}

LACK = Episode("red", "testing", Cause.SKILL, 70, 139, 1.6, ("defects",), False, ("rolf",))
WEAK_LACK = replace(LACK, shift_sigma=1.2, corroborated=True)


class Scripted:
    """Makes the moves that are written down for a day."""

    def __init__(self, script: Mapping[int, Moves]) -> None:
        self._script = script

    def observe(self, day: Day) -> Moves:
        """What the script says."""
        return self._script.get((day.date - START).days, NO_MOVES)


def judged(
    script: Mapping[int, Moves], *episodes: Episode, managers: Mapping[str, str] | None = None
) -> dict[str, object]:
    """The figures of a script in the small company."""
    truth = Truth(episodes, GAINS, managers or {})
    recording = Recording((), (), (), (), (), ())
    return figures(play(Recorded(COMPANY, truth, recording), lambda company: Scripted(script)))


def opens(*pairs: Pair) -> Moves:
    """Gaps are opened."""
    return Moves(opened=pairs)


def closes(*pairs: Pair) -> Moves:
    """Gaps are closed."""
    return Moves(closed=pairs)


def rules_out(pair: Pair, reason: str = "staffing") -> Moves:
    """A case is ruled out."""
    return Moves(ruled_out=(RuledOut(pair.team_id, pair.competency, reason),))


def nudges(*sent: tuple[str, datetime], content: str = "good", people: tuple[str, ...] = ("rolf",)) -> Moves:
    """Managers, who lead the red team or not, are nudged at these times."""
    return Moves(
        nudges=tuple(
            Nudge(f"nudge-{manager}-{at.isoformat()}", manager, "red", "testing", content, people, at)
            for manager, at in sent
        )
    )


def at_noon(start: date, day: int) -> datetime:
    """Noon of a day."""
    return datetime.combine(start + timedelta(days=day), time(12), UTC)
