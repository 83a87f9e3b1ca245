"""Events as short sentences, with names in place of ids. The names come from the directory and catalogue topics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from kinetic.contracts import assignment, feedback, ingestion, recommendation, skill_gap, topics
from kinetic.contracts.event import Event

_SHORTENED: Final = 90


@dataclass
class Names:
    """Who and what the ids stand for, as far as the topics have told it."""

    known: dict[str, str] = field(default_factory=dict)
    handles: dict[str, str] = field(default_factory=dict)

    def learn(self, event: Event) -> None:
        """Take names from an event of the directory or the catalogue."""
        match event:
            case ingestion.TeamChanged():
                self.known[event.team_id] = event.name
                self.handles[event.slug] = event.team_id
            case ingestion.PersonChanged():
                self.known[event.person_id] = event.name
                self.handles[event.email] = event.person_id
            case ingestion.ContentChanged():
                self.known[event.content_id] = event.title

    def of(self, identifier: str | None) -> str:
        """The name, or the end of the id when nobody has told it."""
        return "nobody" if identifier is None else self.known.get(identifier, f"…{identifier[-6:]}")

    def id_of(self, handle: str) -> str | None:
        """The id behind a team's slug or a person's e-mail."""
        return self.handles.get(handle)


def subject(event: Event, names: Names) -> str:
    """What an event is about, in one short line."""
    tell = _TOLD.get(type(event))
    text = " ".join((tell(event, names) if tell else "").split())
    return text if len(text) <= _SHORTENED else f"{text[: _SHORTENED - 1]}…"


def likeness(event: Event, names: Names) -> tuple[str, ...]:
    """What two events of one type share when one line can tell both."""
    content_id = getattr(event, "content_id", None)
    is_step = event.topic == topics.ASSIGNMENTS and isinstance(content_id, str)
    return (str(content_id), str(getattr(event, "reason", ""))) if is_step else (subject(event, names),)


def subject_of_all(alike: Sequence[Event], names: Names) -> str:
    """What alike events are about, in one line."""
    first = alike[0]
    if len(alike) == 1:
        return subject(first, names)
    if first.topic == topics.ASSIGNMENTS:
        content_id, person_ids = getattr(first, "content_id", None), [getattr(e, "person_id", None) for e in alike]
        return f"{', '.join(sorted(map(names.of, person_ids)))}: {names.of(content_id)}"
    return f"{subject(first, names)}, {len(alike)} times"


def short_type(event_type: str) -> str:
    """`kinetic.gap.opened.v1` as `gap.opened`."""
    return ".".join(part for part in event_type.split(".") if part != "kinetic" and not _is_version(part))


def _is_version(part: str) -> bool:
    return part[:1] == "v" and part[1:].isdigit()


def _verdict(e: Any, names: Names) -> str:
    coverage = "not assessed" if e.coverage is None else f"coverage {e.coverage:.0%}"
    return f"{names.of(e.team_id)}: {e.competency_name}, pressure {e.pressure:.1f}, {coverage}"


def _gap(e: Any, names: Names) -> str:
    return f"{_verdict(e, names)}, {len(e.person_ids)} people"


def _nudge(e: Any, names: Names) -> str:
    return f"{names.of(e.manager_id)}: {names.of(e.content_id)}"


def _assignment(e: Any, names: Names) -> str:
    return f"{names.of(e.person_id)}: {names.of(e.content_id)}"


def _score(score: float | None) -> str:
    return "" if score is None else f", score {score:.0%}"


_Tell = Callable[[Any, Names], str]

_TOLD: Final[Mapping[type[Event], _Tell]] = MappingProxyType(
    {
        ingestion.SignalObserved: lambda e, n: f"{n.of(e.team_id)}: {e.source} {e.kind}, {e.summary}",
        ingestion.MeasurementRecorded: lambda e, n: f"{n.of(e.team_id)}: {e.kpi} {e.value:g} ({e.n} cases)",
        ingestion.LearningRecorded: lambda e, n: f"{_assignment(e, n)} {e.verb}{_score(e.score)}, by {e.source}",
        ingestion.LearningVoided: lambda e, n: f"{n.of(e.person_id)}: a learning record was taken back",
        skill_gap.GapOpened: _gap,
        skill_gap.GapChanged: _gap,
        skill_gap.GapClosed: lambda e, n: f"{_verdict(e, n)}: {e.reason}",
        skill_gap.GapRuledOut: lambda e, n: f"{_verdict(e, n)}: {e.reason}, training is not the answer",
        skill_gap.GapRuledOutV1: lambda e, n: f"{_verdict(e, n)}: the same once more, for readers of the first version",
        recommendation.NudgeComposed: lambda e, n: f"{n.of(e.manager_id)}: {e.title}, {len(e.person_ids)} people",
        recommendation.NudgeSeen: _nudge,
        recommendation.NudgeAccepted: lambda e, n: f"{_nudge(e, n)}, for {len(e.person_ids)} people",
        recommendation.NudgeDismissed: lambda e, n: f"{_nudge(e, n)}: {e.reason}",
        recommendation.NudgeExpired: _nudge,
        recommendation.NudgeWithdrawn: lambda e, n: f"{_nudge(e, n)}: {e.reason}",
        recommendation.NudgeDeferred: lambda e, n: f"{n.of(e.manager_id)}: {e.reason}, again from {e.due_at:%a %d %b}",
        recommendation.HoldoutDrawn: lambda e, n: f"{n.of(e.team_id)}: {e.competency} in {e.quarter}, {e.arm}",
        recommendation.NudgeWithheld: lambda e, n: f"{n.of(e.team_id)}: {e.competency}, until {e.until:%a %d %b}",
        assignment.AssignmentHeld: lambda e, n: f"{_assignment(e, n)}, can be undone until {e.undo_until:%H:%M:%S}",
        assignment.AssignmentRequested: lambda e, n: f"{_assignment(e, n)}, asked of {e.lms}",
        assignment.AssignmentEnrolled: _assignment,
        assignment.AssignmentStarted: _assignment,
        assignment.AssignmentCompleted: lambda e, n: f"{_assignment(e, n)}{_score(e.score)}",
        assignment.AssignmentFailed: lambda e, n: f"{_assignment(e, n)}{_score(e.score)}",
        assignment.AssignmentWithdrawn: _assignment,
        assignment.AssignmentRefused: lambda e, n: f"{_assignment(e, n)}: {e.reason}",
        assignment.AssignmentBlocked: lambda e, n: f"{_assignment(e, n)}: {e.reason}",
        feedback.ReviewRecorded: lambda e, n: f"{n.of(e.content_id)}: {e.rating} of 5",
        feedback.ContentAppraised: lambda e, n: (
            f"{n.of(e.content_id)}: accepted {e.nudges_accepted}, completed {e.assignments_completed}"
        ),
    }
)
