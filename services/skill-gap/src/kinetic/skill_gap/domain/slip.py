"""How surely a KPI of a team is worse than it was: what a verdict needs of a control chart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kinetic.contracts.ids import EventId, KpiKey
from kinetic.skill_gap.domain.track import NOTHING, Track


@dataclass(frozen=True, slots=True)
class Slip:
    """`score` says in nats how surely the KPI has slipped, 0 when it has not.

    `track` holds its newest readings in standard deviations.
    `usual` and `level` are what it was and what it is, in its unit; `since` is when it changed. They are None until the chart
    has alarmed. `value`, `n`, `event_id` and `measured_at` are those of the newest measurement. `is_established` says that the
    chart has enough history to know what is usual.
    """

    kpi: KpiKey
    score: float
    is_established: bool
    value: float
    n: int
    event_id: EventId
    measured_at: datetime
    since: datetime | None = None
    usual: float | None = None
    level: float | None = None
    track: Track = NOTHING
