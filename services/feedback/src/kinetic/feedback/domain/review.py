"""A person rates a content item: once, and a later rating replaces the earlier one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from kinetic.contracts.feedback import ReviewRecorded
from kinetic.contracts.ids import AssignmentId, ContentId, PersonId, ReviewId
from kinetic.feedback.domain.tally import Tally


@dataclass(frozen=True, slots=True)
class Review:
    """What one person thinks of one content item. Its id stays when the person changes their mind."""

    review_id: ReviewId
    content_id: ContentId
    person_id: PersonId
    assignment_id: AssignmentId | None
    rating: int
    version: int
    reviewed_at: datetime

    @property
    def tally(self) -> Tally:
        """What it adds to the counts of its content."""
        return Tally(ratings=1, rating_sum=self.rating)

    @property
    def event(self) -> ReviewRecorded:
        """The event that tells it."""
        return ReviewRecorded(
            review_id=self.review_id,
            content_id=self.content_id,
            person_id=self.person_id,
            assignment_id=self.assignment_id,
            rating=self.rating,
            version=self.version,
            occurred_at=self.reviewed_at,
        )


def decide_review(known: Review | None, wanted: Review) -> Review | None:
    """The review to keep; None when it says what is known already."""
    if known is None:
        return wanted
    if (known.rating, known.assignment_id) == (wanted.rating, wanted.assignment_id):
        return None
    return replace(wanted, review_id=known.review_id, version=known.version + 1)
