"""What Slack, Teams, mail and a webhook are given: within their limits, without names, and deaf to what tools write."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft6Validator

from kinetic.common.events import Cause
from kinetic.contracts.ids import ContentId, EventId, GapId, NudgeId, PersonId
from kinetic.contracts.ingestion import Teaches
from kinetic.contracts.recommendation import DismissalReason, SnoozeUntil, WithdrawalReason
from kinetic.recommendation.channels import mail, slack, teams, webhook
from kinetic.recommendation.channels.mail import Envelope
from kinetic.recommendation.channels.message import ActionId, Addressee, Message, message_of, undoable
from kinetic.recommendation.domain.content import Content
from kinetic.recommendation.domain.expectation import NotMeasured
from kinetic.recommendation.domain.nudge import Nudge, Offer, Outcome, Snooze, State
from kinetic.recommendation.words import LANGUAGES, phrasebook_of
from services.recommendation.tests.block_kit import assert_fits_slack
from services.recommendation.tests.company import BEN, CARLA, DANA, NAMES, SEEN_AT, SKILL, TEAM, evidence

BERLIN = ZoneInfo("Europe/Berlin")
CONSOLE = "https://console.example"
READER = PersonId("the manager")
SCHEMA = Draft6Validator(json.loads((Path(__file__).parent / "schemas" / "adaptive-card-1.5.json").read_text()))
ENVELOPE = Envelope(
    "Kinetic", "nudges@console.example", "dana@company.example", "https://console.example/u/token", SEEN_AT
)
EVIL = "<!channel> <https://evil.example|click> *_~`b`~_* [x](https://evil.example) & <b onload=x>\r\nBcc: all@evil.example"
LONG = st.text(max_size=2000) | st.integers(1000, 5000).map(lambda n: "<&>*_~`" * (n // 7))


def nudge(title: str = "Small, reversible releases", statement: str = "A build failed", **changes: Any) -> Nudge:
    content = Content(ContentId("c"), 1, title, "https://lms.example", "en", 25, (Teaches(competency=SKILL, level=4),))
    seen = (evidence(statement=statement), evidence("kpi.lead-time", SEEN_AT - timedelta(days=2), statement))
    offer = Offer(content, "Release engineering", None, (BEN, CARLA), 8, seen, 3)
    cause = Cause(EventId("e"), EventId("e"))
    life = (NudgeId("n-1"), GapId("g"), TEAM, DANA, SKILL, offer, State.COMPOSED, 1, 1, 1)
    return replace(Nudge(*life, SEEN_AT, SEEN_AT + timedelta(days=7), cause), **changes)


def message(language: str = "en", **changes: Any) -> Message:
    reader = Addressee(phrasebook_of(language), BERLIN, CONSOLE, 2, SEEN_AT + timedelta(hours=2))
    return message_of(nudge(**changes), reader, NotMeasured(9, 20))


def forms(language: str = "en", **changes: Any) -> dict[str, Message]:
    """A message in each of its forms."""

    def ended(state: State, **how: Any) -> Message:
        return message(language, state=state, outcome=Outcome(SEEN_AT, **how), **changes)

    def snoozed(until: SnoozeUntil, due_at: datetime | None) -> Message:
        resting = Snooze(until, SEEN_AT, State.SEEN, 1.4, due_at)
        return message(language, state=State.SNOOZED, snooze=resting, **changes)

    assigned = ended(State.ACCEPTED, by=DANA, person_ids=(BEN, CARLA))
    return {
        "offer": message(language, **changes),
        "done": assigned,
        "undoable": undoable(assigned),
        "dismissed": ended(State.DISMISSED, by=DANA, reason=DismissalReason.BAD_TIMING),
        "expired": ended(State.EXPIRED),
        "withdrawn": ended(State.WITHDRAWN, reason=WithdrawalReason.GAP_CLOSED),
        "snoozed": snoozed(SnoozeUntil.TOMORROW, SEEN_AT + timedelta(days=3)),
        "snoozed until moved": snoozed(SnoozeUntil.MOVED, None),
    }


FORMS = tuple(forms())


def strings(value: Any) -> list[str]:
    """Every text of a JSON value."""
    if isinstance(value, dict):
        return [text for inner in value.values() for text in strings(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in strings(inner)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", FORMS)
def test_every_form_fits_every_channel_in_every_language(form: str, language: str) -> None:
    shown = forms(language)[form]
    assert_fits_slack(slack.render(shown))
    SCHEMA.validate(teams.render(shown))
    assert json.dumps(webhook.render(shown, SEEN_AT, READER))
    assert mail.render(shown, ENVELOPE).as_bytes()


@settings(max_examples=40, deadline=None)
@given(LONG, LONG, st.sampled_from(FORMS))
def test_whatever_tools_write_fits_every_channel(title: str, statement: str, form: str) -> None:
    shown = forms(title=title, statement=statement)[form]
    assert_fits_slack(slack.render(shown))
    card = teams.render(shown)
    SCHEMA.validate(card)
    assert len(json.dumps(card)) <= 28_000
    sent = message_from_bytes(mail.render(shown, ENVELOPE).as_bytes(), policy=policy.default)
    assert sent["Subject"]


def test_a_slack_message_reads_no_markup_of_strangers() -> None:
    posted = slack.render(message(title=EVIL, statement=EVIL))
    for raw in ("<!channel>", "<https://evil"):
        assert raw not in posted["text"]
    marked = [block for block in posted["blocks"] if block["type"] != "rich_text"]
    assert not any("evil" in text for text in strings(marked))
    links = re.findall(r"'url': '([^']+)'", str(posted["blocks"]))
    assert not any("evil" in url for url in links)


def test_in_slack_one_press_assigns_puts_off_or_dismisses_and_all_else_opens_a_page() -> None:
    for shown in forms().values():
        (row,) = [block for block in slack.render(shown)["blocks"] if block["type"] == "actions"]
        assert row["block_id"] == f"nudge:n-1:{shown.version}"
        pressed = [element["action_id"] for element in row["elements"] if "url" not in element]
        offered = {action.action for action in shown.actions}
        wanted = [action for action in (ActionId.ASSIGN, ActionId.SNOOZE, ActionId.DISMISS) if action in offered]
        assert pressed == [slack.action_id_of(action) for action in wanted]
        assert all(
            element["url"].startswith(f"{CONSOLE}/?nudge=n-1") for element in row["elements"] if "url" in element
        )


def test_a_block_tells_the_nudge_and_the_version_that_it_shows() -> None:
    shown = slack.Shown(str(UUID(int=7)), 12)
    assert slack.shown_in(shown.block_id) == shown
    for other in ("", "nudge:n-1:1", f"{shown.block_id}0000000000", f"x{shown.block_id}", f"nudge:{UUID(int=7)}:0"):
        assert slack.shown_in(other) is None


def test_a_teams_card_reads_no_markdown_of_strangers() -> None:
    def places(value: Any) -> list[str]:
        if isinstance(value, list):
            return [place for inner in value for place in places(inner)]
        if not isinstance(value, dict):
            return []
        here = (
            [value["type"]] if any("evil" in str(value.get(key)) for key in ("text", "value", "title", "url")) else []
        )
        return here + [place for inner in value.values() for place in places(inner)]

    assert set(places(teams.render(message(title=EVIL, statement=EVIL))["body"])) == {"TextRun"}


def test_a_teams_card_takes_presses_for_what_can_be_done_on_it_and_opens_pages_for_the_rest() -> None:
    opened = {form: [button["type"] for button in teams.render(shown)["actions"]] for form, shown in forms().items()}
    page, card = "Action.OpenUrl", "Action.ShowCard"
    assert opened["offer"] == ["Action.Execute", page, card, card, page]
    assert opened["undoable"] == [page, page]
    chosen = teams.render(message())["actions"][1]
    assert chosen["url"] == f"{CONSOLE}/?nudge=n-1&do=choose"


class Tags(HTMLParser):
    """Collects the tags of a page with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def parts(shown: Message) -> tuple[Any, str, str]:
    """A mail as it arrives, its plain text, and its HTML."""
    sent = message_from_bytes(mail.render(shown, ENVELOPE).as_bytes(), policy=policy.default)
    plain, html = (sent.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert html is not None
    return sent, plain.get_content(), html.get_content()


def test_a_mail_holds_no_tag_and_no_header_of_strangers() -> None:
    sent, _, html = parts(message(title=EVIL, statement=EVIL))
    assert "Bcc" not in sent
    tags = Tags(html).found
    assert not any("onload" in attributes for _, attributes in tags)
    assert not any("evil" in (attributes.get("href") or "") for _, attributes in tags)
    assert "&lt;!channel&gt;" in html


def test_a_title_with_line_breaks_adds_no_header() -> None:
    shown = replace(message(), title="Slow\r\nBcc: all@evil.example\r\n\r\nbody")
    sent, _, _ = parts(shown)
    assert "Bcc" not in sent
    assert sent["Subject"] == "Slow Bcc: all@evil.example body"


def test_a_mail_unsubscribes_by_one_click_and_says_that_no_person_wrote_it() -> None:
    sent, plain, _ = parts(message())
    assert sent["List-Unsubscribe"] == "<https://console.example/u/token>"
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert sent["Auto-Submitted"] == "auto-generated"
    assert sent["Message-ID"] == parts(message())[0]["Message-ID"] == "<nudge.n-1.1@console.example>"
    assert f"Review and assign to 2 people: {CONSOLE}/?nudge=n-1&do=assign" in plain


@pytest.mark.parametrize("form", FORMS)
def test_a_mail_fetches_nothing_and_its_links_open_pages_only(form: str) -> None:
    _, _, html = parts(forms()[form])
    tags = Tags(html).found
    assert not {"img", "link", "script", "form", "iframe"} & {tag for tag, _ in tags}
    assert "@import" not in html
    hrefs = {attributes["href"] or "" for tag, attributes in tags if tag == "a"}
    assert hrefs
    assert all(
        re.fullmatch(rf"{CONSOLE}/(\?nudge=n-1(&do=\w+)?|settings/nudges)|https://github.example/runs/1", href)
        for href in hrefs
    )


@pytest.mark.parametrize("form", FORMS)
def test_no_channel_names_anybody(form: str) -> None:
    shown = forms()[form]
    told = json.dumps(
        [slack.render(shown), teams.render(shown), webhook.render(shown, SEEN_AT, READER), parts(shown)[1:]]
    )
    assert not any(re.search(rf"\b{name}\b", told, re.IGNORECASE) for name in NAMES.values())
    assert not any(person_id in told for person_id in NAMES)


def test_an_ended_or_resting_nudge_offers_no_more_than_to_look_and_to_undo() -> None:
    offered = {form: [action.action.value for action in shown.actions] for form, shown in forms().items()}
    assert offered["offer"] == ["assign", "choose", "snooze", "dismiss", "why"]
    assert offered["undoable"] == ["undo", "why"]
    assert all(offered[form] == ["why"] for form in set(offered) - {"offer", "undoable"})


def test_a_snoozed_nudge_says_until_when_and_a_webhook_tells_its_state() -> None:
    shown = forms()
    assert shown["snoozed"].outcome == "Snoozed until 26 Nov 10:00."
    assert shown["snoozed until moved"].outcome == "Snoozed until it moves again."
    assert webhook.render(shown["snoozed"], SEEN_AT, READER)["type"] == "kinetic.nudge.snoozed"


def test_a_statement_that_shows_nothing_leaves_no_empty_title() -> None:
    assert message(statement="\u200b\x07").title == "Release engineering: the work asks for more than the team holds"


def test_evidence_links_to_pages_only() -> None:
    seen = evidence().model_copy(update={"url": "javascript:alert(1)"})
    made = nudge()
    reader = Addressee(phrasebook_of("en"), BERLIN, CONSOLE, 2, SEEN_AT)
    shown = message_of(replace(made, offer=replace(made.offer, evidence=(seen,))), reader)
    assert shown.evidence[0].url is None
