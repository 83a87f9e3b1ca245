"""Events of feedback: what came of nudges, assignments and content."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from kinetic.contracts import topics
from kinetic.contracts.event import Event, Part
from kinetic.contracts.ids import AssignmentId, ContentId, PersonId, ReviewId

Rating = Annotated[int, Field(ge=1, le=5)]


class ReviewRecorded(Event):
    """A learner or manager rated a content item."""

    type: ClassVar[str] = "kinetic.review.recorded.v1"
    topic: ClassVar[str] = topics.FEEDBACK

    review_id: ReviewId
    content_id: ContentId
    person_id: PersonId
    assignment_id: AssignmentId | None = None
    rating: Rating
    version: int = Field(description="A later review of the same person replaces the earlier one.")
    occurred_at: datetime

    @property
    def key(self) -> str:
        return self.content_id


class ContentEffect(Part):
    """The measured effect of a content item on the KPIs that its competencies are linked to.

    In standard deviations of the KPI, in the better direction, of a team all of whose members completed it: what was measured,
    divided by the share of the team that did. From a design that earns causal wording only.
    """

    mean: float = Field(allow_inf_nan=False)
    standard_error: float = Field(gt=0, allow_inf_nan=False)
    n: int = Field(ge=1, description="Teams that it rests on.")


class ContentAppraised(Event):
    """What ranking needs to know of one content item: counts since the beginning, full state."""

    type: ClassVar[str] = "kinetic.content.appraised.v1"
    topic: ClassVar[str] = topics.FEEDBACK

    content_id: ContentId
    nudges_accepted: int = Field(ge=0)
    nudges_dismissed: int = Field(ge=0)
    nudges_expired: int = Field(ge=0)
    assignments_requested: int = Field(ge=0)
    assignments_completed: int = Field(ge=0)
    ratings: int = Field(ge=0)
    mean_rating: float | None = Field(default=None, ge=1, le=5)
    effect: ContentEffect | None = Field(default=None, description="None until it has been measured.")
    version: int
    occurred_at: datetime

    @property
    def key(self) -> str:
        return self.content_id
