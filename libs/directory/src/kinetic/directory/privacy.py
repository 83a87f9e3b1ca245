"""Who sees what of people: names of one's own reports, and of others figures about groups that are not small."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from kinetic.common.auth import Principal
from kinetic.common.database import Transaction
from kinetic.contracts.ids import PersonId
from kinetic.directory import store

SMALLEST_GROUP = 5
"""A figure about fewer people would tell what single ones know, think or do."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a caller may see of people."""

    reports: frozenset[PersonId] = frozenset()

    def names(self, people: Iterable[PersonId]) -> list[PersonId]:
        """Those of `people` who may be named: the caller's own reports."""
        return [person_id for person_id in people if person_id in self.reports]

    def shows_figures_of(self, group: Collection[PersonId]) -> bool:
        """Whether a figure about `group` may be shown: it is not small, or all of it reports to the caller."""
        return len(group) >= SMALLEST_GROUP or (bool(group) and self.reports.issuperset(group))


async def sight_of(tx: Transaction, caller: Principal) -> Sight:
    """What a caller sees now. Who is not in the directory has no reports."""
    person_id = await store.person_by_email(tx, caller.email) if caller.email else None
    return Sight(frozenset(await store.reports_of(tx, person_id))) if person_id else Sight()
