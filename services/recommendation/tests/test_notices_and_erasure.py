"""Who asked for a notice first is erased: what stands before somebody else by then stays, counts, and is forgotten in time."""

from __future__ import annotations

import httpx

from kinetic.common.database import Database
from kinetic.contracts.ids import PersonId
from kinetic.contracts.ingestion import PersonErased
from kinetic.recommendation import handlers
from services.recommendation.tests.company import (
    CARLA,
    DANA,
    LEE,
    RAVI,
    allow,
    enter,
    fetch,
    opened,
    person,
    run,
    team,
    tell,
)
from services.recommendation.tests.delivering import Outlet, assign, deliver
from services.recommendation.tests.notices import ask, found, reconsider, reinforcement
from services.recommendation.tests.test_notice_delivery import LEES
from tests.support.http import token


async def handed_over(database: Database) -> None:
    """What was asked of Dana stands before Lee, who has their team now, when Dana is erased."""
    await ask(database, reinforcement())
    await enter(database, person(LEE, version=2), team(manager_id=LEE, version=2))
    await reconsider(database)
    await enter(database, PersonErased(person_id=DANA, version=9))


async def test_it_stays_before_who_has_the_team_now_and_nothing_tells_of_the_erased(
    database: Database, http: httpx.AsyncClient
) -> None:
    await handed_over(database)
    assert await found(database) == [("composed", LEE, None)]
    (card,) = (await http.get("/inbox/notices", headers=LEES)).json()
    done = await http.post(f"/notices/{card['notice_id']}/done", headers=LEES)
    assert (done.status_code, await found(database)) == (200, [("ended", LEE, "done")])
    (row,) = await fetch(database, "SELECT notice::text AS said FROM notice")
    assert DANA not in row["said"]


async def test_it_goes_on_to_whoever_has_the_team_next(database: Database) -> None:
    await handed_over(database)
    await enter(database, team(manager_id=RAVI, version=3))
    await reconsider(database)
    assert await found(database) == [("ended", LEE, "manager_changed"), ("composed", RAVI, None)]


async def test_it_still_counts_in_the_week_of_who_got_it(database: Database) -> None:
    await allow(database, weekly_budget=1)
    await handed_over(database)
    await tell(database, opened(person_ids=(CARLA,)))
    assert await fetch(database, "SELECT FROM nudge") == []


async def test_what_stood_before_a_stand_in_counts_and_can_be_closed(
    database: Database, http: httpx.AsyncClient
) -> None:
    await enter(database, person(DANA, RAVI, version=2))
    await run(
        database,
        """INSERT INTO preference (person_id, delegate_id, away_until, channels, set_at)
           VALUES ($1, $2, now() + interval '1 day', '{}', now())""",
        DANA,
        RAVI,
    )
    await ask(database, reinforcement(team_id=None))
    await enter(database, PersonErased(person_id=DANA, version=9))
    (card,) = (await http.get("/inbox/notices", headers=token("ravi", "manager"))).json()
    answer = await http.post(f"/notices/{card['notice_id']}/done", headers=token("ravi", "manager"))
    assert (answer.status_code, await found(database)) == (200, [("ended", RAVI, "done")])


async def test_a_notice_is_kept_as_long_as_a_message_that_it_leads_shows_something_that_stands(
    database: Database, http: httpx.AsyncClient
) -> None:
    slack = Outlet()
    await ask(database, reinforcement())
    await tell(database, opened())
    await deliver(database, slack)
    assert [first.item_id for first in slack.digests[0].messages[:1]] == await _notice_ids(database)
    await run(database, "UPDATE notice SET state = 'ended', ending = 'done', changed_at = now() - interval '31 days'")
    await run(database, "UPDATE delivery SET changed_at = now() - interval '31 days'")
    async with database.transaction() as tx:
        await handlers.sweep(tx)
    (nudge,) = await fetch(database, "SELECT nudge_id FROM nudge")
    await assign(http, str(nudge["nudge_id"]))
    await deliver(database, slack)
    assert [[shown.outcome is not None for shown in one.messages] for one in slack.digests] == [
        [False, False],
        [True, True],
    ]


async def _notice_ids(database: Database) -> list[PersonId]:
    return [row["notice_id"] for row in await fetch(database, "SELECT notice_id FROM notice")]
