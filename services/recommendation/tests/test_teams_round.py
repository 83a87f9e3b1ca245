"""A nudge on its way through Teams and back: the ledger posts the card, a press on it acts, and the card is replaced."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from kinetic.common.database import Database
from kinetic.recommendation.channels.teams_login import BotAccess
from kinetic.recommendation.channels.teams_sender import TeamsSender
from kinetic.recommendation.deliverer import Deliverer
from kinetic.recommendation.teams_door import TEXT
from services.recommendation.tests.bot_connector import APP, OBJECT, SECRET, TENANT, Answer, BotConnector, activity
from services.recommendation.tests.company import (
    DANA,
    OTHER_TEAM,
    STRANGER,
    changed,
    enter,
    opened,
    person,
    run,
    team,
    tell,
    told_types,
)
from services.recommendation.tests.delivering import assign, standings
from services.recommendation.tests.test_teams_door import answer_to, knock, texts


@pytest.fixture
async def ledger(database: Database, in_teams: httpx.AsyncClient, connector: BotConnector) -> Deliverer:
    """What sends, to a Dana who has the app."""
    await enter(database, person(DANA, version=2, external_ids={"teams": OBJECT}))
    await knock(in_teams, connector, activity(connector, type="installationUpdate", action="add"))
    access = BotAccess(APP, SecretStr(SECRET), TENANT, connector.url)
    return Deliverer([TeamsSender(access, httpx.AsyncClient(), database)], "https://console.example")


async def deliver(ledger: Deliverer, database: Database) -> None:
    """Let everything that waits come due, and be sent."""
    await run(database, "UPDATE delivery SET due_at = clock_timestamp() WHERE standing IN ('planned', 'sending')")
    while await ledger.deliver_due(database):
        pass


def card_of(posted: dict[str, Any]) -> dict[str, Any]:
    """The card of an activity."""
    card: dict[str, Any] = posted["attachments"][0]["content"]
    return card


async def test_the_button_of_a_card_that_was_sent_assigns_and_the_card_is_replaced(
    database: Database, in_teams: httpx.AsyncClient, connector: BotConnector, ledger: Deliverer
) -> None:
    await tell(database, opened())
    await deliver(ledger, database)
    (posted,) = connector.posted
    button = card_of(posted.activity)["actions"][0]
    pressed = activity(connector, type="invoke", name="adaptiveCard/action", value={"action": button})
    shown = (await answer_to(in_teams, connector, pressed))["value"]
    assert texts(shown)[1].startswith("Assigned ")
    await deliver(ledger, database)
    assert [(one.method, one.activity_id) for one in connector.posted] == [("POST", "1:0"), ("PUT", "1:0")]
    assert texts(card_of(connector.posted[1].activity)) == texts(shown)
    assert await standings(database) == ["sent"]


async def test_the_button_for_old_clients_does_the_same(
    database: Database, in_teams: httpx.AsyncClient, connector: BotConnector, ledger: Deliverer
) -> None:
    await tell(database, opened())
    await deliver(ledger, database)
    button = card_of(connector.posted[0].activity)["actions"][0]["fallback"]
    assert (await knock(in_teams, connector, activity(connector, value=button["data"]))).status_code == 200
    await deliver(ledger, database)
    assert texts(card_of(connector.posted[1].activity))[1].startswith("Assigned ")


async def test_every_answer_that_a_card_offers_is_understood(
    database: Database, in_teams: httpx.AsyncClient, connector: BotConnector, ledger: Deliverer
) -> None:
    await tell(database, gap := opened())
    await deliver(ledger, database)
    asked = [button["card"] for button in card_of(connector.posted[0].activity)["actions"] if "card" in button]
    offered = [(card["actions"][0], choice["value"]) for card in asked for choice in card["body"][0]["choices"]]
    assert len(offered) == 8
    await tell(database, changed(gap, person_ids=gap.person_ids[:1]))  # so that no answer is the last one
    for button, choice in offered:
        action = {**button, "data": {**button["data"], "choice": choice}}
        pressed = activity(connector, type="invoke", name="adaptiveCard/action", value={"action": action})
        assert texts((await answer_to(in_teams, connector, pressed))["value"])[0].startswith("Nothing was changed.")
        submit = {**button["fallback"]["data"], "choice": choice}
        assert (await knock(in_teams, connector, activity(connector, value=submit))).status_code == 409


async def test_what_is_done_in_the_console_changes_the_card(
    database: Database, in_teams: httpx.AsyncClient, connector: BotConnector, ledger: Deliverer
) -> None:
    await tell(database, opened())
    await deliver(ledger, database)
    button = card_of(connector.posted[0].activity)["actions"][0]
    await assign(in_teams, button["data"]["nudge_id"])
    connector.planned.extend(["drop", Answer(502), Answer(401), Answer(401)])
    for _ in range(4):
        await deliver(ledger, database)
    assert [one.method for one in connector.posted] == ["POST", "PUT"]
    assert await told_types(database) == ["nudge.composed", "nudge.accepted"]


async def test_a_post_whose_answer_is_lost_is_not_posted_again(
    database: Database, connector: BotConnector, ledger: Deliverer
) -> None:
    connector.planned.append("drop")
    await tell(database, opened())
    for _ in range(3):
        await deliver(ledger, database)
    assert (connector.requests, await standings(database)) == (1, ["unknown"])


async def test_a_press_on_a_digest_is_answered_with_what_it_did_and_the_whole_is_replaced(
    database: Database, in_teams: httpx.AsyncClient, connector: BotConnector, ledger: Deliverer
) -> None:
    await enter(database, team(OTHER_TEAM, manager_id=DANA, version=2), person(STRANGER, DANA, version=2))
    await tell(database, opened(), opened(team_id=OTHER_TEAM, person_ids=(STRANGER,)))
    await deliver(ledger, database)
    (posted,) = connector.posted
    sections = [one for one in card_of(posted.activity)["body"] if one["type"] == "Container"]
    button = sections[1]["items"][-1]["actions"][0]
    pressed = activity(connector, type="invoke", name="adaptiveCard/action", value={"action": button})
    answer = await answer_to(in_teams, connector, pressed)
    assert (answer["type"], answer["value"][:9]) == (TEXT, "Assigned ")
    await deliver(ledger, database)
    assert [(one.method, one.activity_id) for one in connector.posted] == [("POST", "1:0"), ("PUT", "1:0")]
    now = [one for one in card_of(connector.posted[1].activity)["body"] if one["type"] == "Container"]
    assert [len(one["items"][-1]["actions"]) for one in now] == [5, 1]
    again = await answer_to(in_teams, connector, pressed)
    assert (again["type"], again["value"]) == (TEXT, answer["value"])


async def test_a_press_on_a_digest_that_has_changed_says_so(
    database: Database, in_teams: httpx.AsyncClient, connector: BotConnector, ledger: Deliverer
) -> None:
    await enter(database, team(OTHER_TEAM, manager_id=DANA, version=2), person(STRANGER, DANA, version=2))
    await tell(database, gap := opened(), opened(team_id=OTHER_TEAM, person_ids=(STRANGER,)))
    await deliver(ledger, database)
    sections = [one for one in card_of(connector.posted[0].activity)["body"] if one["type"] == "Container"]
    await tell(database, changed(gap, person_ids=gap.person_ids[:1]))
    buttons = [one["items"][-1]["actions"][0] for one in sections]
    (stale,) = [one for one in buttons if one["title"] == "Assign to 2 people"]
    pressed = activity(connector, type="invoke", name="adaptiveCard/action", value={"action": stale})
    answer = await answer_to(in_teams, connector, pressed)
    assert (answer["type"], answer["value"][:20]) == (TEXT, "Nothing was changed.")
