"""The computation behind a nudge: what was weighed, what was drawn, what won. It is stored, and can be done again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from kinetic.contracts.ids import ContentId
from kinetic.recommendation.domain.exploration import Lot, draw, drawn_from, propensity
from kinetic.recommendation.domain.value import Circumstances, Prospect, value_of

MOST_WEIGHED: Final = 6
"""So many candidates of the greatest expected value are explored and stored; a log of hundreds would help nobody."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A candidate for `people`, with its value in person-hours per quarter. What is not worth it is not drawn."""

    prospect: Prospect
    people: int
    value_hours: float
    sd_hours: float
    draw_hours: float | None = None


@dataclass(frozen=True, slots=True)
class Reckoning:
    """One decision among candidates, the most valuable first.

    `chosen` has the best draw, and `propensity` is the chance that it would; None when nothing is worth the interruption.
    """

    lot: Lot
    policy_version: int
    circumstances: Circumstances
    weighed: tuple[Weighed, ...]
    chosen: ContentId | None = None
    propensity: float | None = None

    @property
    def expected_value_hours(self) -> float | None:
        """The expected value of what was chosen."""
        return next((one.value_hours for one in self.weighed if one.prospect.content_id == self.chosen), None)


def reckon(
    lot: Lot, policy_version: int, circumstances: Circumstances, candidates: Iterable[tuple[Prospect, int]]
) -> Reckoning:
    """Weigh the candidates and those for whom they are, draw those with a positive expected value, choose the best draw.

    A positive expected value needs an effect whose mean is positive, so what is believed to harm is never explored.
    """
    found = [(value_of(prospect, people, circumstances), prospect, people) for prospect, people in candidates]
    found = sorted(found, key=lambda one: (-one[0].mean, one[1].content_id))[:MOST_WEIGHED]
    spreads = drawn_from([value for value, _, _ in found if value.mean > 0], lot.width)
    draws = [draw(lot, one[1].content_id, value) for one, value in zip(found, spreads, strict=False)]
    weighed = tuple(
        Weighed(prospect, people, value.mean, value.sd, drawn)
        for (value, prospect, people), drawn in zip_longest(found, draws)
    )
    if not draws:
        return Reckoning(lot, policy_version, circumstances, weighed)
    best = max(range(len(draws)), key=draws.__getitem__)
    chance = propensity(best, spreads)
    return Reckoning(lot, policy_version, circumstances, weighed, found[best][1].content_id, chance)


def recompute(reckoning: Reckoning) -> Reckoning:
    """The same decision from what was stored of it: equal to `reckoning` unless somebody changed a number."""
    candidates = [(one.prospect, one.people) for one in reckoning.weighed]
    return reckon(reckoning.lot, reckoning.policy_version, reckoning.circumstances, candidates)
