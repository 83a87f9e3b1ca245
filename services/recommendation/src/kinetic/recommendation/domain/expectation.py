"""What is known of the effect of content on a number: measured, with its interval and basis, or not measured yet."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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


Expectation = Measured | NotMeasured

UNKNOWN = NotMeasured()
