"""What happens in a company, in the words of Kinetic's events, written down again so that nothing of Kinetic is imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

NO_TEXTS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Team:
    """The full state of a team. Nudges about it go to `manager_id`."""

    team_id: str
    name: str
    manager_id: str | None
    unit: str = "company"
    version: int = 1
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """Where a person works from a moment on."""

    team_id: str | None
    manager_id: str | None
    role: str
    effective_from: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """The full state of a person. The last position that is in effect counts."""

    person_id: str
    name: str
    time_zone: str
    positions: tuple[Position, ...]
    language: str = "en"
    active: bool = True
    version: int = 1

    @property
    def position(self) -> Position:
        """The newest position."""
        return self.positions[-1]

    @property
    def team_id(self) -> str | None:
        """Where they work now; None when they have left."""
        return self.position.team_id if self.active else None


@dataclass(frozen=True, slots=True)
class Teaches:
    """A competency and the level, 1..5, that content claims to bring a learner to."""

    competency: str
    level: int


@dataclass(frozen=True, slots=True)
class Content:
    """A content item of the catalogue."""

    content_id: str
    title: str
    teaches: tuple[Teaches, ...]
    effort_minutes: int
    language: str = "en"
    url: str = ""
    retired: bool = False
    version: int = 1

    def level_of(self, competency: str) -> int:
        """The claimed level; 0 when it does not teach the competency."""
        return max((taught.level for taught in self.teaches if taught.competency == competency), default=0)


@dataclass(frozen=True, slots=True)
class Signal:
    """An operational event about a team."""

    id: str
    source: str
    kind: str
    team_id: str
    severity: float
    occurred_at: datetime
    summary: str = ""
    url: str | None = None
    attributes: Mapping[str, str] = field(default_factory=lambda: NO_TEXTS)


@dataclass(frozen=True, slots=True)
class Measurement:
    """One observation of a KPI over a period. Of several for one period the highest version holds."""

    id: str
    kpi: str
    team_id: str
    value: float
    n: int
    period_start: datetime
    period_end: datetime
    version: int = 1


@dataclass(frozen=True, slots=True)
class Learning:
    """A person learned. `verb` is one of enrolled, started, progressed, completed, passed, failed."""

    id: str
    person_id: str
    content_id: str
    verb: str
    occurred_at: datetime
    score: float | None = None
    registration: str | None = None
    source: str = "lms"


@dataclass(frozen=True, slots=True)
class Review:
    """What a learner thinks of content, 1..5."""

    content_id: str
    person_id: str
    rating: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Effect:
    """How a KPI moved after people of a team completed content: mean before less mean after, towards better.

    In standard deviations of the days before. Noisy, and not corrected for anything else that went on.
    """

    content_id: str
    team_id: str
    competency: str
    kpi: str
    improvement_sigma: float
    n_before: int
    n_after: int
    people: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What a manager did with a nudge: `accepted` with people, `dismissed` with a reason, or `expired`."""

    nudge_id: str
    answer: str
    occurred_at: datetime
    person_ids: tuple[str, ...] = ()
    reason: str | None = None
