"""`kinetic demo`: the loop once, unattended, judged by what the APIs and topics show."""

from __future__ import annotations

import asyncio
import shutil
import time
from pathlib import Path
from tempfile import mkdtemp

from kinetic.cli import acting
from kinetic.cli.act import find_nudge, is_closed, life_of_team, move_in, play_bad_week
from kinetic.cli.company import DANA, SKILLED_TEAM, SOFIA
from kinetic.cli.errors import LoopNotClosed
from kinetic.cli.example import Example, own_ports, running_example
from kinetic.cli.screen import Screen
from kinetic.cli.story import Life, missing
from kinetic.cli.watch import Watch, watched
from kinetic.contracts.ids import PersonId, TeamId

LEARNING_PARTNER = "lena@northwind.example"


def demo(root: Path, within_seconds: float) -> None:
    """Show the loop closing; the last line says so. LoopNotClosed names the stage or the side of it that is missing.

    The data folder is its own, on ports of its own: it is removed in the end, and kept for inspection after a failure.
    """
    screen = Screen()
    base = root / ".kinetic"
    base.mkdir(mode=0o700, exist_ok=True)
    folder = Path(mkdtemp(prefix="demo-", dir=base))
    screen.step(f"Data and logs are in {folder}")
    with running_example(folder, own_ports(), screen.step) as example:
        closed = asyncio.run(_close_loop(example, screen, within_seconds))
    shutil.rmtree(folder, ignore_errors=True)
    screen.say(closed)


async def _close_loop(example: Example, screen: Screen, within_seconds: float) -> str:
    async with watched(example, screen) as watch:
        company = await asyncio.to_thread(move_in, example, screen)
        begun = time.monotonic()
        await play_bad_week(company, screen)
        await _answer_nudge(example, screen, watch, within_seconds)
        has_closed = await watch.until(is_closed, within_seconds)
        seconds = time.monotonic() - begun
        life = life_of_team(watch)
        if not has_closed or life is None:
            raise LoopNotClosed(f"the loop did not close: {_named(life)} not seen within {within_seconds:.0f} s")
        watch.tell_now()
        screen.heading("The loop has closed")
        screen.recap(life)
        await _show_sides(example, screen, watch, life, within_seconds)
    return f"loop closed: {life.begun_by} in {seconds:.1f} s"


async def _answer_nudge(example: Example, screen: Screen, watch: Watch, within_seconds: float) -> None:
    nudge = await find_nudge(example, watch, within_seconds)
    if nudge is None:
        unseen = _named(life_of_team(watch))
        raise LoopNotClosed(f"the loop did not close: {unseen} not seen, and Dana's inbox stays empty")
    watch.tell_now()
    screen.show_nudge(nudge)
    if not await asyncio.to_thread(acting.is_hidden_from, example.addresses, SOFIA, nudge):
        raise LoopNotClosed("a manager of another team clicked on Dana's nudge and was not answered 404")
    screen.say("Sofia, who manages another team, clicks on it: [bold]404[/], there is no such nudge for her")
    await asyncio.to_thread(acting.assign, example.addresses, DANA, nudge)
    screen.say("Dana clicks on [bold]Assign[/]")


async def _show_sides(example: Example, screen: Screen, watch: Watch, life: Life, within_seconds: float) -> None:
    """What happened beside the closed loop: a team that needs no training, and attention that was kept."""
    skilled, dana = TeamId(watch.names.handles[SKILLED_TEAM]), PersonId(watch.names.handles[DANA])
    if not await watch.until(lambda seen: bool(seen.story.ruled_out_for(skilled, life.competency)), within_seconds):
        raise LoopNotClosed("the gap of Ravi's team, which has the skill, was not ruled out")
    screen.say(
        f"Ravi's team had the same week and has the skill: [bold]ruled out[/], training is not the answer "
        f"({life.competency})"
    )
    if not await watch.until(lambda seen: bool(seen.story.deferred_for(dana)), within_seconds):
        raise LoopNotClosed("no nudge was stopped by Dana's weekly budget")
    stopped = await asyncio.to_thread(acting.stopped_by_budget, example.addresses, LEARNING_PARTNER, dana)
    if not stopped:
        raise LoopNotClosed("recommendation does not tell which nudges Dana's weekly budget stopped")
    skills = ", ".join(gap["competency"] for gap in stopped)
    screen.say(f"Dana's weekly budget [bold]stopped[/] further nudges ({skills}): next week")


def _named(life: Life | None) -> str:
    return ", ".join(f"“{stage}”" for stage in missing(life))
