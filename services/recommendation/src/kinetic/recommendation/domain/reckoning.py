"""The computation behind a nudge: what was weighed, what was drawn, what won. It is stored, and can be done again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kinetic.contracts.ids import ContentId
from kinetic.recommendation.domain.exploration import Lot, draw, propensities, widened
from kinetic.recommendation.domain.value import Circumstances, Prospect, value_of

MOST_WEIGHED: Final = 12
"""So many candidates of the greatest expected value are explored and stored; a log of hundreds would help nobody."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A candidate with its value in person-hours per quarter. What is not worth it is not drawn: it has no propensity."""

    prospect: Prospect
    value_hours: float
    sd_hours: float
    draw_hours: float | None = None
    propensity: float | None = None


@dataclass(frozen=True, slots=True)
class Reckoning:
    """One decision among candidates, the most valuable first. `chosen` is None when none is worth the interruption."""

    lot: Lot
    policy_version: int
    circumstances: Circumstances
    weighed: tuple[Weighed, ...]
    chosen: ContentId | None

    @property
    def winner(self) -> Weighed | None:
        """The candidate that was chosen."""
        return next((one for one in self.weighed if one.prospect.content_id == self.chosen), None)


def reckon(lot: Lot, policy_version: int, circumstances: Circumstances, prospects: Sequence[Prospect]) -> Reckoning:
    """Weigh the candidates, draw those with a positive expected value, and choose the best draw.

    A positive expected value needs an effect whose mean is positive, so what is believed to harm is never explored.
    """
    values = [(value_of(prospect, circumstances), prospect) for prospect in prospects]
    values = sorted(values, key=lambda one: (-one[0].mean, one[1].content_id))[:MOST_WEIGHED]
    worth_it = [one for one in values if one[0].mean > 0]
    others = [Weighed(prospect, value.mean, value.sd) for value, prospect in values[len(worth_it) :]]
    drawn_from = widened([value for value, _ in worth_it])
    chances = propensities(drawn_from) if worth_it else []
    drawn = [
        Weighed(prospect, value.mean, value.sd, draw(lot, prospect.content_id, value), chance)
        for (_, prospect), value, chance in zip(worth_it, drawn_from, chances, strict=True)
    ]
    chosen = max(((one.draw_hours, one.prospect.content_id) for one in drawn), default=(None, None))[1]
    return Reckoning(lot, policy_version, circumstances, (*drawn, *others), chosen)


def recompute(reckoning: Reckoning) -> Reckoning:
    """The same decision from what was stored of it: equal to `reckoning` unless somebody changed a number."""
    prospects = [one.prospect for one in reckoning.weighed]
    return reckon(reckoning.lot, reckoning.policy_version, reckoning.circumstances, prospects)
