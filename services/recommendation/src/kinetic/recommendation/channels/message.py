"""One nudge in the words of its reader, as every channel renders it. People are counted here, never named."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from kinetic.contracts.ids import NudgeId
from kinetic.contracts.recommendation import DismissalReason, SnoozeUntil
from kinetic.recommendation.domain import wording
from kinetic.recommendation.domain.expectation import UNKNOWN, Expectation
from kinetic.recommendation.domain.nudge import Nudge, State
from kinetic.recommendation.words import Phrasebook

MOST_EVIDENCE: Final = 5
LONGEST_STATEMENT: Final = 300


class ActionId(StrEnum):
    """What a reader can do."""

    ASSIGN = "assign"
    CHOOSE = "choose"
    SNOOZE = "snooze"
    DISMISS = "dismiss"
    WHY = "why"
    OPEN = "open"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several answers to an action."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Action:
    """Something the reader can do. `url` opens the page on which it can be done; opening it does nothing."""

    action: ActionId
    label: str
    url: str
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One observation, where it stands, and how old it is."""

    source: str
    statement: str
    url: str | None
    age: str


class Spoken:
    """What is said to a reader in the words of `book`, at most `weekly_budget` times a week."""

    __slots__ = ()

    book: Phrasebook
    weekly_budget: int

    @property
    def how_often(self) -> str:
        """What to expect of the inbox."""
        return self.book.say("how-often", count=self.weekly_budget)

    def labelled(self, label: str, text: str) -> str:
        """A text behind its label, with the colon of the language."""
        return self.book.say("labelled", label=label, text=text)


@dataclass(frozen=True, slots=True)
class Message(Spoken):
    """A suggestion, or what came of it: then `outcome` says so, and what can still be done is offered.

    A snoozed nudge can be answered on its page; where it stood, it rests.
    """

    nudge_id: NudgeId
    version: int
    state: State
    language: str
    title: str
    why: str
    suggestion: str
    effort: str
    effect: str
    people_count: int
    evidence: tuple[EvidenceLine, ...]
    actions: tuple[Action, ...]
    outcome: str | None
    url: str
    settings_url: str
    book: Phrasebook
    weekly_budget: int

    @property
    def item_id(self) -> str:
        """The id of what it shows."""
        return self.nudge_id


@dataclass(frozen=True, slots=True)
class Addressee:
    """Who reads, and when; `base_url` is the console's, without a slash at its end."""

    book: Phrasebook
    zone: ZoneInfo
    base_url: str
    weekly_budget: int
    now: datetime


def message_of(nudge: Nudge, reader: Addressee, expectation: Expectation = UNKNOWN) -> Message:
    """A nudge in the words of its reader."""
    offer, book = nudge.offer, reader.book
    words = wording.word_offer(offer, nudge.competency, book, reader.zone)
    people = len(offer.person_ids)
    url = f"{reader.base_url}/?nudge={nudge.nudge_id}"
    return Message(
        nudge_id=nudge.nudge_id,
        version=nudge.version,
        state=nudge.state,
        language=book.language,
        title=one_line(words.title) or book.say("slip-unseen", competency=offer.competency_name),
        why=one_line(words.why),
        suggestion=one_line(offer.content.title),
        effort=wording.effort(offer.content.effort_minutes, people, book),
        effect=one_line(wording.expectation(expectation, book)),
        people_count=people,
        evidence=_evidence(nudge, reader),
        actions=_actions(nudge, people, book, url),
        outcome=_what_became(nudge, reader),
        url=url,
        settings_url=f"{reader.base_url}/settings/nudges",
        book=book,
        weekly_budget=reader.weekly_budget,
    )


def undoable(message: Message) -> Message:
    """The message of an accepted nudge while its assignments are held."""
    undo = Action(ActionId.UNDO, message.book.say("action-undo"), _doing(message.url, ActionId.UNDO))
    return replace(message, actions=(undo, *message.actions))


def one_line(text: str) -> str:
    """A text without line breaks and other characters that do not show, such as those that turn the direction of writing."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def cut(text: str, longest: int) -> str:
    """The beginning of a text, at the end of a word where there is one."""
    if len(text) <= longest:
        return text
    return (text[: longest - 1].rsplit(" ", 1)[0].rstrip() or text[: longest - 1]) + "…"


def _evidence(nudge: Nudge, reader: Addressee) -> tuple[EvidenceLine, ...]:
    newest_first = sorted(nudge.offer.evidence, key=lambda item: item.observed_at, reverse=True)
    return tuple(
        EvidenceLine(
            source=one_line(item.source),
            statement=cut(one_line(item.statement), LONGEST_STATEMENT),
            url=_web(item.url),
            age=reader.book.age(item.observed_at, reader.now),
        )
        for item in newest_first[:MOST_EVIDENCE]
    )


def _actions(nudge: Nudge, people: int, book: Phrasebook, url: str) -> tuple[Action, ...]:
    why = Action(ActionId.WHY, book.say("action-why"), url)
    if not nudge.is_open or nudge.snooze is not None:
        return (why,)
    snoozes = tuple(Choice(until.value, book.say(f"snooze-{until}")) for until in SnoozeUntil)
    reasons = tuple(Choice(reason.value, book.say(f"dismissal-{reason}")) for reason in DismissalReason)
    return (
        Action(ActionId.ASSIGN, book.say("action-assign", people=people), _doing(url, ActionId.ASSIGN)),
        Action(ActionId.CHOOSE, book.say("action-choose"), _doing(url, ActionId.CHOOSE)),
        Action(ActionId.SNOOZE, book.say("action-snooze"), _doing(url, ActionId.SNOOZE), snoozes),
        Action(ActionId.DISMISS, book.say("action-dismiss"), _doing(url, ActionId.DISMISS), reasons),
        why,
    )


def _what_became(nudge: Nudge, reader: Addressee) -> str | None:
    if nudge.snooze is not None:
        return wording.snoozed(nudge.snooze.due_at, reader.book, reader.zone)
    return one_line(wording.ended(nudge, nudge.outcome, reader.book, reader.zone)) if nudge.outcome else None


def _doing(url: str, action: ActionId) -> str:
    return f"{url}&do={action}"


def _web(url: str | None) -> str | None:
    """A link that opens a page, or none: tools send what they like."""
    return url if url and url.startswith(("https://", "http://")) and url.isprintable() and len(url) <= 2000 else None
