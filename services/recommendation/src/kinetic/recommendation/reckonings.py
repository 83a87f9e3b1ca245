"""Why this content: the stored computation of a nudge, for people. It holds counts of people, never who they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pydantic import BaseModel, Field

from kinetic.common.problems import Problem
from kinetic.contracts.ids import ContentId, GapId, NudgeId
from kinetic.directory.privacy import SMALLEST_GROUP
from kinetic.recommendation.domain.nudge import Nudge
from kinetic.recommendation.domain.offline import Estimate, Logged, ips, snips
from kinetic.recommendation.domain.reckoning import Reckoning, Weighed


class CircumstancesView(BaseModel):
    """What all candidates had in common."""

    pressure: float
    urgency: float = Field(description="1 - exp(-pressure): the share of an effect that is there to be gained.")
    goal_weight: float
    kpi_sd_hours: float = Field(description="Person-hours per member and quarter that one standard deviation is worth.")
    interruption_minutes: float
    spent: int = Field(description="Nudges that the manager had that week, of `weekly_budget`.")
    weekly_budget: int
    interruption_hours: float = Field(description="interruption_minutes / 60 · (1 + spent / weekly_budget)")


class ChanceView(BaseModel):
    """A share under a uniform prior: (successes + 1) / (successes + failures + 2) is expected."""

    successes: int
    failures: int
    mean: float


class WeighedView(BaseModel):
    """One candidate. `value_hours` = accepted · (completed · effect · scale − effort · people) − interruption, where
    scale = people · reach · goal_weight · urgency · kpi_sd_hours and effort is in hours.
    """

    content_id: ContentId
    content_version: int
    people: int | None = Field(
        description="Those concerned who have neither done it nor have it assigned. Null when suppressed."
    )
    effort_minutes: int
    reach: float = Field(
        description="The share of the required level that it brings a learner to; 1 where its effect was measured."
    )
    accepted: ChanceView
    completed: ChanceView
    effect_mean: float = Field(description="Standard deviations of the KPI of a team all of whose members complete it.")
    effect_sd: float
    value_hours: float | None = Field(
        description="Expected person-hours per quarter. Like the two below null when suppressed: people follow from it."
    )
    sd_hours: float | None
    draw_hours: float | None = Field(description="What was drawn; null when it was not worth it.")


class ReckoningView(BaseModel):
    """The computation as it was made when the nudge was composed."""

    nudge_id: NudgeId
    gap_id: GapId
    gap_version: int
    policy_version: int
    dismissed: int = Field(description="So much content had been dismissed before for this team and competency.")
    salt: str = Field(
        description="Draws follow from salt, gap, its version, what was dismissed before, and the content."
    )
    width: float = Field(description="So many standard deviations are drawn from; 1 would be Thompson sampling.")
    circumstances: CircumstancesView
    weighed: list[WeighedView] = Field(description="Those of the greatest expected value, the most valuable first.")
    chosen: ContentId | None = Field(description="The best draw.")
    propensity: float | None = Field(description="How likely it was to be the best draw.")


class EstimateView(BaseModel):
    """A share of accepted nudges, with its standard error."""

    mean: float
    standard_error: float


class ExplorationView(BaseModel):
    """What exploring costs in accepted nudges. Estimates are null for fewer than five answered nudges."""

    n: int = Field(description="Answered nudges whose propensity is known, the newest 100,000 at most.")
    accepted: EstimateView | None = Field(description="As it was: every suggestion drawn by Thompson sampling.")
    accepted_without_exploration: EstimateView | None = Field(
        description="Had always the greatest expected value been suggested: self-normalised inverse propensity scores."
    )


def exploration_of(log: Sequence[Logged]) -> ExplorationView:
    """What the log says of exploring, and of not exploring."""
    if len(log) < SMALLEST_GROUP:
        return ExplorationView(n=len(log), accepted=None, accepted_without_exploration=None)
    own = ips([replace(one, target_propensity=one.propensity) for one in log])
    greedy = snips(log) if any(one.target_propensity for one in log) else None
    return ExplorationView(
        n=len(log), accepted=_estimate(own), accepted_without_exploration=_estimate(greedy) if greedy else None
    )


def _estimate(estimate: Estimate) -> EstimateView:
    return EstimateView(mean=estimate.mean, standard_error=estimate.standard_error)


def reckoning_of(nudge: Nudge, *, shows_all: bool) -> ReckoningView:
    """The reckoning of a nudge. Figures about fewer than five people are suppressed unless `shows_all`. Problem 404 when it was composed before there were any."""
    reckoning = nudge.offer.reckoning
    if reckoning is None:
        raise Problem(404, "No reckoning", f"Nudge {nudge.nudge_id} was composed before reckonings were kept.")
    return ReckoningView(
        nudge_id=nudge.nudge_id,
        gap_id=reckoning.lot.gap_id,
        gap_version=reckoning.lot.gap_version,
        dismissed=reckoning.lot.dismissed,
        policy_version=reckoning.policy_version,
        salt=reckoning.lot.salt,
        width=reckoning.lot.width,
        circumstances=_circumstances(reckoning),
        weighed=[_weighed(one, shows_all or one.people >= SMALLEST_GROUP) for one in reckoning.weighed],
        chosen=reckoning.chosen,
        propensity=reckoning.propensity,
    )


def _circumstances(reckoning: Reckoning) -> CircumstancesView:
    return CircumstancesView.model_validate(reckoning.circumstances, from_attributes=True)


def _weighed(one: Weighed, is_shown: bool) -> WeighedView:
    prospect = one.prospect
    return WeighedView(
        content_id=prospect.content_id,
        content_version=prospect.content_version,
        people=one.people if is_shown else None,
        effort_minutes=prospect.effort_minutes,
        reach=prospect.reach,
        accepted=ChanceView.model_validate(prospect.accepted, from_attributes=True),
        completed=ChanceView.model_validate(prospect.completed, from_attributes=True),
        effect_mean=prospect.effect.mean,
        effect_sd=prospect.effect.sd,
        value_hours=one.value_hours if is_shown else None,
        sd_hours=one.sd_hours if is_shown else None,
        draw_hours=one.draw_hours if is_shown else None,
    )
