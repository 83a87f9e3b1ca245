"""Counts of one company that can be added to those of others. The rules are in the README beside this file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields


@dataclass(slots=True)
class Tally:
    """Everything that figures are made of. Delays are in working days, one per episode; None is never."""

    companies: int = 0
    team_days: int = 0
    manager_days: int = 0
    null_companies: int = 0
    null_team_days: int = 0
    null_false: int = 0
    opened: Counter[str] = field(default_factory=Counter)
    false_by_cause: Counter[str] = field(default_factory=Counter)
    episodes: Counter[str] = field(default_factory=Counter)
    delays: list[int | None] = field(default_factory=list)
    delays_strong: list[int | None] = field(default_factory=list)
    delays_corroborated: list[int | None] = field(default_factory=list)
    ruled_out: Counter[str] = field(default_factory=Counter)
    ruled_out_explained: Counter[str] = field(default_factory=Counter)
    ruled_out_by: Counter[str] = field(default_factory=Counter)
    explained: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    breaches: Counter[str] = field(default_factory=Counter)
    most_in_a_week: int = 0
    regrets: float = 0.0
    choices: int = 0
    regrets_of_gaps: float = 0.0
    choices_of_gaps: int = 0


def add(tallies: Iterable[Tally]) -> Tally:
    """All of them together, in their order."""
    total = Tally()
    for tally in tallies:
        for spec in fields(Tally):
            ours, theirs = getattr(total, spec.name), getattr(tally, spec.name)
            if isinstance(ours, Counter):
                ours.update(theirs)
            elif spec.name == "most_in_a_week":
                total.most_in_a_week = max(ours, theirs)
            else:
                setattr(total, spec.name, ours + theirs)
    return total
