"""The lines and documents of the format. A field that is not named here is a mistake, unless it is of the event and unused."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    model_validator,
)

from tools.simulator.truth import MANAGER_KINDS, Cause

D = TypeVar("D", date, datetime)


def _refuse_numbers(value: object) -> object:
    """A number could be seconds or milliseconds, and a numeral in quotes too."""
    if not isinstance(value, str) or value[4:5] != "-":
        raise ValueError("must be ISO 8601, as 2024-06-03 for a date and 2024-06-03T09:30:00+02:00 for a time")
    return value


def _refuse_distant_year(value: D) -> D:
    if not 1970 <= value.year <= 2200:
        raise ValueError("must lie between the years 1970 and 2200")
    return value


def _whole(value: object) -> object:
    """JSON knows one kind of number: 5.0 is 5."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _refuse_offset(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError("is on the manager's clock, and has no offset")
    return value


Key = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Whole = Annotated[int, BeforeValidator(_whole)]
Count = Annotated[Whole, Field(ge=1)]
Date = Annotated[date, Strict(False), AfterValidator(_refuse_distant_year), BeforeValidator(_refuse_numbers)]
Time = Annotated[AwareDatetime, Strict(False), AfterValidator(_refuse_distant_year), BeforeValidator(_refuse_numbers)]
Clock = Annotated[time, AfterValidator(_refuse_offset)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Level = Annotated[Whole, Field(ge=1, le=5)]
Rating = Annotated[Whole, Field(ge=1, le=5)]


def _refuse_unknown_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no IANA time zone") from None
    return name


Zone = Annotated[Key, AfterValidator(_refuse_unknown_zone)]


class Shape(BaseModel):
    """Frozen, and refuses what it does not know, and a text where a number belongs."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class QuietHoursShape(Shape):
    """On the wall clock of the manager, over midnight when `end` is the earlier."""

    start: Clock
    end: Clock

    @model_validator(mode="after")
    def _must_differ(self) -> QuietHoursShape:
        if self.start == self.end:
            raise ValueError("start and end are the same: set null where no hours are quiet")
        return self


class AttentionShape(Shape):
    """How often, and when, a manager may be interrupted."""

    weekly_budget: Count = 2
    quiet_hours: QuietHoursShape | None = QuietHoursShape(start=time(18), end=time(8))
    working_days: Annotated[frozenset[Annotated[Whole, Field(ge=1, le=7)]], Field(min_length=1)] = frozenset(
        {1, 2, 3, 4, 5}
    )
    nudge_ttl_days: Count = 14


class CompanyShape(Shape):
    """`company.json`"""

    name: Key
    start: Date
    days: Annotated[Whole, Field(ge=1, le=3_700)]
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
    version: Whole = 1
    removed: bool = False
    known_on: Date | None = None


class PositionShape(Shape):
    """Where a person works from a moment on."""

    team_id: Key | None
    manager_id: Key | None = None
    role: Key
    effective_from: Time


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
    version: Whole = 1
    known_on: Date | None = None


class DirectoryLine(Shape):
    """A line of `directory.jsonl`, of one type or the other."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)
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
    effort_minutes: Count
    language: Key = "en"
    format: str | None = None
    valid_for_days: Count | None = None
    external_ids: dict[str, str] = {}
    retired: bool = False
    version: Whole = 1


class SignalShape(Shape):
    """A line of `signals.jsonl`."""

    id: str = ""
    source: Key
    kind: Key
    team_id: Key
    severity: Share
    summary: str = ""
    url: str | None = None
    occurred_at: Time
    attributes: dict[str, str] = {}
    received_at: Time | None = None


class MeasurementShape(Shape):
    """A line of `measurements.jsonl`."""

    id: str = ""
    kpi: Key
    team_id: Key
    value: Number
    n: Count = 1
    period_start: Time
    period_end: Time
    version: Count = 1
    received_at: Time | None = None


class LearningShape(Shape):
    """A line of `learning.jsonl`."""

    id: str = ""
    person_id: Key
    content_id: Key
    verb: Literal["enrolled", "started", "progressed", "completed", "passed", "failed"]
    score: Share | None = None
    registration: str | None = None
    source: Key = "lms"
    occurred_at: Time
    received_at: Time | None = None


class ReviewShape(Shape):
    """A line of `reviews.jsonl`."""

    content_id: Key
    person_id: Key
    rating: Rating
    occurred_at: Time


class EffectShape(Shape):
    """A line of `effects.jsonl`."""

    content_id: Key
    team_id: Key
    competency: Key
    kpi: Key
    improvement_sigma: Number
    n_before: Count
    n_after: Count
    people: Count
    occurred_at: Time


class EpisodeShape(Shape):
    """Something that is really the matter."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)
    team_id: Key
    competency: Key
    cause: Cause
    begins: Date = Field(alias="from")
    ends: Date | None = Field(default=None, alias="to")
    shift_sigma: Number = 0.0
    kpis: tuple[Key, ...] = ()
    corroborated: bool = False
    people: tuple[Key, ...] = ()
    ramp_working_days: Annotated[Whole, Field(ge=0)] = 0


class GainShape(Shape):
    """What content is really worth for a competency."""

    content_id: Key
    competency: Key
    gain: Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]


class TruthShape(Shape):
    """`truth.json`"""

    episodes: tuple[EpisodeShape, ...] = ()
    contents: tuple[GainShape, ...] = ()
    managers: dict[Key, Literal[*MANAGER_KINDS]] = {}  # type: ignore[valid-type]
