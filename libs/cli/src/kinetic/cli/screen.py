"""What `run` and `demo` show in the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel

from kinetic.cli.narration import Names, likeness, short_type, subject_of_all
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
        self._console.print(Panel(escape(nudge_text(nudge)), title="Dana's inbox", title_align="left"), soft_wrap=False)

    def recap(self, life: Life) -> None:
        """When each stage was reached, counted from the signal."""
        begun = life.reached.get(Stage.SIGNAL)
        reached = [
            f"{stage} [dim]+{_seconds(life.reached[stage], begun)} s[/]" for stage in Stage if stage in life.reached
        ]
        self._console.print("  " + " → ".join(reached))


def told_lines(events: Iterable[Envelope[Event]], names: Names) -> list[str]:
    """One line of markup for each event of the loop, the oldest first.

    Equal ones are told once with their number, and one step of several people's assignments with their names.
    """
    alike: dict[tuple[str, ...], list[Envelope[Event]]] = {}
    for event in sorted(events, key=lambda event: event.time):
        if event.data.topic in TOLD_TOPICS:
            alike.setdefault((event.data.type, *likeness(event.data, names)), []).append(event)
    return [_line(together, names) for together in alike.values()]


def nudge_text(nudge: dict[str, Any]) -> str:
    """A nudge as text: what slipped, why it matters, the evidence, what is offered to whom, what one can do."""
    evidence = Counter(_evidence_line(item) for item in nudge["evidence"])
    seen = [line if count == 1 else f"{line}, {count} times" for line, count in evidence.items()]
    people = ", ".join(person["name"] for person in nudge["people"])
    actions = "   ".join(f"[ {action['label']} ]" for action in nudge["actions"])
    offer = f"{nudge['content']['title']}, {nudge['effort']}"
    return "\n".join([nudge["title"], nudge["why"], *seen, offer, f"For {people}", actions, nudge["how_often"]])


def _evidence_line(item: dict[str, Any]) -> str:
    link = f" {item['url']}" if item["url"] else ""
    return f"  • {item['source']}: {item['statement']} ({item['age']}){link}"


def _line(alike: Sequence[Envelope[Event]], names: Names) -> str:
    first = alike[0]
    at, topic = f"{first.time.astimezone():%H:%M:%S.%f}"[:-3], first.data.topic
    kind = f"[{_STYLE[topic]}]{short_type(first.data.type):<22}[/]"
    return f"[dim]{at}[/] {kind} {escape(subject_of_all([event.data for event in alike], names))}"


def _seconds(at: datetime, begun: datetime | None) -> str:
    return f"{(at - (begun or at)).total_seconds():.1f}"
