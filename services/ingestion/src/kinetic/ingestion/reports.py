"""What `POST /events` and the intake topics take: CloudEvents 1.0 with one of three types of data, checked strictly."""

from __future__ import annotations

import re
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    WithJsonSchema,
    model_validator,
)

from kinetic.contracts.fields import Share, ShortText, Slug, Text, Time, Url, refuse_unstorable
from kinetic.contracts.ingestion import LearningVerb
from kinetic.ingestion.domain.occurrences import EMAIL, Handle, Learning, Measurement, Occurrence, Signal, TeamPlace
from kinetic.ingestion.fields import Email, PastTime

KIND_PATTERN = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$"
_LARGEST_COUNT = 1_000_000_000
_LARGEST_INTEGER = 2**31 - 1
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,18})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_NO_CONTROL_CHARACTER = r"^[^\x00-\x1f\x7f-\x9f]*$"
_LARGEST_VERSION = 2**53


def refuse_broken_reference(source: str) -> str:
    """Return `source`; ValueError when it is no URI reference (RFC 3986)."""
    try:
        urlsplit(source)
    except ValueError:
        raise ValueError("must be a URI reference") from None
    return source


def refuse_other_than_json(media_type: str) -> str:
    """Return `media_type`; ValueError when it does not stand for JSON in UTF-8."""
    plain = media_type.partition(";")[0].strip().lower()
    if plain != "application/json" and not re.fullmatch(r"application/[\w.-]+\+json", plain):
        raise ValueError("must be application/json: no other data is taken here")
    if not names_utf_8(media_type):
        raise ValueError("must be in UTF-8")
    return media_type


def names_utf_8(media_type: str) -> bool:
    """Whether a media type names no charset but UTF-8, or ASCII, which is a part of it."""
    named = re.findall(r";\s*charset\s*=\s*\"?([^\s;\"]*)", media_type, re.IGNORECASE)
    return all(charset.lower() in ("utf-8", "utf8", "us-ascii") for charset in named)


def refuse_other_than_rfc_3339(time: object) -> object:
    """Return `time`; ValueError when it is no text as RFC 3339 wants it. Seconds since 1970 are none."""
    if not isinstance(time, str) or not _RFC_3339.fullmatch(time):
        raise ValueError("must be a time as RFC 3339 writes it, e.g. 2026-01-31T09:30:00Z")
    return time


EventSource = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=500, pattern=r"^([A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$"
    ),
    AfterValidator(refuse_broken_reference),
]
EventIdText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, pattern=_NO_CONTROL_CHARACTER),
    AfterValidator(refuse_unstorable),
]
EventTime = Annotated[Time, Field(strict=False), BeforeValidator(refuse_other_than_rfc_3339)]
PastEventTime = Annotated[PastTime, Field(strict=False), BeforeValidator(refuse_other_than_rfc_3339)]

JsonMediaType = Annotated[
    str,
    AfterValidator(refuse_other_than_json),
    WithJsonSchema({"type": "string", "pattern": "^application/([a-z.-]+\\+)?json(;charset=utf-8)?$"}),
]
ExtensionName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,100}$")]
Extension = (
    Annotated[str, StringConstraints(max_length=2000, pattern=_NO_CONTROL_CHARACTER)]
    | bool
    | Annotated[int, Field(ge=-_LARGEST_INTEGER - 1, le=_LARGEST_INTEGER)]
    | None
)


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


class MeasurementReport(_Strict):
    """One observation of a KPI of a team over a period, which ends after it starts."""

    kpi: Slug
    team: Slug = Field(description="The team's slug.")
    value: float
    n: int = Field(ge=1, le=_LARGEST_COUNT, description="How many cases the value summarises.")
    period_start: PastEventTime
    period_end: PastEventTime
    version: int | None = Field(
        default=None,
        ge=1,
        le=_LARGEST_VERSION,
        description="Of several for one KPI, team and period only one newer than all before it counts. "
        "Without it, every event counts.",
    )

    @model_validator(mode="after")
    def refuse_backward_period(self) -> MeasurementReport:
        """ValueError when the period ends before it starts."""
        if self.period_end < self.period_start:
            raise ValueError("period_end must not lie before period_start")
        return self

    def occurrence(self, source: str) -> Occurrence:
        """What happened, for the domain."""
        del source
        period = self.period_start, self.period_end
        return Measurement(TeamPlace(self.team), self.kpi, self.value, self.n, *period, self.version)


