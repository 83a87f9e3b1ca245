"""`kinetic run`: the example, and the life of its events as it happens, until Ctrl-C."""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path
from typing import Final

from kinetic.cli import acting
from kinetic.cli.act import find_nudge, is_closed, life_of_team, move_in, play_bad_week
from kinetic.cli.clone import run_folder
from kinetic.cli.company import DANA
from kinetic.cli.example import Example, default_ports, running_example
from kinetic.cli.screen import Screen
from kinetic.cli.story import Stage
from kinetic.cli.watch import Watch, watched
from kinetic.embedded.folders import FolderHold

ACT_AFTER_SECONDS: Final = 8
_NUDGE_WITHIN_SECONDS: Final = 60.0
_CLOSED_WITHIN_SECONDS: Final = 120.0


def run(root: Path, *, keep: bool, hands_off: bool, port_offset: int) -> None:
    """Start the example, play the week, show what comes of it, and stay up until interrupted.

    It begins afresh unless `keep`: then the data of the last run goes on. Unless `hands_off`, it clicks for Dana once.
    `port_offset` is added to the default ports.
    """
    screen = Screen()
    folder = run_folder(root)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    hold = FolderHold(folder)
    try:
        ports = default_ports(port_offset)
        if not keep:
            _empty(folder)
        with running_example(folder, ports, screen.step) as example:
            asyncio.run(_show(example, screen, root, hands_off=hands_off))
    finally:
        hold.release()


async def _show(example: Example, screen: Screen, root: Path, *, hands_off: bool) -> None:
    async with watched(example, screen) as watch:
        company = await asyncio.to_thread(move_in, example, screen)
        await play_bad_week(company, screen)
        await _answer_nudge(example, screen, watch, root, hands_off=hands_off)
        if hands_off or not await watch.until(is_closed, _CLOSED_WITHIN_SECONDS):
            _show_doors(example, screen, root)
            await watch.until(is_closed)
            _show_life(screen, watch, root)
        else:
            _show_life(screen, watch, root)
            _show_doors(example, screen, root)
        await asyncio.Event().wait()


def _show_life(screen: Screen, watch: Watch, root: Path) -> None:
    if (life := life_of_team(watch)) is not None:
        watch.tell_now()
        screen.heading("The loop has closed")
        screen.recap(life)
        screen.say(f"  The whole life of the signal: [bold]{_kinetic(root)} trace {life.begun_by}[/]")


async def _answer_nudge(example: Example, screen: Screen, watch: Watch, root: Path, *, hands_off: bool) -> None:
    nudge = await find_nudge(example, watch, _NUDGE_WITHIN_SECONDS)
    if nudge is None:
        return
    watch.tell_now()
    screen.show_nudge(nudge)
    url = f"{example.addresses.services['recommendation']}/nudges/{nudge['nudge_id']}/assign"
    body = f"-H 'Content-Type: application/json' -d '{{\"version\": {nudge['version']}}}'"
    screen.say(f"To click as Dana:\n  [bold]{_curl(root, f'-X POST {body} {url}')}[/]")
    if hands_off:
        return
    screen.say(f"In {ACT_AFTER_SECONDS} s this run clicks for her (HANDS_OFF=1 leaves it to you)")
    if await watch.until(_is_accepted, ACT_AFTER_SECONDS):
        return
    await asyncio.to_thread(acting.assign, example.addresses, DANA, nudge)
    screen.say("This run clicks [bold]Assign[/] for Dana")


def _is_accepted(watch: Watch) -> bool:
    life = life_of_team(watch)
    return life is not None and Stage.ACCEPTED in life.reached


def _show_doors(example: Example, screen: Screen, root: Path) -> None:
    addresses, kinetic = example.addresses, _kinetic(root)
    screen.heading("Kinetic is up; Ctrl-C ends it and leaves nothing running")
    for name, url in addresses.services.items():
        screen.say(f"  {name:<15} {url}/docs")
    screen.say(f"  {'example LMS':<15} {addresses.lms}/enrolments")
    screen.say(f"  {'Kafka':<15} {addresses.kafka}")
    screen.say(f"  {'logs':<15} {example.folder / 'logs'}")
    screen.heading("Act as Dana Okafor, manager of Checkout")
    screen.say(f"  {_curl(root, addresses.services['recommendation'] + '/inbox')}")
    screen.say(f"  {_curl(root, addresses.services['assignment'] + '/assignments')}")
    screen.say(f"  {kinetic} token --as {DANA}   {kinetic} dead list   {kinetic} --help")


def _curl(root: Path, rest: str) -> str:
    return f'curl -s -H "Authorization: Bearer $({_kinetic(root)} token --as {DANA})" {rest}'


def _kinetic(root: Path) -> str:
    """How the user calls this command from where they are."""
    script = Path(sys.executable).with_name("kinetic")
    return str(script.relative_to(root)) if script.is_relative_to(root) and Path.cwd() == root else str(script)


def _empty(folder: Path) -> None:
    """Begin afresh, keeping nothing but the hold on the folder."""
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        elif entry.suffix != ".pid":
            entry.unlink()
