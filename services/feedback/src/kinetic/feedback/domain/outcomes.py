"""From a batch of events to outcomes, and to what they change in the counts of content.

Counts follow from outcomes alone: an outcome that moves takes back what it added before. So a replay changes nothing,
and counting costs the same however long the history is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from kinetic.common.events import Envelope
from kinetic.contracts.ids import AssignmentId, NudgeId
from kinetic.feedback.domain.appraisal import Change
from kinetic.feedback.domain.assignments import AssignmentEvent, AssignmentOutcome, note_assignment
from kinetic.feedback.domain.nudges import Noticed, NudgeEvent, NudgeOutcome, note_nudge
from kinetic.feedback.domain.tally import NOTHING

AnyOutcome = TypeVar("AnyOutcome", NudgeOutcome, AssignmentOutcome)


@dataclass(frozen=True, slots=True)
class Noted(Generic[AnyOutcome]):
    """The outcomes to save, and what each event changes in the counts, in the order of the events."""

    outcomes: tuple[AnyOutcome, ...]
    changes: tuple[Change, ...]


def decide_nudges(
    known: Mapping[NudgeId, NudgeOutcome], events: Iterable[Envelope[NudgeEvent | Noticed]]
) -> Noted[NudgeOutcome]:
    """What came of the nudges that `events` are about."""
    outcomes, changes = dict(known), []
    for event in events:
        before = outcomes.get(event.data.nudge_id)
        after = note_nudge(before, event.data)
        outcomes[after.nudge_id] = after
        changes.append(_change(before, after, event))
    return Noted(tuple(outcomes.values()), tuple(changes))


def decide_assignments(
    known: Mapping[AssignmentId, AssignmentOutcome], events: Iterable[Envelope[AssignmentEvent]]
) -> Noted[AssignmentOutcome]:
    """What came of the assignments that `events` are about."""
    outcomes, changes = dict(known), []
    for event in events:
        before = outcomes.get(event.data.assignment_id)
        after = note_assignment(before, event.data)
        outcomes[after.assignment_id] = after
        changes.append(_change(before, after, event))
    return Noted(tuple(outcomes.values()), tuple(changes))


def _change(
    before: AnyOutcome | None, after: AnyOutcome, event: Envelope[NudgeEvent | Noticed] | Envelope[AssignmentEvent]
) -> Change:
    counted, counts = before.tally if before else NOTHING, after.tally
    return Change(after.content_id, NOTHING if counts == counted else counts - counted, event.cause)
