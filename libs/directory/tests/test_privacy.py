"""Names are for one's own manager, figures for groups that are not small."""

from __future__ import annotations

import pytest

from kinetic.common.events import new_id
from kinetic.contracts.ids import PersonId
from kinetic.directory.privacy import SMALLEST_GROUP, Sight

PEOPLE = [PersonId(new_id()) for _ in range(SMALLEST_GROUP)]


def test_only_own_reports_are_named() -> None:
    assert Sight(frozenset(PEOPLE[:2])).names(PEOPLE[1:]) == [PEOPLE[1]]
    assert Sight().names(PEOPLE) == []


@pytest.mark.parametrize(("group", "reports", "is_shown"), [(5, 0, True), (4, 0, False), (4, 3, False), (4, 4, True)])
def test_a_small_group_is_shown_only_to_whom_it_reports_wholly(group: int, reports: int, is_shown: bool) -> None:
    assert Sight(frozenset(PEOPLE[:reports])).shows_figures_of(PEOPLE[:group]) is is_shown


def test_nobody_is_no_group() -> None:
    assert not Sight().shows_figures_of([])
