"""What is charted, and how."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

SECONDS_PER_DAY = 86_400.0


class ChartKind(StrEnum):
    """Which chart found a shift."""

    CUSUM = "cusum"
    EWMA = "ewma"


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of a KPI of a team: the end of its period, which names it, and how many cases it summarises."""

    at: datetime
    value: float
    n: int = 1


class Point(NamedTuple):
    """A reading as the chart keeps it. The moment is in seconds since 1970, UTC."""

    at: float
    value: float
    n: int


@dataclass(frozen=True, slots=True)
class ChartDesign:
    """The settings of a chart."""

    least_history: int = 20
    most_history: int = 70
    guard: int = 10
    renewal: int = 7
    shift_sigma: float = 1.5
    cusum_limit: float = 5.4
    ewma_weight: float = 0.1
    ewma_width: float = 3.75
    back_reference: float = 0.5
    back_limit: float = 5.0
    normal_after_days: float = 90.0
    window: int = 40

    @property
    def most_total(self) -> float:
        """Where the CUSUM stops growing, so that it falls soon after the level is back."""
        return 2 * self.cusum_limit
