"""What channels are given when several come at once: within their limits, each with its own buttons."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import orjson
import pytest

from kinetic.contracts.ids import NudgeId
from kinetic.contracts.recommendation import DismissalReason
from kinetic.recommendation.channels import mail, slack, teams, webhook
from kinetic.recommendation.channels.digest import Digest, shown_as
from kinetic.recommendation.domain.nudge import Outcome, State
from kinetic.recommendation.words import LANGUAGES, phrasebook_of
from services.recommendation.tests.block_kit import assert_fits_slack
from services.recommendation.tests.company import DANA, SEEN_AT
from services.recommendation.tests.test_channels import ENVELOPE, READER, SCHEMA, message


@pytest.mark.parametrize("count", [1, 3, 40])
@pytest.mark.parametrize("statement", ["<&>" * 1000, "日本語😀" * 500], ids=["markup", "wide"])
def test_a_digest_fits_however_many_wait(count: int, statement: str) -> None:
    digest = Digest((message(title=statement, statement=statement),) * count, phrasebook_of("de"))
    assert_fits_slack(slack.render(digest))
    card = teams.render(digest)
    SCHEMA.validate(card)
    assert len(orjson.dumps(card)) <= 26_000
    assert mail.render(digest, ENVELOPE)["Subject"] == digest.title
    assert len(webhook.render(digest, SEEN_AT, READER)["data"]["messages"]) == count


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [1, 2, 4])
def test_long_evidence_with_long_links_finds_room_in_slack_without_a_button_lost(language: str, count: int) -> None:
    one = message(language, statement="Ein Auftrag kam zu spät an und fehlt jetzt. " * 9)
    lines = (replace(one.evidence[0], url=f"https://tickets.example/{'a' * 1900}"),) * 5
    shown = tuple(replace(one, nudge_id=NudgeId(str(UUID(int=at))), evidence=lines) for at in range(count))
    posted = slack.render(shown_as(shown))
    assert_fits_slack(posted)
    buttons = [len(block["elements"]) for block in posted["blocks"] if block["type"] == "actions"]
    assert buttons == [5] * count
    assert all(one.title in str(posted["blocks"]) for one in shown)


def test_a_card_of_one_with_long_links_finds_room_in_teams() -> None:
    one = message(statement="日本語" * 100)
    lines = (replace(one.evidence[0], url=f"https://tickets.example/{'a' * 1900}"),) * 5
    card = teams.render(replace(one, evidence=lines, why="日本語" * 1000))
    SCHEMA.validate(card)
    assert len(orjson.dumps(card)) <= 26_000
    assert 1 <= str(card).count("tickets.example") < 5


def test_what_finds_room_in_slack_is_shown_whole() -> None:
    shown = message()
    said = str(slack.render(Digest((shown, shown), phrasebook_of("en")))["blocks"])
    assert said.count(shown.why) == said.count(shown.effect) == 2
    assert said.count(f": {shown.evidence[1].statement}") == 4


def test_each_of_a_digest_has_its_own_buttons_everywhere() -> None:
    answered = message(state=State.DISMISSED, outcome=Outcome(SEEN_AT, by=DANA, reason=DismissalReason.BAD_TIMING))
    first = replace(message(), nudge_id=NudgeId(str(UUID(int=1))))
    second = replace(message(), nudge_id=NudgeId(str(UUID(int=2))), version=7)
    digest = Digest((first, second, answered), phrasebook_of("en"))
    blocks = [block["block_id"] for block in slack.render(digest)["blocks"] if block["type"] == "actions"]
    assert [slack.shown_in(one) for one in blocks[:2]] == [
        slack.Shown(first.nudge_id, 1),
        slack.Shown(second.nudge_id, 7),
    ]
    sections = [one for one in teams.render(digest)["body"] if one["type"] == "Container"]
    pressed = [one["items"][-1]["actions"][0].get("data") for one in sections]
    assert pressed[:2] == [
        {"nudge_id": first.nudge_id, "version": 1, "from_digest": True},
        {"nudge_id": second.nudge_id, "version": 7, "from_digest": True},
    ]
    assert (pressed[2], digest.title) == (None, "2 messages are waiting")


def test_mail_and_webhook_hold_each_of_a_digest() -> None:
    answered = message(state=State.DISMISSED, outcome=Outcome(SEEN_AT, by=DANA, reason=DismissalReason.BAD_TIMING))
    digest = Digest((message(), message(), answered), phrasebook_of("en"))
    plain = mail.render(digest, ENVELOPE).get_body(("plain",))
    assert plain is not None
    assert plain.get_content().count("Review and assign to 2 people:") == 2
    told = webhook.render(digest, SEEN_AT, READER)
    assert (told["type"], [one["type"] for one in told["data"]["messages"]]) == (
        "kinetic.digest",
        ["kinetic.nudge.composed", "kinetic.nudge.composed", "kinetic.nudge.dismissed"],
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_digest_says_how_many_wait_and_when_none_does(language: str) -> None:
    waits = message(language)
    over = message(language, state=State.EXPIRED, outcome=Outcome(SEEN_AT))
    titles = [Digest(shown, phrasebook_of(language)).title for shown in ((waits, waits), (waits, over), (over, over))]
    assert [title[:1] for title in titles[:2]] == ["2", "1"]
    assert not any(sign.isdigit() for sign in titles[2])
