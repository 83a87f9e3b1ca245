"""The kinds of companies, and what happens in each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tools.simulator.draws import chance, stream
from tools.simulator.families.lookalikes import add_covered, add_incidents, add_staffing, add_tooling
from tools.simulator.families.reorganisation import add_reorganisation
from tools.simulator.families.skill import add_skill, add_skill_of_role
from tools.simulator.families.timing import add_outage, add_season
from tools.simulator.plan import Plan

NULL_SHARE = 0.15
"""So many companies of the mixed family have nothing wrong with them."""


def _null(plan: Plan) -> None:
    """Nothing is wrong."""


def _skill(plan: Plan) -> None:
    for number in range(_count(plan, 2, 5)):
        add_skill(plan, number)
    if chance(stream(*plan.seed, "role"), 0.3):
        add_skill_of_role(plan)


def _staffing(plan: Plan) -> None:
    for number in range(_count(plan, 2, 4)):
        add_staffing(plan, number)


def _tooling(plan: Plan) -> None:
    for number in range(_count(plan, 1, 3)):
        add_tooling(plan, number)


def _incident_wave(plan: Plan) -> None:
    for number in range(_count(plan, 2, 6)):
        add_incidents(plan, number)


def _season(plan: Plan) -> None:
    for number in range(_count(plan, 1, 2)):
        add_season(plan, number)


def _outage(plan: Plan) -> None:
    for number in range(_count(plan, 1, 4)):
        add_outage(plan, number)


def _reorganisation(plan: Plan) -> None:
    for number in range(_count(plan, 1, 3)):
        add_reorganisation(plan, number)


def _covered(plan: Plan) -> None:
    for number in range(_count(plan, 2, 5)):
        add_covered(plan, number)


def _content(plan: Plan) -> None:
    """Many real gaps, so that what is chosen for them matters."""
    for number in range(_count(plan, 5, 9)):
        add_skill(plan, number)


def _mixed(plan: Plan) -> None:
    """A bit of everything; most teams have no problem most of the time."""
    if chance(stream(*plan.seed, "null"), NULL_SHARE):
        return
    for name, add, fewest, most in (
        ("reorganisation", add_reorganisation, 0, 1),
        ("skill", add_skill, 1, 3),
        ("covered", add_covered, 0, 1),
        ("staffing", add_staffing, 0, 2),
        ("tooling", add_tooling, 0, 1),
        ("incidents", add_incidents, 0, 2),
        ("season", add_season, 0, 1),
        ("outage", add_outage, 0, 1),
    ):
        for number in range(stream(*plan.seed, "how many", name).randint(fewest, most)):
            add(plan, number)
    if chance(stream(*plan.seed, "role"), 0.15):
        add_skill_of_role(plan)


def _textbook(plan: Plan) -> None:
    """The same where numbers are as textbooks have them, so that what noise costs can be told from what look-alikes cost."""
    plan.is_steady = True
    _mixed(plan)


def _count(plan: Plan, fewest: int, most: int) -> int:
    return stream(*plan.seed, "how many").randint(fewest, most)


FAMILIES: Mapping[str, Callable[[Plan], None]] = {
    "null": _null,
    "skill": _skill,
    "staffing": _staffing,
    "tooling": _tooling,
    "incident-wave": _incident_wave,
    "season": _season,
    "outage": _outage,
    "reorganisation": _reorganisation,
    "covered": _covered,
    "content": _content,
    "mixed": _mixed,
    "textbook": _textbook,
}
