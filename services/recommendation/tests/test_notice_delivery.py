"""Notices reach managers by the same ledger as nudges, and through the same doors they see and end them."""

from __future__ import annotations

import json
from datetime import timedelta
from email import message_from_bytes, policy

import httpx
import pytest

from kinetic.common.database import Database
from kinetic.common.events import Cause
from kinetic.contracts.ids import EventId, NoticeId
from kinetic.contracts.recommendation import NoticeEnding
from kinetic.recommendation.channels import mail, slack, teams, webhook
from kinetic.recommendation.channels.message import Addressee
from kinetic.recommendation.channels.notice import NoticeMessage, notice_message_of, page_of
from kinetic.recommendation.channels.sending import Channel
from kinetic.recommendation.domain.notice import Notice, State
from kinetic.recommendation.words import LANGUAGES, phrasebook_of
from services.recommendation.tests.block_kit import assert_fits_slack
from services.recommendation.tests.company import (
    COURSE,
    DANA,
    LEE,
    NAMES,
    SEEN_AT,
    confirm,
    enter,
    fetch,
    fire,
    person,
    run,
    team,
    told_types,
)
from services.recommendation.tests.delivering import DANAS, Outlet, deliver, standings
from services.recommendation.tests.notices import ask, found, reconsider, reinforcement
from services.recommendation.tests.test_channels import BERLIN, CONSOLE, ENVELOPE, READER, SCHEMA, strings
from tests.support.http import token

ADMINS, LEES = token("ravi", "admin"), token("lee", "manager")
TITLE = "2 of 3 people have completed “Small, reversible releases”"


def shown(language: str = "en", title: str = "Small, reversible releases", **changes: object) -> NoticeMessage:
    """A notice in the words of a language."""
    cause = Cause(EventId("e"), EventId("e"))
    life = {"state": State.COMPOSED, "version": 2, **changes}
    notice = Notice(NoticeId("n-1"), EventId("r-1"), reinforcement(), cause, SEEN_AT, **life)  # type: ignore[arg-type]
    return notice_message_of(notice, {COURSE: title}, Addressee(phrasebook_of(language), BERLIN, CONSOLE, 2, SEEN_AT))


async def test_a_notice_goes_through_the_first_channel_in_the_managers_language(
    database: Database, http: httpx.AsyncClient
) -> None:
    outlet, other = Outlet(), Outlet(Channel.MAIL)
    await http.put("/preferences", headers=DANAS, json={"channels": ["mail"], "language": "de"})
    await ask(database, reinforcement())
    await deliver(database, outlet, other)
    (got,) = other.messages
    assert (outlet.got, other.got[0].recipient.person_id, got.language) == ([], DANA, "de")
    assert (got.version, await standings(database)) == (2, ["sent"])


async def test_its_message_follows_when_the_manager_is_done(database: Database, http: httpx.AsyncClient) -> None:
    outlet = Outlet()
    await ask(database, reinforcement())
    await deliver(database, outlet)
    (card,) = (await http.get("/inbox/notices", headers=DANAS)).json()
    assert (card["title"], card["url"], card["outcome"]) == (TITLE, "/?nudge=n-1", None)
    answers = [await http.post(f"/notices/{card['notice_id']}/done", headers=DANAS) for _ in range(2)]
    assert [(one.status_code, one.json()["state"], one.json()["version"]) for one in answers] == [(200, "ended", 3)] * 2
    assert answers[0].json()["outcome"].startswith("Done on ")
    await deliver(database, outlet)
    assert outlet.shown == [(State.COMPOSED, None), (State.ENDED, "1")]
    assert await told_types(database) == ["notice.composed", "notice.ended"]
    assert (await http.get("/inbox/notices", headers=DANAS)).json() == []


async def test_a_former_manager_neither_sees_nor_gets_it(database: Database, http: httpx.AsyncClient) -> None:
    outlet = Outlet()
    await ask(database, reinforcement())
    (card,) = (await http.get("/inbox/notices", headers=DANAS)).json()
    await enter(database, person(LEE, version=2), team(manager_id=LEE, version=2))
    assert (await http.get("/inbox/notices", headers=DANAS)).json() == []
    done = await http.post(f"/notices/{card['notice_id']}/done", headers=DANAS)
    assert done.status_code == 404
    await deliver(database, outlet)
    assert outlet.got == []
    await reconsider(database)
    await deliver(database, outlet)
    assert [one.recipient.person_id for one in outlet.got] == [LEE]
    assert [one["title"] for one in (await http.get("/inbox/notices", headers=LEES)).json()] == [TITLE]


async def test_wishes_of_who_has_the_team_by_now_free_what_waits_for_them(
    database: Database, http: httpx.AsyncClient
) -> None:
    await enter(database, person(LEE, version=2), team(manager_id=LEE, version=2))
    await http.put("/preferences", headers=LEES, json={"weekly_budget": 0})
    await ask(database, reinforcement())
    await http.put("/preferences", headers=LEES, json={"weekly_budget": 1})
    async with database.transaction() as tx:
        await fire(tx, "notices")
    assert await found(database) == [("composed", LEE, None)]


