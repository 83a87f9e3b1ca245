"""What other services can ask to be said to a manager: a closed list, each with its words in the catalogue.

A new subject is an event type in the contracts, a line in `SUBJECTS`, its words here and in `words/`, and what it names.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Final

from kinetic.contracts.assignment import ReinforcementRequested
from kinetic.contracts.ids import ContentId, PersonId, TeamId
from kinetic.contracts.notices import NoticeRequested
from kinetic.recommendation.domain.wording import Words
from kinetic.recommendation.words import Phrasebook

SUBJECTS: Final[tuple[type[NoticeRequested], ...]] = (ReinforcementRequested,)


def subjects_on(topic: str) -> tuple[type[NoticeRequested], ...]:
    """What can be asked for on a topic."""
    return tuple(subject for subject in SUBJECTS if subject.topic == topic)


def contents_of(told: NoticeRequested) -> frozenset[ContentId]:
    """The content that the words of a request name."""
    match told:
        case ReinforcementRequested():
            return frozenset({told.content_id})
    raise _unknown(told)


def missing(
    told: NoticeRequested, known_people: Set[PersonId], known_teams: Set[TeamId], known_contents: Set[ContentId]
) -> str | None:
    """What a request has to wait for, e.g. ``person/<id>``; None when it is ready."""
    if told.manager_id not in known_people:
        return f"person/{told.manager_id}"
    if told.team_id is not None and told.team_id not in known_teams:
        return f"team/{told.team_id}"
    return next((f"content/{content_id}" for content_id in sorted(contents_of(told) - known_contents)), None)


def word_request(told: NoticeRequested, titles: Mapping[ContentId, str], book: Phrasebook) -> Words:
    """The words for a request."""
    match told:
        case ReinforcementRequested():
            counts = {"completed": told.completed, "assigned": told.assigned}
            title = book.say("reinforcement-title", content=titles[told.content_id], **counts)
            return Words(title, book.say("reinforcement-text"))
    raise _unknown(told)


def _unknown(told: NoticeRequested) -> TypeError:
    return TypeError(f"{told.type} has no words here")
