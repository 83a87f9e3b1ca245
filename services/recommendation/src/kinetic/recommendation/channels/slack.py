"""A message as Slack's Block Kit. Foreign text stands in rich text, where nothing is read as markup, or is escaped.

Limits: https://docs.slack.dev/reference/block-kit. A message has at most 50 blocks, a button 75 characters, a `text` of
4,000; a rich text has no limit of its own, and is kept under the 3,000 of a section. All blocks together have one that Slack
does not name: what does not find room in it is left to the console.

What is pressed comes back with the id of its block, which names the nudge and the version that was shown. Each version has a
block of its own, as Slack asks for messages that change. Only what is done by one press is pressed: the rest are links.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    DividerBlock,
    InteractiveElement,
    MarkdownTextObject,
    Option,
    PlainTextObject,
    RichTextBlock,
    RichTextElementParts,
    RichTextSectionElement,
    StaticSelectElement,
)

from kinetic.recommendation.channels.digest import Digest
from kinetic.recommendation.channels.message import MOST_EVIDENCE, Action, ActionId, EvidenceLine, cut
from kinetic.recommendation.channels.notice import Item, NoticeMessage
from kinetic.recommendation.channels.room import first_with_room

LONGEST_BUTTON: Final = 75
LONGEST_PARAGRAPH: Final = 2900
LONGEST_FALLBACK: Final = 3000
MOST_IN_DIGEST: Final = 4
MOST_BYTES: Final = 12_000
"""Of all blocks as JSON. Slack has refused 13,300 characters, and less in many small blocks (slackapi/bolt-js#2509, #2867)."""

METADATA_TYPE: Final = "kinetic_nudge"

_Parts = RichTextElementParts
_SHOWN: Final = re.compile(r"nudge:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):([1-9][0-9]{0,8})")


@dataclass(frozen=True, slots=True)
class _Room:
    """How many lines of evidence a message shows, and how long its paragraphs are; 0 leaves them out."""

    lines: int
    paragraph: int


_ROOMS: Final = (_Room(MOST_EVIDENCE, LONGEST_PARAGRAPH), _Room(2, 900), _Room(1, 600), _Room(0, 400), _Room(0, 0))


@dataclass(frozen=True, slots=True)
class Shown:
    """A nudge in the version that a message shows."""

    nudge_id: str
    version: int

    @property
    def block_id(self) -> str:
        """The id of the block with what can be pressed."""
        return f"nudge:{self.nudge_id}:{self.version}"


def shown_in(block_id: str) -> Shown | None:
    """What the block of that id shows; None when it is none of ours."""
    found = _SHOWN.fullmatch(block_id)
    return Shown(found[1], int(found[2])) if found else None


def action_id_of(action: ActionId) -> str:
    """How a press is named."""
    return f"nudge_{action}"


def render(message: Item | Digest) -> dict[str, Any]:
    """What `chat.postMessage` and `chat.update` take besides the channel."""
    if isinstance(message, Digest):
        return render_digest(message)
    return _posted(_told(message), ([*_body(message, room), *_foot(message)] for room in _ROOMS), message)


def _told(message: Item) -> str:
    """What is read where there is no room for blocks."""
    if message.outcome is not None:
        return message.outcome
    if isinstance(message, NoticeMessage):
        return f"{message.title}. {message.why}"
    suggested = message.labelled(message.book.say("label-suggestion"), message.suggestion)
    return f"{message.title}. {suggested}, {message.effort}."


def render_digest(digest: Digest) -> dict[str, Any]:
    """Several in one message, each with its own buttons; those that find no room are in the console."""
    first, shown = digest.messages[0], digest.messages[:MOST_IN_DIGEST]
    head = _paragraph([_Parts.Text(text=digest.title, style=_BOLD)])
    bodies = ([block for message in shown for block in (DividerBlock(), *_body(message, room))] for room in _ROOMS)
    return _posted(digest.told, ([head, *body, *_foot(first)] for body in bodies), first)


def escape(text: str) -> str:
    """A text in which Slack sees no mention, link or entity."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


_BOLD: Final = _Parts.TextStyle(bold=True)
_STRUCK: Final = _Parts.TextStyle(strike=True)


def _posted(told: str, forms: Iterable[Sequence[Block]], message: Item) -> dict[str, Any]:
    payload = {_about(message): message.item_id, "version": message.version}
    return {
        "text": escape(cut(told, LONGEST_FALLBACK)),
        "blocks": first_with_room((_written(blocks) for blocks in forms), MOST_BYTES),
        "mrkdwn": False,
        "parse": "none",
        "unfurl_links": False,
        "unfurl_media": False,
        "metadata": {"event_type": METADATA_TYPE, "event_payload": payload},
    }


def _written(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    for block in blocks:
        block.validate_json()
    return [block.to_dict() for block in blocks]


def _about(message: Item) -> str:
    return "notice_id" if isinstance(message, NoticeMessage) else "nudge_id"


def _body(message: Item, room: _Room) -> list[Block]:
    if message.outcome is not None:
        ended = [_Parts.Text(text=f"{message.title}\n", style=_STRUCK), _Parts.Text(text=message.outcome)]
        return [_paragraph(ended), *_buttons(message)]
    why = [_Parts.Text(text=f"\n{cut(message.why, room.paragraph)}")] if room.paragraph else []
    head = [_Parts.Link(url=message.url, text=message.title, style=_BOLD), *why]
    if isinstance(message, NoticeMessage):
        return [_paragraph(head), *_buttons(message)]
    effect = f"{cut(message.effect, room.paragraph)}\n{message.effort}" if room.paragraph else message.effort
    return [
        _paragraph(head),
        _paragraph([_Parts.Text(text=effect)]),
        *_evidence(message.evidence[: room.lines]),
        *_buttons(message),
    ]


def _evidence(lines: Sequence[EvidenceLine]) -> list[Block]:
    parts: list[Any] = []
    for line in lines:
        label = f"{line.source}, {line.age}"
        parts.append(_Parts.Link(url=line.url, text=label) if line.url else _Parts.Text(text=label))
        parts.append(_Parts.Text(text=f": {line.statement}\n"))
    return [_paragraph(parts)] if parts else []


def _buttons(message: Item) -> list[Block]:
    buttons = [_button(action) for action in message.actions]
    return [ActionsBlock(block_id=block_id_of(message), elements=buttons)] if buttons else []


def block_id_of(message: Item) -> str:
    """The id of the block with the buttons of a message."""
    if isinstance(message, NoticeMessage):
        return f"notice:{message.notice_id}:{message.version}"
    return Shown(message.nudge_id, message.version).block_id


def _button(action: Action) -> InteractiveElement:
    label = PlainTextObject(text=cut(action.label, LONGEST_BUTTON), emoji=False)
    action_id = action_id_of(action.action)
    if action.choices:
        options = [
            Option(value=choice.value, text=PlainTextObject(text=cut(choice.label, LONGEST_BUTTON), emoji=False))
            for choice in action.choices
        ]
        return StaticSelectElement(action_id=action_id, placeholder=label, options=options)
    if action.action is ActionId.ASSIGN:
        return ButtonElement(text=label, action_id=action_id, style="primary")
    return ButtonElement(text=label, action_id=action_id, url=action.url)


def _foot(message: Item) -> list[Block]:
    change = f"<{message.settings_url}|{message.book.say('change-how-often')}>"
    return [ContextBlock(elements=[MarkdownTextObject(text=f"{message.how_often} {change}")])]


def _paragraph(parts: Sequence[Any]) -> Block:
    return RichTextBlock(elements=[RichTextSectionElement(elements=list(parts))])
