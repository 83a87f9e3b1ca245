"""The capability map of a company, in the words of `kinetic.capabilities.published.v1`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Competency:
    """A skill that work can ask for."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Kpi:
    """A number of the business. `direction` is lower_is_better or higher_is_better."""

    key: str
    name: str
    unit: str
    direction: str
    target: float
    alarm: float

    @property
    def worse(self) -> float:
        """+1 when more is worse, else -1."""
        return 1.0 if self.direction == "lower_is_better" else -1.0

    def is_beyond(self, value: float, limit: float) -> bool:
        """Whether a value is worse than a limit."""
        return (value - limit) * self.worse > 0


@dataclass(frozen=True, slots=True)
class Goal:
    """What the business wants, told by KPIs and carried by competencies."""

    key: str
    name: str
    kpis: tuple[str, ...]
    competencies: tuple[str, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Requirement:
    """The level of a competency, 1..5, that a role needs."""

    role: str
    competency: str
    level: int


@dataclass(frozen=True, slots=True)
class SignalRule:
    """Signals of a kind ask for a competency. `kind` may end in `.*`."""

    kind: str
    competency: str
    weight: float
    half_life_days: float

    def takes(self, kind: str) -> bool:
        """Whether the rule is about signals of `kind`."""
        return kind.startswith(self.kind[:-1]) if self.kind.endswith(".*") else kind == self.kind


@dataclass(frozen=True, slots=True)
class KpiRule:
    """A slipping KPI asks for a competency."""

    kpi: str
    competency: str
    weight: float
    half_life_days: float


@dataclass(frozen=True, slots=True)
class CapabilityMap:
    """The whole map."""

    competencies: tuple[Competency, ...]
    kpis: tuple[Kpi, ...]
    goals: tuple[Goal, ...]
    requirements: tuple[Requirement, ...]
    signal_rules: tuple[SignalRule, ...]
    kpi_rules: tuple[KpiRule, ...]
    version: int = 1

    def kpis_of(self, competency: str) -> tuple[str, ...]:
        """The KPIs whose slipping asks for a competency."""
        return tuple(rule.kpi for rule in self.kpi_rules if rule.competency == competency)

    def level(self, role: str, competency: str) -> int:
        """The level that a role needs; 0 when it needs none."""
        return max((r.level for r in self.requirements if (r.role, r.competency) == (role, competency)), default=0)

    def levels(self) -> dict[tuple[str, str], int]:
        """The level that each role needs of each competency that it needs."""
        return {(r.role, r.competency): self.level(r.role, r.competency) for r in self.requirements}
