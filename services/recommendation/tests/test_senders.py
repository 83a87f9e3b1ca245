"""From a nudge through the ledger to a mail that arrives, and to none once its reader has clicked; real Postgres, real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx
import pytest
from pydantic import SecretStr

from kinetic.common.database import Database
from kinetic.contracts.ids import TeamId
from kinetic.recommendation.app import create_service
from kinetic.recommendation.channels.sending import Channel
from kinetic.recommendation.deliverer import Deliverer
from kinetic.recommendation.senders import senders_of
from kinetic.recommendation.settings import Settings
from services.recommendation.tests.company import (
    DANA,
    OTHER_TEAM,
    STRANGER,
    TEAM,
    enter,
    opened,
    person,
    team,
    tell,
)
from services.recommendation.tests.delivering import DANAS, standings
from services.recommendation.tests.mail_far_side import Mailbox, serving
from tests.support.http import open_doors

KEY = "k" * 32


@pytest.fixture
async def http(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    monkeypatch.setenv("KINETIC_UNSUBSCRIBE_KEYS", KEY)
    async with open_doors(create_service(), database) as client:
        yield client


def test_a_channel_is_there_when_its_settings_are() -> None:
    database = Database("postgresql://nowhere", "recommendation")
    assert senders_of(Settings(), database) == ()
    secret = SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    settings = Settings(
        smtp_host="localhost",
        unsubscribe_keys=SecretStr(KEY),
        nudge_webhook_url="https://hooks.company.example/",
        nudge_webhook_secrets=secret,
    )
    assert [sender.channel for sender in senders_of(settings, database)] == [Channel.MAIL, Channel.WEBHOOK]


async def nudge_about(database: Database, team_id: TeamId, port: int) -> None:
    """A nudge about a team of Dana's, and what is due is delivered by mail."""
    await tell(database, opened(team_id=team_id, **({} if team_id == TEAM else {"person_ids": (STRANGER,)})))
    settings = Settings(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none", unsubscribe_keys=SecretStr(KEY))
    deliverer = Deliverer(senders_of(settings, database), "https://console.example")
    while await deliverer.deliver_due(database):
        pass


@pytest.mark.parametrize(("resumes", "arrived"), [(False, 1), (True, 2)])
async def test_a_nudge_arrives_as_a_mail_until_its_reader_clicks_and_again_when_they_wish(
    database: Database, http: httpx.AsyncClient, resumes: bool, arrived: int
) -> None:
    mailbox = Mailbox()
    await enter(database, team(OTHER_TEAM, manager_id=DANA, version=2), person(STRANGER, DANA, version=2))
    async with serving(mailbox) as port:
        await nudge_about(database, TEAM, port)
        ((envelope, mail),) = mailbox.mails
        assert (envelope.rcpt_tos, await standings(database)) == (["dana@company.example"], ["sent"])
        click = urlsplit(str(mail["List-Unsubscribe"]).strip("<>"))
        field, _, value = str(mail["List-Unsubscribe-Post"]).partition("=")
        assert (await http.post(click.path, data={field: value})).status_code == 200
        if resumes:
            assert (await http.post("/mail/resume", headers=DANAS)).status_code == 204
        await nudge_about(database, OTHER_TEAM, port)
    assert len(mailbox.mails) == arrived
    assert sorted(await standings(database)) == ["sent", "sent" if resumes else "unaddressed"]
