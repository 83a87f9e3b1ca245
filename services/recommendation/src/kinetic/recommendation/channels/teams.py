"""A message as an Adaptive Card 1.5. Foreign text stands in text runs, which read no markdown.

Plain dictionaries: the models of `microsoft-teams-cards` cost 7 MB, and the tests hold every card against the published
schema. https://adaptivecards.io/explorer/
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from kinetic.recommendation.channels.message import Action, ActionId, Digest, Message
from kinetic.recommendation.channels.notice import Item, NoticeMessage

MOST_IN_DIGEST: Final = 6
"""Teams shows at most 28 KB."""

_PRESSED: Final = frozenset({ActionId.ASSIGN, ActionId.SNOOZE, ActionId.DISMISS})
"""What is done where it is pressed. Everything else opens a page."""

Element = dict[str, Any]


def render(message: Item, note: str | None = None) -> Element:
    """The card of one nudge or notice, or of what came of it. A note stands above everything else."""
    beside = message.why if isinstance(message, NoticeMessage) else f"{message.effort}."
    told = message.outcome or f"{message.title}. {beside}"
    above = [_run(note, weight="Bolder", color="Attention")] if note else []
    actions = [_action(action, message) for action in message.actions]
    return _card(message.language, told, [*above, *_body(message)], actions)


def render_digest(digest: Digest) -> Element:
    """The card of several nudges; they are acted on in the console. Those that find no room are there, too."""
    body: list[Element] = [_run(digest.title, weight="Bolder", size="Medium")]
    shown = digest.messages[:MOST_IN_DIGEST]
    for message in shown:
        opens = {"type": "ActionSet", "actions": [_open(action) for action in message.actions[:1]]}
        body.append({"type": "Container", "separator": True, "items": [*_body(message)[:-1], opens]})
    language = shown[0].language if shown else "en"
    return _card(language, digest.title, body, [])


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
    title = _run(message.title, weight="Bolder", size="Medium", strikethrough=message.outcome is not None)
    foot = {**_run(f"{message.how_often} ", isSubtle=True, size="Small"), "separator": True}
    change = {"type": "Action.OpenUrl", "url": message.settings_url}
    foot["inlines"].append(_text(message.book.say("change-how-often"), size="Small", selectAction=change))
    if message.outcome is not None:
        return [title, _run(message.outcome), foot]
    facts = [] if isinstance(message, NoticeMessage) else _facts(message)
    return [title, _run(message.why), *facts, foot]


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


def _action(action: Action, message: Item) -> Element:
    if isinstance(message, NoticeMessage) or action.action not in _PRESSED:
        return _open(action)
    if not action.choices:
        return _execute(action.label, action, message)
    choices = [{"title": choice.label, "value": choice.value} for choice in action.choices]
    asked = {
        "type": "Input.ChoiceSet",
        "id": "choice",
        "label": action.label,
        "style": "expanded",
        "value": choices[0]["value"],
        "choices": choices,
    }
    send = _execute(message.book.say("action-send"), action, message)
    return {
        "type": "Action.ShowCard",
        "title": action.label,
        "card": {"type": "AdaptiveCard", "body": [asked], "actions": [send]},
    }


def _execute(title: str, action: Action, message: Message) -> Element:
    """A press that reaches the bot; a client without `Action.Execute` submits the same, one without both shows nothing."""
    about = {"nudge_id": message.nudge_id, "version": message.version}
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