async def test_another_managers_notice_is_none(database: Database, http: httpx.AsyncClient) -> None:
    await ask(database, reinforcement())
    (row,) = await fetch(database, "SELECT notice_id FROM notice")
    assert (await http.post(f"/notices/{row['notice_id']}/done", headers=LEES)).status_code == 404
    assert (await http.get("/inbox/notices", headers=LEES)).json() == []
    assert await found(database) == [("composed", DANA, None)]


async def test_on_an_old_directory_nobody_closes_one_for_somebody_else(
    database: Database, http: httpx.AsyncClient
) -> None:
    await ask(database, reinforcement())
    await confirm(database, age=timedelta(seconds=61))
    (row,) = await fetch(database, "SELECT notice_id FROM notice")
    assert (await http.post(f"/notices/{row['notice_id']}/done", headers=DANAS)).status_code == 503
    assert await found(database) == [("composed", DANA, None)]


async def test_what_was_sent_of_a_withdrawn_one_says_so(database: Database) -> None:
    outlet = Outlet()
    await ask(database, reinforcement())
    await deliver(database, outlet)
    await enter(database, person(LEE, version=2), team(manager_id=LEE, version=2))
    await reconsider(database)
    await deliver(database, outlet)
    got = zip(outlet.got, outlet.messages, strict=True)
    assert {(one.recipient.person_id, message.outcome is not None) for one, message in got} == {
        (DANA, False),
        (DANA, True),
        (LEE, False),
    }


async def test_nothing_new_comes_in_quiet_hours(database: Database) -> None:
    outlet = Outlet()
    await ask(database, reinforcement())
    await run(database, "UPDATE policy SET quiet_start = '00:00', quiet_end = '23:59:59.999999'")
    await deliver(database, outlet)
    assert (outlet.got, await standings(database)) == ([], ["planned"])


async def test_operators_see_what_waits_and_what_was_delivered(database: Database, http: httpx.AsyncClient) -> None:
    await run(database, "UPDATE policy SET weekly_budget = 1")
    await ask(database, reinforcement(), reinforcement())
    await deliver(database)
    (waits,) = (await http.get("/notices", headers=ADMINS)).json()
    assert (waits["waits_for"], waits["asked_for"], waits["manager_id"]) == ("weekly_budget", DANA, None)
    (entry,) = (await http.get("/deliveries?standing=unaddressed", headers=ADMINS)).json()
    assert (entry["nudge_id"], entry["manager_id"]) == (None, DANA)
    (stands,) = (await http.get("/notices?state=composed", headers=ADMINS)).json()
    assert entry["notice_id"] == stands["notice_id"]
    assert (await http.get("/notices", headers=DANAS)).status_code == 403


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("ending", [None, *NoticeEnding])
@pytest.mark.parametrize("title", ["Small, reversible releases", "<&>*_~`" * 300])
def test_a_notice_fits_every_channel_in_every_language(language: str, ending: NoticeEnding | None, title: str) -> None:
    state = State.ENDED if ending else State.COMPOSED
    message = shown(language, title, ending=ending, state=state)
    posted = slack.render(message)
    assert_fits_slack(posted)
    assert posted["metadata"]["event_payload"] == {"notice_id": "n-1", "version": 2}
    card = teams.render(message)
    SCHEMA.validate(card)
    assert len(json.dumps(card)) <= 28_000
    sent = message_from_bytes(mail.render(message, ENVELOPE).as_bytes(), policy=policy.default)
    assert sent["Subject"]
    body = webhook.render(message, SEEN_AT, READER)
    assert (body["type"], body["data"]["notice_id"]) == (f"kinetic.notice.{state}", "n-1")
    assert not any(name.title() in text for text in [*strings(posted), *strings(card)] for name in NAMES.values())


def test_a_mail_about_a_notice_leads_to_its_page_and_promises_no_assignment() -> None:
    sent = mail.render(shown(), ENVELOPE)
    for kind in ("plain", "html"):
        part = sent.get_body((kind,))
        assert part is not None
        text = part.get_content()
        assert f"{CONSOLE}/?nudge=n-1" in text
        assert "Give it five minutes in the weekly review." in text
        assert "Nothing is assigned" not in text
    assert sent["Message-ID"] == "<notice.n-1.2@console.example>"


def test_one_person_is_counted_as_one() -> None:
    alone = reinforcement(completed=1, assigned=1)
    cause = Cause(EventId("e"), EventId("e"))
    notice = Notice(NoticeId("n"), EventId("r"), alone, cause, SEEN_AT)
    titles = {COURSE: "Releases"}
    said = [
        notice_message_of(notice, titles, Addressee(phrasebook_of(one), BERLIN, CONSOLE, 2, SEEN_AT)).title
        for one in LANGUAGES
    ]
    assert said == [
        "1 of 1 person has completed “Releases”",
        "1 von 1 Person hat „Releases“ abgeschlossen",
        "1 personne sur 1 a terminé « Releases »",
    ]


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/a b", "", "/x\n"]
)
def test_a_path_that_leads_elsewhere_leads_to_the_first_page(path: str) -> None:
    assert page_of(path, CONSOLE) == f"{CONSOLE}/"
