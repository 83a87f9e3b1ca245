"""What callers see when they ask why: competencies against goals, each number with what it rests on, and KPIs over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime

from pydantic import BaseModel, Field

from kinetic.contracts.ids import CompetencyKey, ContentId, GapId, KpiKey, TeamId
from kinetic.contracts.skill_gap import Direction, Evidence, Explanation, GapClosedReason, Kpi
from kinetic.directory.privacy import SMALLEST_GROUP, Sight
from kinetic.skill_gap.association_views import Associations, AssociationView
from kinetic.skill_gap.domain.assess import Picture
from kinetic.skill_gap.domain.assessment import Assessment, AssessmentKey, Standing
from kinetic.skill_gap.domain.days import day_of
from kinetic.skill_gap.domain.readings import Charted
from kinetic.skill_gap.domain.surge import nothing_seen
from kinetic.skill_gap.domain.weighing import Weighing, linked_kpis, weigh
from kinetic.skill_gap.store.masteries import Completed
from kinetic.skill_gap.store.verdicts import Band


class WhyView(BaseModel):
    """What the numbers of a cell rest on. Scores are log-likelihood ratios in nats."""

    pressure_of_signals: float
    pressure_of_kpis: float
    signals_score: float = Field(description="How surely there are more signals than usual.")
    kpi: KpiKey | None = Field(description="The linked KPI that has slipped most surely.")
    kpi_score: float
    kpi_shift: float | None = Field(description="How far it lies from what is usual, in standard deviations.")
    kpi_association: AssociationView | None = Field(description="How it goes with the competency, over all teams.")
    required: int | None = Field(description="Members whose role requires the competency. Null when suppressed.")
    assessed: int | None = Field(description="How many of them were ever assessed. Null when suppressed.")
    explanation: Explanation | None = Field(description="What explains the scores better than a missing skill.")
    cools_until: datetime | None = Field(
        description="A gap has closed lately: until then none opens anew, unless the work asks clearly more than it did, or "
        "the team holds clearly less."
    )
    evidence: list[Evidence] = Field(description="The newest signals.")


class CellView(BaseModel):
    """A competency and a goal that it carries."""

    competency: CompetencyKey
    goal: str
    coverage: float | None = Field(description="Null when nobody was assessed, or when it is suppressed.")
    below: int | None = Field(description="Members below the level that their role requires. Null when suppressed.")
    pressure: float
    standing: Standing
    gap_id: GapId | None
    fresh_as_of: datetime | None = Field(description="When the newest signal or measurement of it was seen.")
    why: WhyView


class GoalView(BaseModel):
    """A goal of the map."""

    key: str
    name: str
    weight: float
    kpis: list[KpiKey]


class DiagnosisView(BaseModel):
    """A team's competencies against its goals, as of a moment."""

    team_id: TeamId
    map_version: int
    as_of: datetime
    goals: list[GoalView]
    cells: list[CellView]


class ReadingView(BaseModel):
    """One measurement, by the end of its period."""

    at: datetime
    value: float
    n: int


class BandView(BaseModel):
    """A gap of a competency that the KPI tells of, from its opening to its end; null while it is open."""

    competency: CompetencyKey
    opened_at: datetime
    closed_at: datetime | None
    reason: GapClosedReason | None


class CompletionView(BaseModel):
    """How many people of the team completed or passed a content item on a day, in UTC. Never who."""

    day: date
    content_id: ContentId
    competency: CompetencyKey
    people: int


class KpiSeriesView(BaseModel):
    """A KPI of a team over time. `usual`, `level` and `slips_since` stand there while its control chart alarms."""

    kpi: KpiKey
    name: str
    unit: str
    direction: Direction
    target: float
    alarm: float
    competencies: list[CompetencyKey]
    readings: list[ReadingView]
    usual: float | None
    level: float | None
    slips_since: datetime | None
    gaps: list[BandView]
    completions: list[CompletionView] | None = Field(
        description="Since the first reading, of content that teaches these competencies, by those who work in the team now and "
        f"did then. Null when they are fewer than {SMALLEST_GROUP} and do not all report to the caller."
    )
    associations: list[AssociationView] = Field(
        description="How it goes with these competencies, over all teams; what goes with it most surely first."
    )


