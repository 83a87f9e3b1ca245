"""Companies that are not like those of the simulator: other quiet hours, languages, roles, and people who come later."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from tools.simulation.judging import play
from tools.simulation.kinetic_policy import KineticPolicy
from tools.simulator.figures import figures
from tools.simulator.files.reading import read_company
from tools.simulator.files.writing import write_company
from tools.simulator.policy import Attention, Day
from tools.simulator.recorded import Recorded, Recording
from tools.simulator.records import Learning, Person, Position
from tools.simulator.run import Run
from tools.simulator.truth import Truth
from tools.simulator.world import make_world
from tools.tests.small_company import COMPANY, SINCE, START, Scripted, at_noon, nudges

ALWAYS = Attention(quiet_from=time(0), quiet_until=time(0), working_days=frozenset(range(1, 8)))
DAYS = 20 * 7


def test_where_no_hours_are_quiet_a_nudge_at_night_breaches_nothing() -> None:
    company = replace(COMPANY, attention=ALWAYS)
    script = {10: nudges(("rita", at_noon(START, 10) + timedelta(hours=11)))}
    recorded = Recorded(company, Truth((), {}, {}), Recording((), (), (), (), (), ()))

    found = figures(play(recorded, lambda company: Scripted(script)))
    assert (found["nudges"], found["budget_breaches"]) == (1, 0)


def _written(folder: Path) -> Path:
    write_company(Run(make_world("skill", 7, 0)), folder)
    _put(folder, days=DAYS)
    (folder / "truth.json").write_text("{}")
    return folder


def _put(folder: Path, **fields: object) -> None:
    path = folder / "company.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


def test_without_quiet_hours_and_in_another_language_kinetic_nudges_as_well(tmp_path: Path) -> None:
    folder = _written(tmp_path)
    before = figures(play(read_company(folder), KineticPolicy))
    for path in folder.iterdir():
        path.write_text(path.read_text().replace('"language": "en"', '"language": "de"'))
    in_german = figures(play(read_company(folder), KineticPolicy))
    _put(folder, attention={"quiet_hours": None})
    at_any_hour = figures(play(read_company(folder), KineticPolicy))

    assert before["nudges"] > 0
    assert in_german == before
    assert (at_any_hour["nudges"], at_any_hour["budget_breaches"]) == (before["nudges"], 0)


def _day(*people: Person) -> Day:
    return Day(date=START, now=datetime.combine(START, time(16), SINCE.tzinfo), people=people)


def test_what_a_newcomer_learned_elsewhere_counts_from_their_first_day() -> None:
    passed = Learning("1", "nina", "good", "passed", SINCE - timedelta(days=20), 0.9, None, "lms")
    policy = KineticPolicy(replace(COMPANY, learning=(passed,)))
    policy.observe(_day(Person("nina", "Nina", "UTC", (Position("red", "rita", "tester", SINCE),))))

    assert "testing" in policy.holdings_of("nina")


def test_a_team_of_managers_has_members_and_its_own_manager_is_none() -> None:
    rolf, rita = (Position("red", None, "manager", SINCE) for _ in range(2))
    people = (Person("rolf", "Rolf", "UTC", (rolf,)), Person("rita", "Rita", "UTC", (rita,)))
    policy = KineticPolicy(replace(COMPANY, people=people))

    assert policy.members_of("red", datetime.combine(date(2024, 2, 1), time(12), SINCE.tzinfo)) == {"rolf"}
