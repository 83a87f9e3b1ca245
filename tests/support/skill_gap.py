"""Small values that the tests of skill-gap decide about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count

from kinetic.common.events import Envelope, new_id
from kinetic.contracts.ids import CompetencyKey, EventId, PersonId, RoleKey, TeamId
from kinetic.contracts.ingestion import SignalObserved
from kinetic.contracts.skill_gap import CapabilitiesPublished, Competency, Detection, Goal, Requirement, SignalRule
from kinetic.skill_gap.domain.coverage import Learner
from kinetic.skill_gap.domain.forgetting import Memory
from kinetic.skill_gap.domain.mastery import Mastery

NOW = datetime.now(UTC).replace(microsecond=0)
SKILL = CompetencyKey("release-engineering")
ENGINEER = RoleKey("engineer")
TEAM = TeamId("0199f000-0000-7000-8000-000000000001")

RULES = CapabilitiesPublished(
    version=3,
    competencies=(Competency(key=SKILL, name="Release engineering"),),
    kpis=(),
    goals=(Goal(key="ship-safely", name="Ship safely", kpis=(), competencies=(SKILL,)),),
    requirements=(Requirement(role=ENGINEER, competency=SKILL, level=3),),
    signal_rules=(SignalRule(kind="delivery.*", competency=SKILL, weight=1.0, half_life_days=14.0),),
    kpi_rules=(),
    detection=Detection(opening_score=0),
    published_at=NOW,
)


def signal(severity: float = 0.5, team: TeamId = TEAM, kind: str = "delivery.failed") -> Envelope[SignalObserved]:
    """A signal about a team, observed now."""
    event_id = EventId(new_id())
    observed = SignalObserved(
        source="github", kind=kind, team_id=team, severity=severity, summary="Deployment failed", occurred_at=NOW
    )
    return Envelope(id=event_id, source="/test", time=NOW, correlation_id=event_id, data=observed)


def learners(*levels: float | None) -> Sequence[Learner]:
    """One engineer per level; None was never assessed."""
    numbers = count(1)
    return [
        Learner(
            PersonId(f"0199f000-0000-7000-8000-1{next(numbers):011d}"),
            ENGINEER,
            {} if level is None else {SKILL: Mastery(level, level, Memory(100.0, 5.0, NOW))},
        )
        for level in levels
    ]
