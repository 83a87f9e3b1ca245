"""The lines and documents of the format. A field that is not named here is a mistake, unless it is of the event and unused."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from tools.simulator.truth import MANAGER_KINDS, Cause

Key = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Level = Annotated[int, Field(ge=1, le=5)]
Rating = Annotated[int, Field(ge=1, le=5)]


def _refuse_unknown_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no IANA time zone") from None
    return name


Zone = Annotated[Key, AfterValidator(_refuse_unknown_zone)]


class Shape(BaseModel):
    """Frozen, and refuses what it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class QuietHoursShape(Shape):
    """On the wall clock of the manager, over midnight when `end` is the earlier."""

    start: time
    end: time


class AttentionShape(Shape):
    """How often, and when, a manager may be interrupted."""

    weekly_budget: int = Field(default=2, ge=1)
    quiet_hours: QuietHoursShape | None = QuietHoursShape(start=time(18), end=time(8))
    working_days: frozenset[Annotated[int, Field(ge=1, le=7)]] = frozenset({1, 2, 3, 4, 5})
    nudge_ttl_days: int = Field(default=14, ge=1)


class CompanyShape(Shape):
    """`company.json`"""

    name: Key
    start: date
    days: int = Field(ge=1, le=3_700)
    time_zone: Zone = "UTC"
    language: Key = "en"
    attention: AttentionShape = AttentionShape()


class TeamShape(Shape):
    """A line of `directory.jsonl` about a team."""

    type: Literal["kinetic.team.changed.v1"]
    team_id: Key
    name: str = ""
    slug: str = ""
    unit: str = "company"
    manager_id: Key | None
    version: int = 1
    removed: bool = False
    known_on: date | None = None


class PositionShape(Shape):
    """Where a person works from a moment on."""

    team_id: Key | None
    manager_id: Key | None = None
    role: Key
    effective_from: AwareDatetime


class PersonShape(Shape):
    """A line of `directory.jsonl` about a person."""

    type: Literal["kinetic.person.changed.v1"]
    person_id: Key
    name: str = ""
    email: str = ""
    time_zone: Zone = "UTC"
    language: Key = "en"
    external_ids: dict[str, str] = {}
    positions: tuple[PositionShape, ...] = Field(min_length=1)
    active: bool = True
    version: int = 1
    known_on: date | None = None


class DirectoryLine(Shape):
    """A line of `directory.jsonl`, of one type or the other."""

    model_config = ConfigDict(frozen=True, extra="allow")
    type: Literal["kinetic.team.changed.v1", "kinetic.person.changed.v1"]


class TeachesShape(Shape):
    """What content claims to teach."""

    competency: Key
    level: Level


class ContentShape(Shape):
    """A line of `catalogue.jsonl`."""

    content_id: Key
    title: str
    url: str = ""
    teaches: tuple[TeachesShape, ...]
    effort_minutes: int = Field(ge=1)
    language: Key = "en"
    external_ids: dict[str, str] = {}
    retired: bool = False
    version: int = 1


class SignalShape(Shape):
    """A line of `signals.jsonl`."""

    id: str = ""
    source: Key
    kind: Key
    team_id: Key
    severity: Share
    summary: str = ""
    url: str | None = None
    occurred_at: AwareDatetime
    attributes: dict[str, str] = {}
    received_at: AwareDatetime | None = None


class MeasurementShape(Shape):
    """A line of `measurements.jsonl`."""

    id: str = ""
    kpi: Key
    team_id: Key
    value: Number
    n: int = Field(default=1, ge=1)
    period_start: AwareDatetime
    period_end: AwareDatetime
    version: int = Field(default=1, ge=1)
    received_at: AwareDatetime | None = None


class LearningShape(Shape):
    """A line of `learning.jsonl`."""

    id: str = ""
    person_id: Key
    content_id: Key
    verb: Literal["enrolled", "started", "progressed", "completed", "passed", "failed"]
    score: Share | None = None
    registration: str | None = None
    source: Key = "lms"
    occurred_at: AwareDatetime
    received_at: AwareDatetime | None = None


class ReviewShape(Shape):
    """A line of `reviews.jsonl`."""

    content_id: Key
    person_id: Key
    rating: Rating
    occurred_at: AwareDatetime


class EffectShape(Shape):
    """A line of `effects.jsonl`."""

    content_id: Key
    team_id: Key
    competency: Key
    kpi: Key
    improvement_sigma: Number
    n_before: int = Field(ge=1)
    n_after: int = Field(ge=1)
    people: int = Field(ge=1)
    occurred_at: AwareDatetime


class EpisodeShape(Shape):
    """Something that is really the matter."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
    team_id: Key
    competency: Key
    cause: Cause
    begins: date = Field(alias="from")
    ends: date | None = Field(default=None, alias="to")
    shift_sigma: Number = 0.0
    kpis: tuple[Key, ...] = ()
    corroborated: bool = False
    people: tuple[Key, ...] = ()
    ramp_working_days: int = Field(default=0, ge=0)


class GainShape(Shape):
    """What content is really worth for a competency."""

    content_id: Key
    competency: Key
    gain: Annotated[float, Field(ge=-1, le=1)]


class TruthShape(Shape):
    """`truth.json`"""

    episodes: tuple[EpisodeShape, ...] = ()
    contents: tuple[GainShape, ...] = ()
    managers: dict[Key, Literal[*MANAGER_KINDS]] = {}  # type: ignore[valid-type]
