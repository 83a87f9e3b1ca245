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
    """The settings of a chart. Numbers of readings count readings, whether daily, weekly or monthly.

    The two limits are set by simulation (`tests/test_charts_run_length.py`): both charts together raise about one false alarm in
    5,000 readings, with the baseline estimated, whatever the distribution. For known parameters the tables would
    allow a CUSUM limit of 4.6; estimated ones need more (Jones, Champ and Rigdon, Technometrics 46(1), 2004).
    """

    least_history: int = 20
    """Readings before a chart says anything; 20 to 25 are customary (Montgomery, Introduction to Statistical Quality Control)."""

    most_history: int = 70
    """Readings that tell what is usual: ten weeks of days."""

    guard: int = 10
    """The newest readings, which do not tell it yet: a shift is found before it can be taken for usual."""

    renewal: int = 7
    """How many readings at a time become old enough to tell it: a week of days."""

    shift_sigma: float = 1.5
    """The shift δ that the CUSUM finds soonest, by k = δ/2 (Page 1954; optimal by Moustakides, Annals of Statistics 14, 1986)."""

    cusum_limit: float = 5.5
    """The CUSUM's h, in standard deviations: 8.25 nats."""

    ewma_weight: float = 0.1
    """The EWMA's λ, for shifts of one standard deviation, which the CUSUM is slow to find (Lucas and Saccucci 1990)."""

    ewma_width: float = 3.8
    """The EWMA's L, in standard deviations of the average."""

    back_reference: float = 0.5
    """The k of the CUSUM of the way back from one standard deviation: an alarm ends when it signals."""

    back_limit: float = 5.0
    """Its h. By the tables it signals 10.4 readings after the level is back, and in error after 930 on average while it is not."""

    normal_after_days: float = 90.0
    """From then on a shift that lasts is the usual level, once it has the least history; the chart learns anew."""

    window: int = 40
    """The newest readings, among which one may still come late or be corrected."""

    @property
    def most_total(self) -> float:
        """Where the CUSUM stops growing, so that it falls soon after the level is back."""
        return 2 * self.cusum_limit
