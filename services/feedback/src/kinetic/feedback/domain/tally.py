"""What is counted about one content item."""

from __future__ import annotations

from dataclasses import dataclass, fields
from operator import add, attrgetter, sub


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts, or the change of counts when it is the difference of two."""

    nudges_accepted: int = 0
    nudges_dismissed: int = 0
    nudges_expired: int = 0
    assignments_requested: int = 0
    assignments_completed: int = 0
    ratings: int = 0
    rating_sum: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*map(add, _counts(self), _counts(other)))

    def __sub__(self, other: Tally) -> Tally:
        return Tally(*map(sub, _counts(self), _counts(other)))

    @property
    def mean_rating(self) -> float | None:
        """1..5; None without any rating."""
        return self.rating_sum / self.ratings if self.ratings else None


_counts = attrgetter(*(field.name for field in fields(Tally)))

NOTHING = Tally()
