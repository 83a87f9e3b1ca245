"""Whether managers look at nudges and act on them: for groups of five or more, and for each of themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetic.common.database import Database
from kinetic.common.events import new_id
from kinetic.contracts.ids import NudgeId, PersonId, TeamId
from kinetic.contracts.ingestion import PersonErased, TeamChanged
from kinetic.contracts.recommendation import (
    NudgeAccepted,
    NudgeComposed,
    NudgeDismissed,
    NudgeExpired,
    NudgeSeen,
    NudgeSnoozed,
    NudgeWithdrawn,
)
from kinetic.feedback import handlers
from kinetic.feedback.domain.adoption import Adoption, ManagerWeek, adoption_of_groups, adoption_of_one
from kinetic.feedback.domain.nudges import NudgeState, note_nudge
from services.feedback.tests.loop import BEN, DANA, START, hand, nudge, told
from tests.support.http import token

WEEK = date(2026, 11, 23)
MANAGERS = [PersonId(new_id()) for _ in range(12)]
ADMIN = token("amara", "admin")


def weeks(unit: str | None, managers: Sequence[PersonId], seconds: tuple[float, ...] = (60.0,)) -> list[ManagerWeek]:
    """One nudge of each of the managers, seen, and acted on so fast."""
    return [ManagerWeek(manager, WEEK, unit, 1, 1, seconds) for manager in managers]


def units(found: Sequence[Adoption]) -> list[str | None]:
    return [one.unit for one in found]


def test_groups_are_added_up_and_the_time_to_act_is_the_median() -> None:
    found = adoption_of_groups(
        [ManagerWeek(m, WEEK, "shop", 2, 1, (float(n), n + 60.0)) for n, m in enumerate(MANAGERS[:5])], least=5
    )
    assert units(found) == [None, "shop"]
    assert found[0] == Adoption(WEEK, None, 5, composed=10, seen=5, acted=10, median_seconds_to_act=32.0)


def test_nothing_is_shown_of_fewer_than_five_managers() -> None:
    assert adoption_of_groups(weeks("shop", MANAGERS[:4]), least=5) == []
    assert units(adoption_of_groups(weeks("shop", MANAGERS[:5]), least=5)) == [None, "shop"]


def test_how_fast_managers_act_is_shown_when_five_of_them_did() -> None:
    silent = weeks("shop", MANAGERS[5:9], ())
    for acting, shown in ((4, None), (5, 60.0)):
        found = adoption_of_groups(weeks("shop", MANAGERS[:acting]) + silent, least=5)
        assert [one.median_seconds_to_act for one in found] == [shown, shown]


def test_a_small_unit_does_not_follow_from_the_others_by_subtraction() -> None:
    found = weeks("shop", MANAGERS[:6]) + weeks("bank", MANAGERS[6:11]) + weeks("law", MANAGERS[11:])
    assert units(adoption_of_groups(found, least=5)) == [None, "shop"]
    assert units(adoption_of_groups(found[:-1], least=5)) == [None, "bank", "shop"]


nudged = st.builds(
    ManagerWeek,
    st.sampled_from(MANAGERS),
    st.just(WEEK),
    st.sampled_from(["a", "b", "c", "d", None]),
    st.just(1),
    st.just(1),
    st.just(()),
)


@given(st.lists(nudged, max_size=40))
def test_what_is_not_shown_is_nobody_or_five_managers_at_least(found: list[ManagerWeek]) -> None:
    shown = set(units(adoption_of_groups(found, least=5)))
    if None in shown:
        hidden = {one.manager_id for one in found if one.unit is None or one.unit not in shown}
        assert not hidden or len(hidden) >= 5
    for unit in shown - {None}:
        assert len({one.manager_id for one in found if one.unit == unit}) >= 5


def test_who_asks_about_themselves_sees_all_of_their_weeks() -> None:
    older = ManagerWeek(DANA, WEEK - timedelta(days=7), "shop", 1, 0, ())
    two_units = [ManagerWeek(DANA, WEEK, unit, 1, 1, (30.0,)) for unit in ("shop", "bank")]
    assert [
        (one.week, one.composed, one.acted, one.median_seconds_to_act) for one in adoption_of_one([older, *two_units])
    ] == [
        (WEEK, 2, 2, 30.0),
        (older.week, 1, 0, None),
    ]


@pytest.mark.parametrize("kind", [NudgeSeen, NudgeSnoozed])
def test_who_opens_a_nudge_or_puts_it_off_has_seen_it_and_the_first_time_counts(kind: Any) -> None:
    nudge_id = NudgeId(new_id())
    composed = note_nudge(None, nudge(NudgeComposed, 1, nudge_id))
    seen = note_nudge(composed, nudge(kind, 2, nudge_id))
    again = note_nudge(seen, nudge(NudgeSnoozed, 3, nudge_id))
    assert (composed.seen_at, seen.state, seen.composed_at) == (None, NudgeState.COMPOSED, composed.composed_at)
    assert again.seen_at == seen.seen_at == START + timedelta(minutes=2)


def test_a_look_that_is_told_late_is_still_known_and_ends_nothing() -> None:
    nudge_id = NudgeId(new_id())
    accepted = note_nudge(None, nudge(NudgeAccepted, 3, nudge_id))
    late = note_nudge(accepted, nudge(NudgeSeen, 2, nudge_id))
    assert (late.state, late.version, late.seen_at) == (NudgeState.ACCEPTED, 3, START + timedelta(minutes=2))


async def _give(database: Database, manager_id: PersonId, team_id: TeamId, *kinds: Any, age_days: int = 0) -> None:
    """A nudge to a manager, a minute apart of what came of it."""
    nudge_id = NudgeId(new_id())
    start = datetime.now(UTC) - timedelta(days=age_days)
    events = [
        nudge(kind, version, nudge_id, manager_id=manager_id, team_id=team_id, start=start)
        for version, kind in enumerate((NudgeComposed, *kinds), 1)
    ]
    await hand(database, handlers.on_nudges, *events)


async def _teams(database: Database, *unit_names: str) -> list[TeamId]:
    teams = [
        TeamChanged(team_id=TeamId(new_id()), slug=f"t-{unit}", name=unit, unit=unit, manager_id=None, version=1)
        for unit in unit_names
    ]
    await hand(database, handlers.on_directory_changed, *teams)
    return [one.team_id for one in teams]


async def test_the_organisation_and_its_units_are_shown_week_by_week(
    database: Database, http: httpx.AsyncClient
) -> None:
    shop, bank = await _teams(database, "shop", "bank")
    for manager in MANAGERS[:5]:
        await _give(database, manager, shop, NudgeSeen, NudgeAccepted)
    for manager in MANAGERS[5:9]:
        await _give(database, manager, shop, NudgeExpired)
    await _give(database, MANAGERS[9], bank, NudgeDismissed)
    await _give(database, MANAGERS[0], shop, NudgeWithdrawn)
    await _give(database, MANAGERS[0], shop, age_days=30)

    (whole,) = (await http.get("/adoption", params={"weeks": 1}, headers=ADMIN)).json()
    figures = ("unit", "managers", "composed", "seen", "acted", "median_seconds_to_act")
    assert [whole[name] for name in figures] == [None, 10, 10, 6, 6, 120.0]
    await hand(database, handlers.on_directory_changed, PersonErased(person_id=MANAGERS[9], version=2))
    found = (await http.get("/adoption", params={"weeks": 1}, headers=ADMIN)).json()
    assert [(one["unit"], one["managers"], one["acted"]) for one in found] == [(None, 9, 5), ("shop", 9, 5)]


async def test_managers_see_their_own_figures_and_nobody_elses(database: Database, http: httpx.AsyncClient) -> None:
    (shop,) = await _teams(database, "shop")
    await _give(database, DANA, shop, NudgeSeen)
    await _give(database, BEN, shop, NudgeAccepted)
    (own,) = (await http.get("/adoption/mine", headers=token("dana", "manager"))).json()
    assert (own["managers"], own["composed"], own["seen"], own["acted"]) == (1, 1, 1, 0)
    assert (await http.get("/adoption", headers=ADMIN)).json() == []


@pytest.mark.parametrize(
    ("door", "role", "status"),
    [
        ("/adoption", "manager", 403),
        ("/adoption", "", 403),
        ("/adoption", "learning", 200),
        ("/adoption/mine", "admin", 403),
        ("/adoption/mine", "manager", 200),
    ],
)
async def test_who_sees_adoption(http: httpx.AsyncClient, door: str, role: str, status: int) -> None:
    assert (await http.get(door, headers=token("dana", role))).status_code == status


async def test_a_look_says_nothing_about_content(database: Database) -> None:
    nudge_id = NudgeId(new_id())
    await hand(database, handlers.on_nudges, nudge(NudgeComposed, 1, nudge_id), nudge(NudgeSeen, 2, nudge_id))
    assert await told(database) == []
