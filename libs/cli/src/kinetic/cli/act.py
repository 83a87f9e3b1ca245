"""The acts that `run` and `demo` share: the company moves in, has a bad week, and its manager answers."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Final
from uuid import uuid4

from kinetic.cli import acting
from kinetic.cli.company import DANA, TEAM, Company
from kinetic.cli.example import Example
from kinetic.cli.screen import Screen
from kinetic.cli.story import Life, missing
from kinetic.cli.watch import Watch
from kinetic.contracts.ids import TeamId

_POLL_SECONDS: Final = 0.2


def move_in(example: Example, screen: Screen) -> Company:
    """Load the company's documents."""
    company = Company(example.addresses, example.folder)
    company.load()
    screen.step("Loaded Northwind: 5 teams, 40 people, a catalogue, a capability map")
    return company


async def play_bad_week(company: Company, screen: Screen) -> None:
    """Tell the history, then let the KPIs slip and the vendors' webhooks arrive."""
    doors = await asyncio.to_thread(company.open_doors)
    screen.step(f"Sent {await company.tell_history()} learning records, and skill-gap has taken them in")
    screen.heading("A bad week at Northwind: GitHub and Jira send their webhooks")
    screen.step(f"Sent {await company.tell_measurements()} KPI measurements, and skill-gap has taken them in")
    answers: Counter[str] = Counter()
    async for played in company.play_week(doors, run=_week_of(company)):
        answers[played.answer["status"]] += 1
    told = ", ".join(f"{count} {status}" for status, count in answers.items())
    screen.step(f"Sent {answers.total()} signed webhooks: {told}")


async def find_nudge(example: Example, watch: Watch, seconds: float) -> acting.Nudge | None:
    """The first nudge in Dana's inbox; None when none came in time, or the loop has closed without one."""
    try:
        async with asyncio.timeout(seconds):
            while not is_closed(watch):
                if inbox := await asyncio.to_thread(acting.open_inbox, example.addresses, DANA):
                    return inbox[0]
                await asyncio.sleep(_POLL_SECONDS)
    except TimeoutError:
        return None
    return None


def life_of_team(watch: Watch) -> Life | None:
    """How far Dana's team has come."""
    team_id = watch.names.id_of(TEAM)
    return watch.story.life_of(TeamId(team_id)) if team_id else None


def is_closed(watch: Watch) -> bool:
    """Whether every stage was seen in the life of a gap of Dana's team."""
    return not missing(life_of_team(watch))


def _week_of(company: Company) -> str:
    """One name per data folder: a week that was interrupted is played again without counting twice."""
    file = company.folder / "played-week.id"
    if not file.exists():
        file.write_text(str(uuid4()))
    return file.read_text()
