"""Nudges by mail. A mail suggests; it cannot be changed, and what became of a nudge is not worth another one."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from functools import partial

from kinetic.contracts.ids import PersonId
from kinetic.recommendation.channels.addresses import is_mailbox
from kinetic.recommendation.channels.mail import Envelope, render
from kinetic.recommendation.channels.sending import Channel, Dispatch, Receipt, Recipient, Refused, Sent, Unknown
from kinetic.recommendation.channels.smtp import (
    ANSWER_SECONDS,
    OPENING_SECONDS,
    QUIT_SECONDS,
    Letter,
    MailServer,
    hand_over,
)
from kinetic.recommendation.domain.unsubscribing import token_of
from kinetic.recommendation.keys import unsubscribe_keys
from kinetic.recommendation.settings import Settings


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class MailSender:
    """Hands each mail to a mail server. `unsubscribe_url_of` is the address at which a person stops their mails."""

    server: MailServer
    sender: str
    sender_name: str
    unsubscribe_url_of: Callable[[PersonId], str]
    now: Callable[[], datetime] = _now

    @property
    def channel(self) -> Channel:
        """Mail."""
        return Channel.MAIL

    @property
    def follows(self) -> bool:
        """No: it tells suggestions."""
        return False

    @property
    def longest_seconds(self) -> float:
        """As long as a mail server may look through a mail."""
        return OPENING_SECONDS + ANSWER_SECONDS + QUIT_SECONDS

    def reaches(self, recipient: Recipient) -> bool:
        """Whether the directory knows an address, at which mail is still wanted."""
        return recipient.takes_mail and bool(recipient.email)

    async def send(self, dispatch: Dispatch) -> Receipt:
        """Hand a mail over, once. What was sent stays as it is, and a mail that may have arrived is not sent again."""
        if dispatch.reference is not None:
            return Sent(dispatch.reference)
        if dispatch.in_doubt:
            return Unknown("an earlier attempt ended without an answer, and a mail cannot be looked up")
        address = dispatch.recipient.email
        if not address or not is_mailbox(address):
            return Refused("the directory knows no address to which a mail can go")
        mail = render(dispatch.message, self._envelope(address, dispatch.recipient.person_id))
        receipt = await hand_over(self.server, self._letter(mail, address))
        return Sent(_reference(mail)) if isinstance(receipt, Sent) else receipt

    def _envelope(self, address: str, person_id: PersonId) -> Envelope:
        return Envelope(self.sender_name, self.sender, address, self.unsubscribe_url_of(person_id), self.now())

    def _letter(self, mail: EmailMessage, address: str) -> Letter:
        needs_utf8 = not address.isascii()
        content = mail.as_bytes(policy=SMTPUTF8 if needs_utf8 else SMTP)
        return Letter(self.sender, address, content, needs_utf8)


def _reference(mail: EmailMessage) -> Mapping[str, str]:
    return {"message_id": str(mail["Message-ID"])}


def open_mail(settings: Settings) -> MailSender | None:
    """The sender as the settings want it; None without a mail server."""
    if not settings.smtp_host:
        return None
    trusted = ssl.create_default_context()
    if settings.smtp_ca_file:
        trusted.load_verify_locations(settings.smtp_ca_file)
    password = settings.smtp_password.get_secret_value() if settings.smtp_password else ""
    login = (settings.smtp_user, password) if settings.smtp_user else None
    domain = settings.mail_from.partition("@")[2]
    server = MailServer(settings.smtp_host, settings.smtp_port, settings.smtp_security, trusted, login, domain)
    keys = unsubscribe_keys(settings.unsubscribe_keys)
    url_of = partial(unsubscribe_url, settings.recommendation_url, keys)
    return MailSender(server, settings.mail_from, settings.mail_from_name, url_of)


def unsubscribe_url(base_url: str, keys: tuple[bytes, ...], person_id: PersonId) -> str:
    """The address in a person's mails that stops them."""
    return f"{base_url.rstrip('/')}/unsubscribe/{token_of(person_id, keys)}"
