"""What is really the matter in a company. No policy sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Cause(StrEnum):
    """Why the work of a team got worse."""

    SKILL = "skill"
    STAFFING = "staffing"
    TOOLING = "tooling"
    INCIDENTS = "incidents"
    SEASON = "season"
    OUTAGE = "outage"
    REORGANISATION = "reorganisation"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Episode:
    """Something that is wrong with a team and a competency from day `first` to day `last`, both counted from the start.

    `shift_sigma` is by how many standard deviations of a working day the `kpis` got worse (the mean over them), after
    `ramp` working days; `people` are those who lack the skill.
    """

    team_id: str
    competency: str
    cause: Cause
    first: int
    last: int
    shift_sigma: float
    kpis: tuple[str, ...]
    corroborated: bool = False
    people: tuple[str, ...] = ()
    ramp: int = 0


@dataclass(frozen=True, slots=True)
class ManagerKind:
    """How a manager answers nudges.

    `accepts` is the chance for a nudge about a real gap when rested, `believes` the same for one that is not; each nudge of
    the last four weeks multiplies both by `patience`. What is not accepted is dismissed with the chance `speaks`, else it is
    left to expire. `sees` is the chance that a reason of a dismissal is the true one.
    """

    name: str
    accepts: float
    believes: float
    patience: float
    speaks: float
    sees: float


MANAGER_KINDS: Mapping[str, ManagerKind] = {
    kind.name: kind
    for kind in (
        ManagerKind("acts", accepts=0.85, believes=0.6, patience=0.95, speaks=0.7, sees=0.6),
        ManagerKind("judges", accepts=0.8, believes=0.15, patience=0.9, speaks=0.9, sees=0.85),
        ManagerKind("tires", accepts=0.9, believes=0.6, patience=0.65, speaks=0.3, sees=0.4),
        ManagerKind("ignores", accepts=0.12, believes=0.08, patience=0.8, speaks=0.1, sees=0.3),
        ManagerKind("silent", accepts=0.0, believes=0.0, patience=1.0, speaks=0.0, sees=0.0),
    )
}


@dataclass(frozen=True, slots=True)
class Truth:
    """`gains` tells per content and competency which share of a lack it takes away from a learner; below 0 it harms."""

    episodes: tuple[Episode, ...] = ()
    gains: Mapping[tuple[str, str], float] = field(default_factory=dict)
    managers: Mapping[str, str] = field(default_factory=dict)

    def gain(self, content_id: str, competency: str) -> float:
        """What content is worth for a competency; 0 when nothing is known of it."""
        return self.gains.get((content_id, competency), 0.0)