def diagnose(
    team_id: TeamId, picture: Picture, associations: Associations, sight: Sight, now: datetime
) -> DiagnosisView:
    """The matrix of a team."""
    rules = picture.rules
    goals = [GoalView(key=g.key, name=g.name, weight=g.weight, kpis=list(g.kpis)) for g in rules.goals]
    cells = [
        _cell((team_id, competency), goal.key, picture, associations, sight, now)
        for goal in rules.goals
        for competency in goal.competencies
    ]
    return DiagnosisView(team_id=team_id, map_version=rules.version, as_of=now, goals=goals, cells=cells)


def view_series(
    kpi: Kpi,
    charted: Charted,
    bands: Sequence[Band],
    completions: Sequence[Completed] | None,
    associations: Associations,
) -> KpiSeriesView:
    """The readings that are kept of a KPI, the gaps that it tells of, what was completed meanwhile, and what it goes with."""
    slip, rules = charted.slip, associations.rules
    return KpiSeriesView(
        kpi=kpi.key,
        name=kpi.name,
        unit=kpi.unit,
        direction=kpi.direction,
        target=kpi.target,
        alarm=kpi.alarm,
        competencies=[rule.competency for rule in rules.kpi_rules if rule.kpi == kpi.key],
        readings=[ReadingView(at=one.at, value=one.value, n=one.n) for one in charted.chart.readings],
        usual=slip.usual,
        level=slip.level,
        slips_since=slip.since,
        gaps=[BandView(**asdict(one)) for one in bands],
        completions=None if completions is None else [CompletionView(**asdict(one)) for one in completions],
        associations=associations.of(kpi.key),
    )


def _cell(
    key: AssessmentKey, goal: str, picture: Picture, associations: Associations, sight: Sight, now: datetime
) -> CellView:
    known, coverage = picture.assessments.get(key), picture.coverage(key, now)
    is_shown = sight.shows_figures_of(coverage.required_of)
    return CellView(
        competency=key[1],
        goal=goal,
        coverage=coverage.share if is_shown else None,
        below=len(coverage.below) if is_shown else None,
        pressure=picture.pressure(key, now),
        standing=known.standing if known else Standing.QUIET,
        gap_id=known.gap_id if known else None,
        fresh_as_of=_newest(key, picture),
        why=_why(key, picture, associations, sight, now),
    )


def _why(key: AssessmentKey, picture: Picture, associations: Associations, sight: Sight, now: datetime) -> WhyView:
    known, coverage, weighing = picture.assessments.get(key), picture.coverage(key, now), _weigh(key, picture, now)
    numbers, is_shown = weighing.numbers, sight.shows_figures_of(coverage.required_of)
    return WhyView(
        pressure_of_signals=known.pressure.at(now) if known else 0.0,
        pressure_of_kpis=numbers.pressure,
        signals_score=weighing.surge,
        kpi=numbers.slip.kpi if numbers.slip else None,
        kpi_score=numbers.departure.score,
        kpi_shift=numbers.departure.own if numbers.departure.since else None,
        kpi_association=associations.view((numbers.slip.kpi, key[1])) if numbers.slip else None,
        required=len(coverage.required_of) if is_shown else None,
        assessed=coverage.assessed if is_shown else None,
        explanation=weighing.explanation() if weighing.score else None,
        cools_until=_cools_until(known, picture, now),
        evidence=list(known.evidence) if known else [],
    )


def _cools_until(known: Assessment | None, picture: Picture, now: datetime) -> datetime | None:
    last = known.last_gap if known else None
    until = last.cools_until(picture.rules.detection.cool_down_days) if last else None
    return until if until and until > now else None


def _weigh(key: AssessmentKey, picture: Picture, now: datetime) -> Weighing:
    known, today = picture.assessments.get(key), day_of(now)
    surge = known.surge if known else nothing_seen(today)
    return weigh(key[1], surge, picture.numbers(key, now), picture.around(key[0]), today)


def _newest(key: AssessmentKey, picture: Picture) -> datetime | None:
    known = picture.assessments.get(key)
    slips = picture.around(key[0]).of(linked_kpis(picture.rules, key[1]))
    seen = [slip.measured_at for slip in slips] + [one.observed_at for one in (known.evidence if known else ())]
    return max(seen, default=None)
