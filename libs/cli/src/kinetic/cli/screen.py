"""What `run` and `demo` show in the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel

from kinetic.cli.narration import Names, short_type, subject
from kinetic.cli.story import Life, Stage
from kinetic.common.events import Envelope
from kinetic.contracts import topics
from kinetic.contracts.event import Event

TOLD_TOPICS: Final = frozenset({topics.SIGNALS, topics.GAPS, topics.NUDGES, topics.ASSIGNMENTS})
_STYLE: Final = {
    topics.SIGNALS: "yellow",
    topics.GAPS: "magenta",
    topics.NUDGES: "cyan",
    topics.ASSIGNMENTS: "green",
}


class Screen:
    """The terminal. Lines are never wrapped or cut, so that a log file holds them whole."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)

    def step(self, text: str) -> None:
        """Say what is being done."""
        self._console.print(f"[dim]·[/] {escape(text)}")

    def say(self, text: str) -> None:
        """Say something in Rich's markup."""
        self._console.print(text)

    def heading(self, text: str) -> None:
        """Begin a part."""
        self._console.print(f"\n[bold]{escape(text)}[/]")

    def tell(self, events: Sequence[Envelope[Event]], names: Names) -> None:
        """Tell events of the loop, the oldest first; equal ones in one line."""
        for line in told_lines(events, names):
            self._console.print(line)

    def show_nudge(self, nudge: dict[str, Any]) -> None:
        """A nudge as the manager reads it."""
        self._console.print(Panel(escape(nudge_text(nudge)), title="Dana's inbox", title_align="left", width=100))

    def recap(self, life: Life) -> None:
        """When each stage was reached, counted from the signal."""
        begun = life.reached.get(Stage.SIGNAL)
        reached = [
            f"{stage} [dim]+{_seconds(life.reached[stage], begun)} s[/]" for stage in Stage if stage in life.reached
        ]
        self._console.print("  " + " → ".join(reached))


def told_lines(events: Iterable[Envelope[Event]], names: Names) -> list[str]:
    """One line of markup for each event of the loop; equal ones are counted, the time is the first one's."""
    first: dict[tuple[str, str, str], Envelope[Event]] = {}
    counts: Counter[tuple[str, str, str]] = Counter()
    for event in sorted(events, key=lambda event: event.time):
        if event.data.topic in TOLD_TOPICS:
            line = (event.data.topic, short_type(event.data.type), subject(event.data, names))
            first.setdefault(line, event)
            counts[line] += 1
    return [_line(line, event.time, counts[line]) for line, event in first.items()]


def nudge_text(nudge: dict[str, Any]) -> str:
    """The words of a nudge and its evidence."""
    evidence = [
        f"  • {item.get('statement', '')} ({item.get('age', '')}) {item.get('url') or ''}".rstrip()
        for item in nudge.get("evidence", [])
    ]
    return "\n".join(str(part) for part in (nudge.get("title"), nudge.get("why"), *evidence) if part)


def _line(line: tuple[str, str, str], at: datetime, count: int) -> str:
    topic, kind, text = line
    times = f" [bold]{count} times[/]" if count > 1 else ""
    return f"[dim]{at.astimezone():%H:%M:%S.%f}"[:-3] + f"[/] [{_STYLE[topic]}]{kind:<22}[/] {escape(text)}{times}"


def _seconds(at: datetime, begun: datetime | None) -> str:
    return f"{(at - (begun or at)).total_seconds():.1f}"