class PersonByEmail(_Strict):
    """A person by the address in the directory."""

    email: Email

    def handle(self) -> Handle:
        """The person's handle."""
        return Handle(EMAIL, self.email)


class SystemHandle(_Strict):
    """A person or content item by the id in another system."""

    system: Slug
    id: ShortText

    def handle(self) -> Handle:
        """The same for the domain."""
        return Handle(self.system, self.id)


class LearningReport(_Strict):
    """A person learned something."""

    person: PersonByEmail | SystemHandle
    content: SystemHandle
    verb: Annotated[LearningVerb, Field(strict=False)]
    score: Share | None = None
    registration: ShortText | None = Field(default=None, description="The assignment id that the LMS was given.")
    occurred_at: PastEventTime

    def occurrence(self, source: str) -> Occurrence:
        """What happened, for the domain."""
        person, content = self.person.handle(), self.content.handle()
        return Learning(person, content, self.verb, self.score, self.registration, source, self.occurred_at)


class SignalReport(_Strict):
    """Something happened at a team's work."""

    kind: Annotated[str, StringConstraints(pattern=KIND_PATTERN, max_length=100)]
    team: Slug = Field(description="The team's slug.")
    severity: Share
    summary: Annotated[Text, StringConstraints(min_length=1)]
    url: Url | None = None
    occurred_at: PastEventTime
    attributes: dict[Slug, ShortText] = Field(default_factory=dict, max_length=20)

    def occurrence(self, source: str) -> Occurrence:
        """What happened, for the domain."""
        place = TeamPlace(self.team)
        return Signal(
            place, source, self.kind, self.severity, self.summary, self.url, self.occurred_at, self.attributes
        )


class CloudEvent(BaseModel):
    """The context attributes of CloudEvents 1.0. Extension attributes are taken and not kept."""

    model_config = ConfigDict(frozen=True, strict=True, extra="allow", allow_inf_nan=False)
    __pydantic_extra__: dict[ExtensionName, Extension] = Field(init=False)

    specversion: Literal["1.0"]
    id: EventIdText
    source: EventSource
    time: EventTime | None = None
    datacontenttype: JsonMediaType | None = None
    dataschema: EventSource | None = None
    subject: EventIdText | None = None


class MeasurementReported(CloudEvent):
    """A tool reports a measurement."""

    type: Literal["kinetic.measurement.report.v1"]
    data: MeasurementReport


class LearningReported(CloudEvent):
    """An LMS reports what somebody learned."""

    type: Literal["kinetic.learning.report.v1"]
    data: LearningReport


class SignalReported(CloudEvent):
    """A tool without a connector reports a signal."""

    type: Literal["kinetic.signal.report.v1"]
    data: SignalReport


AnyReported = MeasurementReported | LearningReported | SignalReported
Reported = Annotated[AnyReported, Field(discriminator="type")]

ReportType = Literal["kinetic.measurement.report.v1", "kinetic.learning.report.v1", "kinetic.signal.report.v1"]
"""The CloudEvents types that are taken."""

TYPES: tuple[str, ...] = get_args(ReportType)

one_report: TypeAdapter[AnyReported] = TypeAdapter(Reported)
"""Validates one structured event."""

any_data: TypeAdapter[MeasurementReport | LearningReport | SignalReport] = TypeAdapter(
    MeasurementReport | LearningReport | SignalReport
)
"""The data alone, as it stands in the body of a binary event."""

many_reports: TypeAdapter[list[AnyReported]] = TypeAdapter(list[Reported])
"""Validates a batch that is right as a whole."""


def occurrence_of(event: AnyReported) -> Occurrence:
    """What a reported event says happened."""
    return event.data.occurrence(event.source)
