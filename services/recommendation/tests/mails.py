"""A mail of the tests, and who sends it to a server of theirs."""

from __future__ import annotations

import ssl
from datetime import timedelta
from functools import partial
from typing import Any

from kinetic.recommendation.channels.mail_sender import MailSender, unsubscribe_url
from kinetic.recommendation.channels.sending import Dispatch, Receipt, Recipient
from kinetic.recommendation.channels.smtp import MailServer
from services.recommendation.tests.company import DANA, SEEN_AT
from services.recommendation.tests.mail_far_side import Mailbox, serving
from services.recommendation.tests.test_channels import message

ADDRESS = "dana@company.example"
KEYS = (b"k" * 32,)
SHOWN = message()
MAIL = Dispatch("n-1.1", SHOWN, Recipient(DANA, ADDRESS, {}))
UNTRUSTING = ssl.create_default_context()


def sender(port: int, security: Any = "none", trusted: ssl.SSLContext = UNTRUSTING, **server: Any) -> MailSender:
    """A sender that believes it is two hours after the evidence was seen."""
    relay = MailServer("127.0.0.1", port, security, trusted, server.get("login"), "company.example")
    url_of = partial(unsubscribe_url, "https://kinetic.example", KEYS)
    return MailSender(relay, "nudges@company.example", "Kinetic", url_of, lambda: SEEN_AT + timedelta(hours=2))


async def send(mailbox: Mailbox, dispatch: Dispatch = MAIL, **settings: Any) -> Receipt:
    """Send a mail to a server in the clear."""
    async with serving(mailbox, **settings) as port:
        return await sender(port).send(dispatch)


def told(receipt: Receipt) -> str:
    """The kind of a receipt and what it says."""
    return f"{type(receipt).__name__}: {getattr(receipt, 'problem', '')}"
