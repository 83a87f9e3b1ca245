"""One mail to a mail server (RFC 5321), and what its answers mean. Certificates are verified, and nothing falls back to the clear.

Up to the server's go-ahead (354) nothing has arrived, whatever went wrong. Then the mail and its final dot leave in one
write: from there on no answer means that it may have arrived.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final, Literal

from aiosmtplib import SMTP, SMTPException, SMTPResponseException
from aiosmtplib.protocol import normalize_message_line_endings

from kinetic.recommendation.channels.sending import Delayed, Receipt, Refused, Sent, Unknown

OPENING_SECONDS: Final = 12.0
"""For everything up to the go-ahead. What is given up before is tried again, so that it need not be long."""
ANSWER_SECONDS: Final = 600.0
"""For the answer to the mail itself: the server may look through it first (RFC 5321, section 4.5.3.2.6). Who gives up earlier does
not know what became of it.
"""
QUIT_SECONDS: Final = 1.0
RETRY_SECONDS: Final = 60.0
"""After a refusal for now: soon enough for grey lists, and no hammering."""
LOCKED_OUT_SECONDS: Final = 300.0
"""After a refused login, which an operator has to mend: often enough to notice, too rare to lock the account."""

_GO_AHEAD: Final = 354
_CLOSING: Final = 421
_LOGIN_IS_WRONG: Final = frozenset({530, 534, 535, 538})
_ENHANCED: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
_LEADING_DOT: Final = re.compile(rb"(?m)^\.")
# what the far side and the network do comes up as one of these; a ValueError is an answer that cannot be decoded
_FAILURES: Final = (SMTPException, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed over, how the way there is encrypted, who logs in, and the name that is said in the greeting."""

    host: str
    port: int
    security: Literal["tls", "starttls", "none"]
    trusted: ssl.SSLContext
    login: tuple[str, str] | None
    greets_as: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in bytes, from whom and to whom. `needs_utf8` when an address is not ASCII (RFC 6531)."""

    sender: str
    recipient: str
    content: bytes
    needs_utf8: bool


async def hand_over(server: MailServer, letter: Letter) -> Receipt:
    """Give a mail to the server, over a connection of its own. Never raises for what the server or the network does."""
    async with _connection(server) as client:
        try:
            async with asyncio.timeout(OPENING_SECONDS):
                refusal = await _open(client, server) or await _address(client, letter)
        except _FAILURES as error:
            return Delayed(f"the mail server could not be talked to: {_reason(error)}")
        return refusal or await _deliver(client, letter)


@asynccontextmanager
async def _connection(server: MailServer) -> AsyncIterator[SMTP]:
    """A connection that is closed whatever happens, first in good manners when there is nothing left to ask."""
    client = SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.security == "tls",
        start_tls=False,  # not "if it is offered": see _open
        tls_context=server.trusted,
        local_hostname=server.greets_as,
        timeout=None,  # the bounds are here
    )
    try:
        yield client
        with suppress(*_FAILURES):
            async with asyncio.timeout(QUIT_SECONDS):
                await client.quit()
    finally:
        client.close()


async def _open(client: SMTP, server: MailServer) -> Delayed | None:
    """Connect, encrypt, log in."""
    await client.connect()
    if server.security == "starttls":
        await client.starttls()
    await client.ehlo()
    if server.login is None:
        return None
    try:
        await client.login(*server.login)
    except SMTPResponseException as error:
        problem = f"the mail server refused the login: {_reason(error)}"
        return Delayed(problem, LOCKED_OUT_SECONDS, pauses=True)
    return None


async def _address(client: SMTP, letter: Letter) -> Delayed | Refused | None:
    """Say from whom and to whom, and wait for the go-ahead."""
    if letter.needs_utf8 and not client.supports_extension("smtputf8"):
        return Refused("the mail server takes no addresses beyond ASCII (SMTPUTF8)")
    options, encoding = (["SMTPUTF8"], "utf-8") if letter.needs_utf8 else ([], "ascii")
    asked = "the sender"
    try:
        await client.mail(letter.sender, options=options, encoding=encoding)
        asked = "the recipient"
        await client.rcpt(letter.recipient, encoding=encoding)
        asked = "the mail"
        answer = await client.execute_command(b"DATA")
        if answer.code != _GO_AHEAD:
            raise SMTPResponseException(answer.code, answer.message)
    except SMTPResponseException as error:
        return _refusal(asked, error)
    return None


async def _deliver(client: SMTP, letter: Letter) -> Receipt:
    if client.protocol is None or not client.is_connected:
        return Delayed("the mail server closed the connection before the mail was sent")
    client.protocol.write(_with_final_dot(letter.content))
    try:
        answer = await client.protocol.read_response(ANSWER_SECONDS)
    except _FAILURES as error:
        return Unknown(f"the mail was sent, and no answer came: {_reason(error)}")
    if 200 <= answer.code < 300:
        return Sent()
    if 400 <= answer.code < 600:
        return _refusal("the mail", SMTPResponseException(answer.code, answer.message))
    return Unknown(f"the mail was sent, and the answer means nothing: {answer.code}")


def _with_final_dot(content: bytes) -> bytes:
    return _LEADING_DOT.sub(b"..", normalize_message_line_endings(content)) + b".\r\n"


def _refusal(asked: str, error: SMTPResponseException) -> Delayed | Refused:
    problem = f"the mail server refused {asked}: {_reason(error)}"
    if error.code in _LOGIN_IS_WRONG:
        return Delayed(problem, LOCKED_OUT_SECONDS, pauses=True)
    if 500 <= error.code < 600:
        return Refused(problem)
    return Delayed(problem, RETRY_SECONDS, pauses=error.code == _CLOSING)


def _reason(error: Exception) -> str:
    """For operators. What the server wrote is left out but for its codes: it quotes addresses, as a ValueError may."""
    if isinstance(error, SMTPResponseException):
        enhanced = _ENHANCED.match(error.message)
        return f"{error.code} {enhanced[0]}" if enhanced else str(error.code)
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    cause = error.__cause__
    if isinstance(cause, Exception):
        return _reason(cause)
    return type(error).__name__ if isinstance(error, ValueError) else str(error) or type(error).__name__
