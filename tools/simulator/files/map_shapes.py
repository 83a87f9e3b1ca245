"""The capability map as a document: the fields of `kinetic.capabilities.published.v1`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from tools.simulator.capabilities import (
    CapabilityMap,
    Competency,
    Goal,
    Kpi,
    KpiRule,
    Requirement,
    SignalRule,
)
from tools.simulator.files.shapes import Key, Level, Number, Positive, Shape, Whole


class CompetencyShape(Shape):
    """A skill."""

    key: Key
    name: str
    description: str = ""
    never_withheld: bool = False


class KpiShape(Shape):
    """A number of the business."""

    key: Key
    name: str = ""
    unit: str = ""
    direction: Literal["lower_is_better", "higher_is_better"]
    target: Number
    alarm: Number
    replaces: str = ""


class GoalShape(Shape):
    """What the business wants."""

    key: Key
    name: str = ""
    weight: Positive = 1.0
    kpis: tuple[Key, ...] = ()
    competencies: tuple[Key, ...] = ()


class RequirementShape(Shape):
    """What a role needs."""

    role: Key
    competency: Key
    level: Level


class SignalRuleShape(Shape):
    """Signals that ask for a competency."""

    kind: Key
    competency: Key
    weight: Positive = 1.0
    half_life_days: Positive = 14.0


class KpiRuleShape(Shape):
    """A KPI that asks for a competency."""

    kpi: Key
    competency: Key
    weight: Positive = 1.0
    half_life_days: Positive = 14.0


class MapShape(Shape):
    """`capabilities.json`"""

    version: Whole = 1
    competencies: tuple[CompetencyShape, ...] = Field(min_length=1)
    kpis: tuple[KpiShape, ...] = ()
    goals: tuple[GoalShape, ...] = ()
    requirements: tuple[RequirementShape, ...] = ()
    signal_rules: tuple[SignalRuleShape, ...] = ()
    kpi_rules: tuple[KpiRuleShape, ...] = ()
    detection: dict[str, Any] = {}
    published_at: str = ""

    def as_map(self) -> CapabilityMap:
        """The same as a policy sees it."""
        return CapabilityMap(
            competencies=tuple(Competency(c.key, c.name) for c in self.competencies),
            kpis=tuple(Kpi(k.key, k.name, k.unit, k.direction, k.target, k.alarm) for k in self.kpis),
            goals=tuple(Goal(g.key, g.name, g.kpis, g.competencies, g.weight) for g in self.goals),
            requirements=tuple(Requirement(r.role, r.competency, r.level) for r in self.requirements),
            signal_rules=tuple(SignalRule(r.kind, r.competency, r.weight, r.half_life_days) for r in self.signal_rules),
            kpi_rules=tuple(KpiRule(r.kpi, r.competency, r.weight, r.half_life_days) for r in self.kpi_rules),
            version=self.version,
        )
