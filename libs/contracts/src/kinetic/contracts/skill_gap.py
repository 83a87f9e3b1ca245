"""Events of skill-gap: the capability map, and which skill is missing where."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final

from pydantic import Field

from kinetic.contracts import topics
from kinetic.contracts.event import Event, Part
from kinetic.contracts.fields import Level, Share
from kinetic.contracts.ids import CompetencyKey, EventId, GapId, KpiKey, PersonId, RoleKey, TeamId


class Competency(Part):
    """A skill that work can ask for."""

    key: CompetencyKey
    name: str
    description: str = ""
    never_withheld: bool = Field(
        default=False,
        description="Nudges about it are never withheld by the holdout. Those about what signals of safety or security ask for "
        "are not anyway.",
    )


class Direction(StrEnum):
    """Which way a KPI gets better."""

    LOWER_IS_BETTER = "lower_is_better"
    HIGHER_IS_BETTER = "higher_is_better"


class Kpi(Part):
    """A number of the business, and the vanity metric that it replaces."""

    key: KpiKey
    name: str
    unit: str
    direction: Direction
    target: float
    alarm: float = Field(description="The value from which on a measurement counts as slipping.")
    replaces: str = Field(default="", description="The learning metric it stands in for, e.g. `course completions`.")


class Goal(Part):
    """What the business wants, told by KPIs and carried by competencies."""

    key: str
    name: str
    weight: float = Field(default=1.0, gt=0)
    kpis: tuple[KpiKey, ...]
    competencies: tuple[CompetencyKey, ...]


class Requirement(Part):
    """The level of a competency that a role needs."""

    role: RoleKey
    competency: CompetencyKey
    level: Level


class SignalRule(Part):
    """Signals of a kind ask for a competency. `kind` may end in `.*`."""

    kind: str
    competency: CompetencyKey
    weight: float = Field(gt=0)
    half_life_days: float = Field(gt=0)


class KpiRule(Part):
    """A slipping KPI asks for a competency."""

    kpi: KpiKey
    competency: CompetencyKey
    weight: float = Field(gt=0)
    half_life_days: float = Field(gt=0)


class Detection(Part):
    """How sure Kinetic must be before it opens a gap. Scores are log-likelihood ratios in nats: e⁵ = 148 to 1."""

    opening_pressure: float = Field(default=1.0, ge=0, description="Less never opens a gap, however sure it is.")
    calm_pressure: float = Field(default=0.25, ge=0, description="An open gap closes below it.")
    opening_score: float = Field(
        default=5.0,
        ge=0,
        le=20,
        description="How surely signals or KPIs must have got worse than they usually are. With 0 pressure alone decides.",
    )
    calm_score: float = Field(default=1.0, ge=0, le=20, description="An open gap closes below it.")
    cool_down_days: float = Field(
        default=14.0,
        ge=0,
        le=365,
        description="For so long after a gap has closed none opens anew, unless the work presses half as hard again as it did, or "
        "the team holds clearly less than when it closed.",
    )


class CapabilitiesPublished(Event):
    """The capability map, whole. Triggered when an edited map is accepted."""

    type: ClassVar[str] = "kinetic.capabilities.published.v1"
    topic: ClassVar[str] = topics.CAPABILITIES
    KEY: ClassVar[str] = "capabilities"

    version: int
    competencies: tuple[Competency, ...]
    kpis: tuple[Kpi, ...]
    goals: tuple[Goal, ...]
    requirements: tuple[Requirement, ...]
    signal_rules: tuple[SignalRule, ...]
    kpi_rules: tuple[KpiRule, ...]
    detection: Detection = Detection()
    published_at: datetime

    @property
    def key(self) -> str:
        return self.KEY


class Evidence(Part):
    """One observation that speaks for a gap, with its link and age."""

    event_id: EventId
    source: str
    kind: str = Field(description="The kind of the signal, or `kpi.<key>` for a measurement.")
    statement: str
    url: str | None = None
    weight: float = Field(description="What it added to the pressure when it was observed.")
    observed_at: datetime


class Grounds(Part):
    """How surely the work goes worse than usual, and what else was looked at. Scores in nats; teams and KPIs besides this one."""

    signals_score: float = Field(description="Of signals that come more often than usual.")
    kpi_score: float = Field(
        description="Of the linked KPI that has slipped most surely, by what the others do not share."
    )
    kpi: KpiKey | None
    kpi_shift: float | None = Field(
        default=None, description="How far it lies from its usual level, in standard deviations."
    )
    kpi_shared: float | None = Field(default=None, description="How far the other teams went on the same days.")
    others_share: float = Field(
        default=0.0, description="How much likelier it is that they share it than not, in nats."
    )
    kpis_share: float = Field(default=0.0, description="The same of the team's other KPIs.")
    needed_score: float = Field(description="What the sum of both has to reach, higher the more the team holds.")
    other_teams: int = Field(description="Other teams of which the same is observed.")
    other_teams_slipping: int
    other_kpis: int = Field(description="KPIs of the team that have nothing to do with the competency.")
    other_kpis_slipping: int
    people: int
    people_before: int = Field(description="How many worked here 60 or 120 days ago, whichever tells of more change.")
    people_stayed: int = Field(description="How many of them still do.")


class GapVerdict(Part):
    """What every verdict about a team and a competency carries."""

    team_id: TeamId
    competency: CompetencyKey
    competency_name: str
    goal: str | None = Field(description="Key of the goal that the competency carries, the heaviest first.")
    goal_weight: float = Field(default=1.0, gt=0, description="The weight of that goal; 1 when there is none.")
    pressure: float = Field(ge=0)
    coverage: Share | None = Field(description="None when no member has been assessed.")
    evidence: tuple[Evidence, ...]
    grounds: Grounds | None = None
    map_version: int
    decided_at: datetime


class _GapEvent(Event, GapVerdict):
    topic: ClassVar[str] = topics.GAPS

    gap_id: GapId
    version: int = Field(description="Counts the changes of this gap from 1.")

    @property
    def key(self) -> str:
        return self.team_id


_MAY_BE_WITHHELD: Final = Field(
    default=False, description="Whether the holdout may withhold a nudge about it. It may not where nothing is told."
)


class GapOpened(_GapEvent):
    """Pressure is high and coverage low: a team misses a competency that its work asks for."""

    type: ClassVar[str] = "kinetic.gap.opened.v1"

    person_ids: tuple[PersonId, ...] = Field(description="The members below the level that their role requires.")
    required_level: Level
    may_be_withheld: bool = _MAY_BE_WITHHELD


class GapChanged(_GapEvent):
    """The evidence, the members concerned or the coverage of an open gap have moved."""

    type: ClassVar[str] = "kinetic.gap.changed.v1"

    person_ids: tuple[PersonId, ...]
    required_level: Level
    may_be_withheld: bool = _MAY_BE_WITHHELD


class GapClosedReason(StrEnum):
    """Why a gap closed."""

    COVERED = "covered"
    CALM = "calm"
    NO_LONGER_REQUIRED = "no_longer_required"


class GapClosed(_GapEvent):
    """The team holds the competency again, or the work no longer asks for it."""

    type: ClassVar[str] = "kinetic.gap.closed.v1"

    reason: GapClosedReason


class Explanation(StrEnum):
    """What explains the pressure better than a missing skill."""

    ALREADY_COVERED = "already_covered"
    NOT_REQUIRED = "not_required"
    STAFFING = "staffing"
    TOOLING = "tooling"
    INCIDENT_WAVE = "incident_wave"
    TOO_FEW_DATA = "too_few_data"


class _RuledOut(Event, GapVerdict):
    topic: ClassVar[str] = topics.GAPS

    @property
    def key(self) -> str:
        return self.team_id


class GapRuledOut(_RuledOut):
    """Pressure is high, and training is not the answer: the reason says what it looks like instead."""

    type: ClassVar[str] = "kinetic.gap.ruled_out.v2"

    reason: Explanation


class RuledOutReason(StrEnum):
    """The reasons that the first version knows."""

    ALREADY_COVERED = "already_covered"
    NOT_REQUIRED = "not_required"


class GapRuledOutV1(_RuledOut):
    """The same for readers of the first version, told beside the second where it knows the reason."""

    type: ClassVar[str] = "kinetic.gap.ruled_out.v1"

    reason: RuledOutReason
