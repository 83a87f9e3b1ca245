"""May the holdout withhold a nudge about a competency? Not when people or systems would be less safe meanwhile."""

from __future__ import annotations

from typing import Final

from kinetic.contracts.ids import CompetencyKey
from kinetic.contracts.skill_gap import CapabilitiesPublished

GRAVE: Final = frozenset({"safety", "security"})
"""Families of signals whose competencies are never withheld, whatever else the map says of them."""


def may_be_withheld(competency: CompetencyKey, rules: CapabilitiesPublished) -> bool:
    """Whether the map has the competency, does not say `never_withheld`, and no rule lets a grave signal ask for it."""
    known = next((one for one in rules.competencies if one.key == competency), None)
    if known is None or known.never_withheld:
        return False
    return not any(rule.competency == competency and _family(rule.kind) in GRAVE for rule in rules.signal_rules)


def _family(kind: str) -> str:
    return kind.partition(".")[0]
