"""A message as an Adaptive Card 1.5. Foreign text stands in text runs, which read no markdown.

Plain dictionaries: the models of `microsoft-teams-cards` cost 7 MB, and the tests hold every card against the published
schema. https://adaptivecards.io/explorer/
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from kinetic.recommendation.channels.digest import Digest
from kinetic.recommendation.channels.message import MOST_EVIDENCE, Action, ActionId, Message
from kinetic.recommendation.channels.notice import Item, NoticeMessage
from kinetic.recommendation.channels.room import first_with_room

MOST_IN_DIGEST: Final = 6
MOST_BYTES: Final = 26_000
"""Of a card: Teams takes 28 KB, with the summary beside it."""

FROM_DIGEST: Final = "from_digest"
"""What a press tells of the card on which it was made: its answer must not take the place of the whole."""

_PRESSED: Final = frozenset({ActionId.ASSIGN, ActionId.SNOOZE, ActionId.DISMISS})
"""What is done where it is pressed. Everything else opens a page."""

Element = dict[str, Any]


def render(message: Item | Digest, note: str | None = None) -> Element:
    """The card of one nudge or notice, or of what came of it, or of several. A note stands above everything else."""
    if isinstance(message, Digest):
        return render_digest(message)
    beside = message.why if isinstance(message, NoticeMessage) else f"{message.effort}."
    told = message.outcome or f"{message.title}. {beside}"
    above = [_run(note, weight="Bolder", color="Attention")] if note else []
    actions = [_action(action, message) for action in message.actions]
    bodies = ([*above, *_body(_with_evidence(message, lines))] for lines in (MOST_EVIDENCE, 2, 1, 0))
    return first_with_room((_card(message.language, told, body, actions) for body in bodies), MOST_BYTES)


def render_digest(digest: Digest) -> Element:
    """The card of several, each with its own buttons and as much evidence as finds room. Those that find none are in the console."""
    shown = digest.messages[:MOST_IN_DIGEST]
    titles = [_container([_title(message)], message.actions[-1:], message) for message in shown]
    wholes = ([_section(message, lines) for message in shown] for lines in (2, 1, 0))
    return first_with_room((_digest_card(digest, sections) for sections in (*wholes, titles)), MOST_BYTES)


def _with_evidence(message: Item, lines: int) -> Item:
    return message if isinstance(message, NoticeMessage) else replace(message, evidence=message.evidence[:lines])


def _digest_card(digest: Digest, sections: Sequence[Element]) -> Element:
    head = _run(digest.title, weight="Bolder", size="Large")
    return _card(digest.book.language, digest.told, [head, *sections, _foot(digest.messages[0])], [])


def _section(message: Item, evidence_lines: int) -> Element:
    return _container(_said(_with_evidence(message, evidence_lines)), message.actions, message)


def _container(items: Sequence[Element], actions: Sequence[Action], message: Item) -> Element:
    buttons = [_action(action, message, {FROM_DIGEST: True}) for action in actions]
    return {"type": "Container", "separator": True, "items": [*items, {"type": "ActionSet", "actions": buttons}]}


def _card(language: str, told: str, body: Sequence[Element], actions: Sequence[Element]) -> Element:
    return {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.5",
        "lang": language,
        "fallbackText": told,
        "speak": told,
        "body": list(body),
        "actions": list(actions),
    }


def _body(message: Item) -> list[Element]:
    return [*_said(message), _foot(message)]


def _title(message: Item) -> Element:
    return _run(message.title, weight="Bolder", size="Medium", strikethrough=message.outcome is not None)


def _said(message: Item) -> list[Element]:
    if message.outcome is not None:
        return [_title(message), _run(message.outcome)]
    facts = [] if isinstance(message, NoticeMessage) else _facts(message)
    return [_title(message), _run(message.why), *facts]


def _foot(message: Item) -> Element:
    foot = {**_run(f"{message.how_often} ", isSubtle=True, size="Small"), "separator": True}
    change = {"type": "Action.OpenUrl", "url": message.settings_url}
    foot["inlines"].append(_text(message.book.say("change-how-often"), size="Small", selectAction=change))
    return foot


def _facts(message: Message) -> list[Element]:
    say = message.book.say
    facts = ((say("label-suggestion"), message.suggestion), (say("label-effort"), message.effort))
    rows = [_run(message.labelled(label, value)) for label, value in facts]
    rows.append(_run(message.effect))
    if message.evidence:
        rows.append(_run(say("label-evidence"), weight="Bolder"))
    for line in message.evidence:
        opens = {"selectAction": {"type": "Action.OpenUrl", "url": line.url}} if line.url else {}
        rows.append(_rich([_text(f"{line.source}, {line.age}", **opens), _text(f": {line.statement}")]))
    return rows


def _action(action: Action, message: Item, more: Element | None = None) -> Element:
    if isinstance(message, NoticeMessage) or action.action not in _PRESSED:
        return _open(action)
    if not action.choices:
        return _execute(action.label, action, message, more)
    choices = [{"title": choice.label, "value": choice.value} for choice in action.choices]
    asked = {
        "type": "Input.ChoiceSet",
        "id": "choice",
        "label": action.label,
        "style": "expanded",
        "value": choices[0]["value"],
        "choices": choices,
    }
    send = _execute(message.book.say("action-send"), action, message, more)
    return {
        "type": "Action.ShowCard",
        "title": action.label,
        "card": {"type": "AdaptiveCard", "body": [asked], "actions": [send]},
    }


def _execute(title: str, action: Action, message: Message, more: Element | None) -> Element:
    """A press that reaches the bot; a client without `Action.Execute` submits the same, one without both shows nothing."""
    about = {"nudge_id": message.nudge_id, "version": message.version, **(more or {})}
    style = {"style": "positive"} if action.action is ActionId.ASSIGN else {}
    submit = {"type": "Action.Submit", "title": title, "data": {**about, "verb": action.action.value}}
    return {
        "type": "Action.Execute",
        "title": title,
        "verb": action.action.value,
        "data": about,
        "fallback": submit,
        **style,
    }


def _open(action: Action) -> Element:
    return {"type": "Action.OpenUrl", "title": action.label, "url": action.url}


def _run(text: str, **style: Any) -> Element:
    return _rich([_text(text, **style)])


def _rich(inlines: Sequence[Element]) -> Element:
    return {"type": "RichTextBlock", "inlines": list(inlines)}


def _text(text: str, **style: Any) -> Element:
    return {"type": "TextRun", "text": text, **style}
