"""What a suggestion is worth, in person-hours per quarter: the gain to be expected, less the time and the interruption.

    value = accepted · (completed · effect · scale − effort · people) − interruption
    scale = people · reach · goal_weight · urgency(pressure) · kpi_sd_hours

The gain is the utility formula of Brogden, Cronbach and Gleser for training, people · d · SDy (Schmidt, Hunter and Pearlman
(1982), *Personnel Psychology* 35(2), 333-347), in hours instead of money. Hours per member times the size of the team times
the share of it that is concerned is hours times people, so the size of the team does not appear.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import exp, sqrt

from kinetic.contracts.ids import ContentId
from kinetic.recommendation.domain.candidates import Need
from kinetic.recommendation.domain.content import Appraisal, Content
from kinetic.recommendation.domain.effect import Belief, Chance, prior_of, update


@dataclass(frozen=True, slots=True)
class Worth:
    """What the policy says that things are worth, and what may be suggested.

    `kpi_sd_hours`: person-hours per member and quarter that one standard deviation of a KPI is worth. The standard deviation
    of output is 20 % of its mean (Schmidt and Hunter (1983), *Journal of Applied Psychology* 68(3), 407-414), a quarter has
    480 hours, and half the work is taken to show in the KPI: 48. `interruption_minutes`: what one nudge costs a manager of
    whose week nothing is spent; 25 minutes pass before interrupted work is taken up again (Mark, Gonzalez and Harris (2005),
    "No task left behind?", CHI 2005, 321-330). `allowed_formats`: None allows all. `mandated_content` is never suggested: HR assigns
    it to whom it concerns, and a manager has nothing to choose about it. `salt` makes the draws of one installation its own.
    """

    kpi_sd_hours: float = 48.0
    interruption_minutes: float = 25.0
    allowed_formats: frozenset[str] | None = None
    salt: str = ""
    mandated_content: frozenset[ContentId] = frozenset()


@dataclass(frozen=True)
class Circumstances:
    """What all candidates of one decision have in common. `spent` of `weekly_budget` nudges came to the manager this week.

    Without slots, so that what follows from it is computed once for all candidates.
    """

    pressure: float
    goal_weight: float
    kpi_sd_hours: float
    interruption_minutes: float
    spent: int
    weekly_budget: int

    @property
    def urgency(self) -> float:
        """The share of the effect that this pressure leaves to be gained, 0..1: 1 − exp(−pressure).

        Pressure is a decaying sum of weighted events. Were they to come by chance at that rate, this would be the probability
        that at least one more comes; a team under little pressure has little to lose.
        """
        return 1 - exp(-self.pressure)

    @cached_property
    def gain_hours(self) -> float:
        """What an effect of one standard deviation would gain for each person who is brought to the required level."""
        return self.goal_weight * self.urgency * self.kpi_sd_hours

    @cached_property
    def interruption_hours(self) -> float:
        """What asking costs: the more of the week's budget is spent, the more, up to twice the figure of the policy."""
        return self.interruption_minutes / 60 * (1 + self.spent / max(1, self.weekly_budget))


@dataclass(frozen=True, slots=True)
class Prospect:
    """What is known of one candidate, whoever it is for.

    `reach` is the share of the effect that its level lets expect; 1 where the effect was measured, which began with that share.
    """

    content_id: ContentId
    content_version: int
    effort_minutes: int
    reach: float
    accepted: Chance
    completed: Chance
    effect: Belief


@dataclass(frozen=True, slots=True)
class Value:
    """Expected person-hours per quarter, and the standard deviation that comes of all that is uncertain in them."""

    mean: float
    sd: float


def prospect_of(content: Content, need: Need, appraisal: Appraisal) -> Prospect:
    """What is known of a content item that may be suggested for a need.

    What was measured was brought by content of this level, so the level counts in what was believed before, and no more after.
    """
    prior, reach, measured = prior_of(content.format), need.reach_of(content), appraisal.effect
    return Prospect(
        content_id=content.content_id,
        content_version=content.version,
        effort_minutes=content.effort_minutes,
        reach=1.0 if measured else reach,
        accepted=appraisal.acceptance,
        completed=appraisal.completion,
        effect=update(Belief(prior.mean * reach, prior.sd), measured) if measured else prior,
    )


def value_of(prospect: Prospect, people: int, circumstances: Circumstances) -> Value:
    """The value of suggesting a candidate to `people`, with its exact moments: acceptance, completion and effect are
    independent.

    Once it is accepted everybody is taken to spend the whole effort, also those who do not complete it. Moments of a product:
    Goodman (1960), *Journal of the American Statistical Association* 55, 708-713.
    """
    accepted, accepted_variance = prospect.accepted.moments
    completed, completed_variance = prospect.completed.moments
    mean, sd = prospect.effect.mean, prospect.effect.sd
    scale = people * prospect.reach * circumstances.gain_hours
    net = completed * mean * scale - prospect.effort_minutes * people / 60
    spread = ((completed**2 + completed_variance) * sd**2 + completed_variance * mean**2) * scale**2
    variance = accepted**2 * spread + accepted_variance * (net**2 + spread)
    return Value(accepted * net - circumstances.interruption_hours, sqrt(variance))
