"""What ranking needs to know of a content item: told in full, once per batch, when a count has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from kinetic.common.events import Cause, Emission
from kinetic.contracts.feedback import ContentAppraised
from kinetic.contracts.ids import ContentId
from kinetic.feedback.domain.tally import NOTHING, Tally


@dataclass(frozen=True, slots=True)
class Change:
    """By how much the counts of a content item change, and because of which event."""

    content_id: ContentId
    by: Tally
    cause: Cause


@dataclass(frozen=True, slots=True)
class Appraisal:
    """The counts of a content item since the beginning. Version 0 was never told."""

    content_id: ContentId
    tally: Tally = NOTHING
    version: int = 0


@dataclass(frozen=True, slots=True)
class Appraised:
    """The appraisals to save and the events to tell."""

    appraisals: tuple[Appraisal, ...]
    emissions: tuple[Emission, ...]


def decide_appraisals(known: Mapping[ContentId, Appraisal], changes: Iterable[Change], now: datetime) -> Appraised:
    """One new version of each appraisal whose counts differ after all `changes`; caused by the last that counted."""
    appraisals: list[Appraisal] = []
    emissions: list[Emission] = []
    for content_id, change in _by_content(changes).items():
        if change.by != NOTHING:
            before = known.get(content_id, Appraisal(content_id))
            after = Appraisal(content_id, before.tally + change.by, before.version + 1)
            appraisals.append(after)
            emissions.append(Emission(_event(after, now), change.cause))
    return Appraised(tuple(appraisals), tuple(emissions))


def _by_content(changes: Iterable[Change]) -> dict[ContentId, Change]:
    total: dict[ContentId, Change] = {}
    for change in changes:
        if change.by != NOTHING:
            before = total.get(change.content_id)
            by = before.by + change.by if before else change.by
            total[change.content_id] = Change(change.content_id, by, change.cause)
    return total


def _event(appraisal: Appraisal, now: datetime) -> ContentAppraised:
    tally = appraisal.tally
    return ContentAppraised(
        content_id=appraisal.content_id,
        nudges_accepted=tally.nudges_accepted,
        nudges_dismissed=tally.nudges_dismissed,
        nudges_expired=tally.nudges_expired,
        assignments_requested=tally.assignments_requested,
        assignments_completed=tally.assignments_completed,
        ratings=tally.ratings,
        mean_rating=tally.mean_rating,
        version=appraisal.version,
        occurred_at=now,
    )
