"""A message as a mail: HTML from MJML, the same as plain text, and headers by which one click unsubscribes (RFC 8058).

Links open pages; opening one does nothing, since scanners open them all. No picture, no font, nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from functools import lru_cache
from importlib.resources import files
from typing import Final

import mrml
from jinja2 import Environment, StrictUndefined, Template

from kinetic.recommendation.channels.digest import Digest
from kinetic.recommendation.channels.message import ActionId, Message, cut, one_line
from kinetic.recommendation.channels.notice import Item, NoticeMessage

LONGEST_SUBJECT: Final = 150


class _Unfolded(UnstructuredHeader, BaseHeader):
    """A header that stays on one line: what is longer than 78 signs would be encoded, and an address is read as it stands."""

    def fold(self, *, policy: Policy) -> str:
        """The header as it is sent."""
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS: Final = HeaderRegistry()
for _name in ("list-unsubscribe", "message-id"):
    _HEADERS.map_to_type(_name, _Unfolded)

_POLICY: Final = SMTP.clone(cte_type="7bit", header_factory=_HEADERS)
"""Bodies are ASCII: not every server offers 8BITMIME."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """From whom and to whom. `unsubscribe_url` takes a POST and belongs to this recipient alone."""

    sender_name: str
    sender: str
    recipient: str
    unsubscribe_url: str
    at: datetime


def render(message: Item | Digest, envelope: Envelope) -> EmailMessage:
    """The mail about one nudge or notice, or several. Its id follows from that and its version: sent twice, it is one mail."""
    if isinstance(message, Digest):
        return render_digest(message, envelope)
    kind = "notice" if isinstance(message, NoticeMessage) else "nudge"
    local = f"{kind}.{message.item_id}.{message.version}"
    return _mail(message.outcome or message.title, [message], envelope, local)


def render_digest(digest: Digest, envelope: Envelope) -> EmailMessage:
    """The mail about several."""
    local = f"digest.{digest.item_id}.{digest.messages[0].version}"
    return _mail(digest.title, digest.messages, envelope, local)


def _mail(subject: str, messages: Sequence[Item], envelope: Envelope, local: str) -> EmailMessage:
    mail = EmailMessage(policy=_POLICY)
    sender = Address(one_line(envelope.sender_name), addr_spec=envelope.sender)
    mail["From"] = sender
    local_part, _, domain = envelope.recipient.rpartition("@")
    mail["To"] = Address(username=local_part, domain=domain)  # an `addr_spec` would have to be ASCII
    mail["Subject"] = cut(one_line(subject), LONGEST_SUBJECT)
    mail["Date"] = envelope.at
    mail["Message-ID"] = f"<{local}@{sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["List-Unsubscribe"] = f"<{envelope.unsubscribe_url}>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content("\n\n".join([*map(_plain, messages), _foot(messages)]) + "\n")
    mail.add_alternative(_html(subject, messages), subtype="html")
    mail["Content-Language"] = messages[0].language  # last: what holds content clears what was said of it
    return mail


def _plain(message: Item) -> str:
    if message.outcome is not None:
        return "\n".join([message.title, "", message.outcome, *_links(message)])
    if isinstance(message, NoticeMessage):
        return "\n".join([message.title, "", message.why, "", *_links(message)])
    say = message.book.say
    seen = [
        f"- {line.source}, {line.age}: {line.statement}" + (f" {line.url}" if line.url else "")
        for line in message.evidence
    ]
    return "\n".join(
        [
            message.title,
            "",
            message.why,
            "",
            message.labelled(say("label-suggestion"), message.suggestion),
            message.labelled(say("label-effort"), message.effort),
            message.effect,
            *seen,
            "",
            *_links(message),
        ]
    )


def _links(message: Item) -> list[str]:
    if isinstance(message, NoticeMessage):
        return [message.labelled(a.label, a.url) for a in message.actions]
    review = message.book.say("action-review", people=message.people_count)
    return [message.labelled(review if a.action is ActionId.ASSIGN else a.label, a.url) for a in message.actions]


def _foot(messages: Sequence[Item]) -> str:
    first = messages[0]
    change = first.labelled(first.book.say("change-how-often"), first.settings_url)
    return f"{first.how_often} {_nothing_yet(messages)}".rstrip() + f"\n{change}"


def _nothing_yet(messages: Sequence[Item]) -> str:
    """What is said where something can be confirmed."""
    suggests = any(isinstance(message, Message) for message in messages)
    return messages[0].book.say("nothing-yet") if suggests else ""


def _html(subject: str, messages: Sequence[Item]) -> str:
    first = messages[0]
    source = _template().render(
        subject=subject,
        preview=first.why if isinstance(first, NoticeMessage) else first.effort,
        language=first.language,
        messages=messages,
        how_often=first.how_often,
        nothing_yet=_nothing_yet(messages),
        change=first.book.say("change-how-often"),
        settings_url=first.settings_url,
    )
    return mrml.to_html(source, render_options=mrml.RenderOptions(disable_comments=True)).content


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(files(__package__).joinpath("nudge.mjml.jinja").read_text("utf-8"))
