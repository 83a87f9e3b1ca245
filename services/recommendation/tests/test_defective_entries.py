"""An entry of which nothing can be made harms only itself: it is tried ever later, alone, and holds up no other."""

from __future__ import annotations

from kinetic.common.database import Database
from services.recommendation.tests.company import OTHER_TEAM, RAVI, fetch, opened, run, tell
from services.recommendation.tests.delivering import Outlet, deliver
from services.recommendation.tests.notices import ask, reinforcement

OF_A_LATER_VERSION = (
    "UPDATE notice SET told = jsonb_set(told, '{type}', '\"kinetic.later.requested.v1\"') WHERE team_id = $1"
)


async def waiting(database: Database) -> list[tuple[str, str | None, int]]:
    """What has not been sent: the standing, what went wrong, and how often."""
    rows = await fetch(database, "SELECT * FROM delivery WHERE standing <> 'sent'")
    return [(row["standing"], row["problem"], row["attempts"]) for row in rows]


async def test_what_cannot_be_read_holds_up_nobody_else(database: Database) -> None:
    slack = Outlet()
    await ask(database, reinforcement(team_id=OTHER_TEAM, manager_id=RAVI))
    await run(database, OF_A_LATER_VERSION, OTHER_TEAM)
    await tell(database, opened())
    await deliver(database, slack)
    assert len(slack.messages) == 1
    assert await waiting(database) == [("planned", "KeyError in what is to be sent; it was recorded", 1)]


async def test_what_was_to_go_with_it_goes_alone(both: Database) -> None:
    slack = Outlet()
    await ask(both, reinforcement(team_id=OTHER_TEAM))
    await run(both, OF_A_LATER_VERSION, OTHER_TEAM)
    await tell(both, opened())
    await deliver(both, slack)
    await deliver(both, slack, at_once=True)
    assert (len(slack.messages), slack.digests) == (1, [])


async def test_it_is_sent_once_it_can_be(database: Database) -> None:
    slack = Outlet(takes=frozenset({RAVI}))
    await ask(database, reinforcement(team_id=OTHER_TEAM, manager_id=RAVI))
    told = await fetch(database, "SELECT told FROM notice")
    await run(database, OF_A_LATER_VERSION, OTHER_TEAM)
    await deliver(database, slack)
    await run(database, "UPDATE notice SET told = $1", told[0]["told"])
    await deliver(database, slack, at_once=True)
    assert (len(slack.messages), await waiting(database)) == (1, [])
