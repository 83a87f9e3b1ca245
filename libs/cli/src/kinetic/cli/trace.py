"""`kinetic trace`: the whole life of one event across the services, as a tree of what followed from what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from rich.markup import escape
from rich.tree import Tree

from kinetic.cli.errors import Misused, Refused
from kinetic.cli.narration import Names, short_type, subject
from kinetic.cli.watching import Record, read_since, since_id
from kinetic.contracts import topics
from kinetic.contracts.event import Event

NAMES_FROM: Final = (topics.DIRECTORY, topics.CATALOGUE)
TRACED: Final = tuple(t.name for topic in topics.ALL for t in (topic, topic.dead) if t.name not in NAMES_FROM)
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
_TRACE_ID_LENGTH: Final = 32
_TRACEPARENT_PARTS: Final = 4
_KEPT: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Moment:
    """One record of a life.

    `assignment_id` is the assignment that it tells or reports about. `died_of` is the cause when it is a dead letter;
    dead letters keep the id of their event.
    """

    id: str
    topic: str
    type: str
    time: datetime
    causation_id: str | None
    subject: str
    assignment_id: str | None = None
    died_of: str | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """A moment and what followed from it, in the order of time."""

    moment: Moment
    followers: tuple[Branch, ...]


async def find_life(kafka: str, wanted: str) -> list[Moment]:
    """Every record of the life that the event, or the trace, `wanted` belongs to; the oldest first.

    What a life follows from without having begun it, such as a report of the LMS, is part of it too. Raises Misused when
    `wanted` is neither a UUIDv7 nor a trace id, Refused when no topic holds it.
    """
    since = _since(wanted)
    correlation_id = await _correlation_of(kafka, since, wanted)
    names = await _read_names(kafka)
    begun = min(since, _begun(correlation_id, since))
    own = await _collect(kafka, begun, lambda record: correlation_in(record) == correlation_id, names)
    outside = causes_outside(own)
    adopted = (
        await _collect(kafka, begun, lambda record: record.headers.get("ce_id") in outside, names) if outside else []
    )
    return sorted([*own, *adopted], key=lambda moment: (moment.time, moment.id))


def is_wanted(record: Record, wanted: str) -> bool:
    """Whether a record carries the id of the event or of the trace."""
    return wanted in (record.headers.get("ce_id"), trace_in(record))


def correlation_in(record: Record) -> str | None:
    """The life that a record belongs to. Whoever correlates with nothing begins a life."""
    return record.headers.get("ce_correlationid") or record.headers.get("ce_id")


def trace_in(record: Record) -> str | None:
    """The trace id in a record's W3C traceparent."""
    parts = record.headers.get("traceparent", "").split("-")
    return parts[1] if len(parts) == _TRACEPARENT_PARTS else None


def causes_outside(moments: Sequence[Moment]) -> set[str]:
    """The causes of moments that are not among them."""
    return {moment.causation_id for moment in moments if moment.causation_id} - {moment.id for moment in moments}


def grow(moments: Sequence[Moment]) -> list[Branch]:
    """The trees of a life, whose moments come in the order of time: what has no parent among them is a root."""
    below: dict[int | None, list[int]] = defaultdict(list)
    for place, moment in enumerate(moments):
        below[_parent(moment, moments[:place])].append(place)

    def branch(place: int) -> Branch:
        return Branch(moments[place], tuple(map(branch, below[place])))

    return [branch(place) for place in below[None]]


def _parent(moment: Moment, earlier: Sequence[Moment]) -> int | None:
    """The place of what a moment hangs below: its cause, a dead letter's own event, or what a report of the LMS answers."""
    cause = moment.id if moment.died_of else moment.causation_id
    alive = [(place, other) for place, other in enumerate(earlier) if other.died_of is None]
    for place, other in reversed(alive):
        if other.id == cause:
            return place
    for place, other in reversed(alive):
        if moment.assignment_id and other.assignment_id == moment.assignment_id:
            return place
    return None


def drawn(branches: Sequence[Branch], title: str) -> Tree:
    """The trees, with the time since the life began, topic, type, subject and id."""
    begun = min((branch.moment.time for branch in branches), default=_LONG_AGO)
    tree = Tree(title, guide_style="dim")

    def hang(parent: Tree, branch: Branch) -> None:
        node = parent.add(_line(branch.moment, begun))
        for follower in branch.followers:
            hang(node, follower)

    for branch in branches:
        hang(tree, branch)
    return tree


def _line(moment: Moment, begun: datetime) -> str:
    since = (moment.time - begun).total_seconds()
    head = f"[cyan]+{since:.2f} s[/] [bold]{short_type(moment.type)}[/] [dim]{moment.topic}[/]"
    told = f"[red]dead: {escape(moment.died_of)}[/]" if moment.died_of else escape(moment.subject)
    return f"{head} {told} [dim]{moment.id}[/]"


def _since(wanted: str) -> datetime:
    if len(wanted) == _TRACE_ID_LENGTH:
        return datetime.now(UTC) - _KEPT
    try:
        return since_id(wanted)
    except ValueError:
        raise Misused(
            f"{wanted} is neither the id of an event (a UUIDv7) nor of a trace (32 hex digits of its traceparent)"
        ) from None


def _begun(correlation_id: str, fallback: datetime) -> datetime:
    try:
        return since_id(correlation_id)
    except ValueError:
        return fallback


async def _correlation_of(kafka: str, since: datetime, wanted: str) -> str:
    async with aclosing(read_since(kafka, TRACED, since)) as records:
        async for record in records:
            if is_wanted(record, wanted) and (correlation_id := correlation_in(record)):
                return correlation_id
    raise Refused(f"no topic at {kafka} holds {wanted}; topics are kept for seven days")


async def _collect(kafka: str, since: datetime, belongs: Callable[[Record], bool], names: Names) -> list[Moment]:
    found = [record async for record in read_since(kafka, TRACED, since) if belongs(record)]
    return [moment for record in found if (moment := moment_of(record, names))]


async def _read_names(kafka: str) -> Names:
    names = Names()
    async for record in read_since(kafka, NAMES_FROM, _LONG_AGO):
        if event := record.event():
            names.learn(event.data)
    return names


def moment_of(record: Record, names: Names) -> Moment | None:
    """A record as a moment; None for one that carries no CloudEvents id, which no life can claim."""
    headers = record.headers
    try:
        event_id, time = headers["ce_id"], datetime.fromisoformat(headers["ce_time"])
    except (KeyError, ValueError):
        return None
    event = record.event()
    return Moment(
        id=event_id,
        topic=record.topic,
        type=headers.get("ce_type", "?"),
        time=time,
        causation_id=headers.get("ce_causationid"),
        subject=subject(event.data, names) if event else "",
        assignment_id=_assignment_in(event.data) if event else None,
        died_of=headers.get("dead_cause"),
    )


def _assignment_in(event: Event) -> str | None:
    """The assignment that an event tells about, or that the LMS was given as registration."""
    found = getattr(event, "assignment_id", None) or getattr(event, "registration", None)
    return found if isinstance(found, str) else None
