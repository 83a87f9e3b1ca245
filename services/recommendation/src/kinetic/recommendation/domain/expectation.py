"""What is known of the effect of content on a number: measured, with its interval and basis, or not measured yet."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kinetic.recommendation.domain.content import Appraisal

AWAITED_COMPLETIONS: Final = 20
"""Fewer completions of an item tell nothing of its effect."""

_TWO_SIDED_95: Final = 1.96


class Design(StrEnum):
    """How people with the content were compared with people without it. Only the latter two can show an effect."""

    SIMILAR = "similar"
    HOLDOUT = "holdout"
    DIFFERENCES = "differences"


@dataclass(frozen=True, slots=True)
class Measured:
    """A relative change of `measure` (-0.15 is 15% lower) and its interval, seen in `n` people against `comparison_n`.

    `is_causal` says that the design has passed the checks that earn causal words.
    """

    measure: str
    mean: float
    low: float
    high: float
    n: int
    comparison_n: int
    design: Design
    is_causal: bool = False


@dataclass(frozen=True, slots=True)
class NotMeasured:
    """No effect can be told yet: so many completions of those that are needed, None when they are not counted."""

    completions: int | None = None
    needed: int | None = None


@dataclass(frozen=True, slots=True)
class MeasuredInTeams:
    """An effect in standard deviations of the numbers of `n` teams, above 0 where they got better, and its 95 % interval."""

    mean: float
    low: float
    high: float
    n: int


Expectation = Measured | MeasuredInTeams | NotMeasured

UNKNOWN = NotMeasured()


def expectation_of(appraisal: Appraisal) -> Expectation:
    """What became of an item so far, as it is told to those who may assign it."""
    effect = appraisal.effect
    if effect is not None:
        half = _TWO_SIDED_95 * effect.standard_error
        return MeasuredInTeams(effect.mean, effect.mean - half, effect.mean + half, effect.n)
    if appraisal.completed < AWAITED_COMPLETIONS:
        return NotMeasured(appraisal.completed, AWAITED_COMPLETIONS)
    return UNKNOWN
