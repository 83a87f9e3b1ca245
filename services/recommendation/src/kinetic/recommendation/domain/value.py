"""What a suggestion is worth, in person-hours per quarter: the gain to be expected, less the time and the interruption.

    value = accepted · (completed · effect · scale − effort · people) − interruption
    scale = people · reach · goal_weight · urgency(pressure) · kpi_sd_hours

The gain is the utility formula of Brogden, Cronbach and Gleser for training, people · d · SDy (Schmidt, Hunter and Pearlman
(1982), *Personnel Psychology* 35(2), 333-347), in hours instead of money. Hours per member times the size of the team times
the share of it that is concerned is hours times people, so the size of the team does not appear.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, sqrt

from kinetic.contracts.ids import ContentId
from kinetic.recommendation.domain.candidates import Candidate, Need
from kinetic.recommendation.domain.content import Appraisal
from kinetic.recommendation.domain.effect import Belief, Chance, prior_of, update


@dataclass(frozen=True, slots=True)
class Worth:
    """What the policy says that things are worth, and what may be suggested.

    `kpi_sd_hours`: person-hours per member and quarter that one standard deviation of a KPI is worth. The standard deviation
    of output is 20 % of its mean (Schmidt and Hunter (1983), *Journal of Applied Psychology* 68(3), 407-414), a quarter has
    480 hours, and half the work is taken to show in the KPI: 48. `interruption_minutes`: what one nudge costs a manager of
    whose week nothing is spent; 25 minutes pass before interrupted work is taken up again (Mark, Gonzalez and Harris (2005),
    "No task left behind?", CHI 2005, 321-330). `allowed_formats`: None allows all. `salt` makes the draws of one
    installation its own.
    """

    kpi_sd_hours: float = 48.0
    interruption_minutes: float = 25.0
    allowed_formats: frozenset[str] | None = None
    salt: str = ""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What all candidates of one decision have in common. `spent` of `weekly_budget` nudges came to the manager this week."""

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

    @property
    def interruption_hours(self) -> float:
        """What asking costs: the more of the week's budget is spent, the more, up to twice the figure of the policy."""
        return self.interruption_minutes / 60 * (1 + self.spent / max(1, self.weekly_budget))


@dataclass(frozen=True, slots=True)
class Prospect:
    """What is known of one candidate before its value is reckoned."""

    content_id: ContentId
    content_version: int
    people: int
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


def prospect_of(candidate: Candidate, need: Need, appraisal: Appraisal) -> Prospect:
    """What is known of a candidate."""
    content = candidate.content
    prior = prior_of(content.format)
    return Prospect(
        content_id=content.content_id,
        content_version=content.version,
        people=len(candidate.person_ids),
        effort_minutes=content.effort_minutes,
        reach=need.reach_of(content),
        accepted=appraisal.acceptance,
        completed=appraisal.completion,
        effect=update(prior, appraisal.effect) if appraisal.effect else prior,
    )


def value_of(prospect: Prospect, circumstances: Circumstances) -> Value:
    """The value of suggesting a candidate, with its exact moments: acceptance, completion and effect are independent.

    Once it is accepted everybody is taken to spend the whole effort, also those who do not complete it. Moments of a product:
    Goodman (1960), *Journal of the American Statistical Association* 55, 708-713.
    """
    accepted, completed, effect = prospect.accepted.mean, prospect.completed.mean, prospect.effect
    scale = prospect.people * prospect.reach * circumstances.goal_weight * circumstances.urgency
    scale *= circumstances.kpi_sd_hours
    net = completed * effect.mean * scale - prospect.effort_minutes * prospect.people / 60
    uncertain = prospect.completed.variance
    spread = ((completed**2 + uncertain) * effect.sd**2 + uncertain * effect.mean**2) * scale**2
    variance = accepted**2 * spread + prospect.accepted.variance * (net**2 + spread)
    return Value(accepted * net - circumstances.interruption_hours, sqrt(variance))
