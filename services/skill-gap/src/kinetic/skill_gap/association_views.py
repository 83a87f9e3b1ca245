"""What callers see of how KPIs go with competencies: figures, and a sentence that says no more than they do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import BaseModel, Field

from kinetic.common.phrasebook import Phrasebook
from kinetic.contracts.ids import CompetencyKey, KpiKey
from kinetic.contracts.skill_gap import CapabilitiesPublished
from kinetic.skill_gap.domain.association import (
    FEWEST_TEAMS,
    FEWEST_WEEKS,
    METHOD,
    UNKNOWN,
    Association,
    Finding,
    finding_of,
)

_TOO_FEW: Final = f"Null where fewer than {FEWEST_TEAMS} teams or {FEWEST_WEEKS} weeks tell of it."


class AssociationView(BaseModel):
    """How a KPI goes with a competency, over all teams: a pattern, and no cause."""

    kpi: KpiKey
    competency: CompetencyKey
    finding: Finding = Field(description="Whether more of the competency goes together with a better KPI.")
    estimate: float | None = Field(
        description="How much better the KPI stands where a team holds all of the competency instead of none, in standard "
        f"deviations of its weeks; less than 0 is worse. {_TOO_FEW}"
    )
    low: float | None = Field(description=f"The lower end of the interval. {_TOO_FEW}")
    high: float | None = Field(description=f"The upper end of the interval. {_TOO_FEW}")
    teams: int = Field(description="Teams in which what is held has moved. What one person alone holds does not count.")
    weeks: int = Field(description="Weeks in which both were seen.")
    method: str = METHOD
    as_of: datetime | None = Field(description="When it was reckoned, which is done once a day; null before.")
    sentence: str = Field(description="The same in words, in the caller's language.")


@dataclass(frozen=True, slots=True)
class Associations:
    """What is known, by KPI and competency, and the words for it."""

    rules: CapabilitiesPublished
    reckoned: Mapping[tuple[KpiKey, CompetencyKey], tuple[Association, datetime]]
    book: Phrasebook

    def of(self, kpi: KpiKey) -> list[AssociationView]:
        """All competencies that the map links a KPI to, what goes together with it most surely first."""
        linked = sorted({rule.competency for rule in self.rules.kpi_rules if rule.kpi == kpi})
        views = [self.view((kpi, competency)) for competency in linked]
        return sorted(views, key=lambda view: (view.low is None, -(view.low or 0.0)))

    def view(self, pair: tuple[KpiKey, CompetencyKey]) -> AssociationView:
        """One KPI and one competency."""
        found, as_of = self.reckoned.get(pair, (UNKNOWN, None))
        estimate = found.estimate
        return AssociationView(
            kpi=pair[0],
            competency=pair[1],
            finding=finding_of(found),
            estimate=estimate and estimate.value,
            low=estimate and estimate.low,
            high=estimate and estimate.high,
            teams=found.teams,
            weeks=found.weeks,
            as_of=as_of,
            sentence=self._sentence(pair, found),
        )

    def _sentence(self, pair: tuple[KpiKey, CompetencyKey], found: Association) -> str:
        names = {
            "kpi": next((one.name for one in self.rules.kpis if one.key == pair[0]), pair[0]),
            "competency": next((one.name for one in self.rules.competencies if one.key == pair[1]), pair[1]),
        }
        return word(found, self.book, **names)


def word(found: Association, book: Phrasebook, *, kpi: str, competency: str) -> str:
    """An association in words. It goes together, or against, and never leads to anything."""
    about: dict[str, str | float] = {
        "kpi": kpi,
        "competency": competency,
        "teams": found.teams,
        "weeks": found.weeks,
    }
    if found.estimate is None:
        return book.say("association-too-little", **about, least_teams=FEWEST_TEAMS, least_weeks=FEWEST_WEEKS)
    value, low, high = (round(one, 2) + 0.0 for one in (found.estimate.value, found.estimate.low, found.estimate.high))
    match finding_of(found):
        case Finding.TOGETHER:
            return book.say("association-with", **about, size=value, low=low, high=high)
        case Finding.AGAINST:
            return book.say("association-against", **about, size=-value, low=0.0 - high, high=-low)
        case _:
            return book.say("association-unclear", **about, low=low, high=high)
