"""A mail server for tests: aiosmtpd on a real socket, which can be told what to answer and when to drop a connection."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Stage = str
"""A command, or ``dot``: when the mail was read to its end."""

USER, PASSWORD = "kinetic", "correct horse battery"


@dataclass
class Mailbox:
    """What the server does, and what it saw: each command, and each mail that it took."""

    answers: Mapping[Stage, str] = field(default_factory=dict)
    drops_at: Stage | None = None
    commands: list[str] = field(default_factory=list)
    mails: list[tuple[Envelope, EmailMessage]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail, unless told otherwise."""
        if self.drops_at == "dot":
            drop(server)
            return ""
        answer = self.answers.get("dot", "250 2.0.0 taken")
        if answer.startswith("2"):
            assert isinstance(envelope.content, bytes)
            read = message_from_bytes(envelope.content, policy=policy.SMTPUTF8)
            assert isinstance(read, EmailMessage)
            self.mails.append((envelope, read))
            self.encrypted.append(session.ssl is not None)
        return answer

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, auth: Any) -> AuthResult:
        """One user with one password."""
        assert isinstance(auth, LoginPassword)
        self.logins.append(auth.login.decode())
        return AuthResult(success=(auth.login, auth.password) == (USER.encode(), PASSWORD.encode()), handled=False)


class ProgrammedSMTP(SMTP):
    """Answers some commands as the mailbox says."""

    def __init__(self, mailbox: Mailbox, **settings: Any) -> None:
        super().__init__(mailbox, **settings)
        for name, method in list(self._smtp_methods.items()):
            self._smtp_methods[name] = partial(self._programmed, mailbox, name, method)

    async def _programmed(
        self, mailbox: Mailbox, name: str, method: Callable[[str | None], Awaitable[None]], argument: str | None
    ) -> None:
        mailbox.commands.append(name)
        if mailbox.drops_at == name:
            drop(self)
        elif name in mailbox.answers:
            await self.push(mailbox.answers[name])
        else:
            await method(argument)


def drop(server: SMTP) -> None:
    """Cut a connection."""
    transport: Any = server.transport
    transport.abort()


@asynccontextmanager
async def serving(mailbox: Mailbox, tls: ssl.SSLContext | None = None, **settings: Any) -> AsyncIterator[int]:
    """The port of a server on this machine; it offers STARTTLS with `tls`."""
    loop = asyncio.get_running_loop()
    wanted = {"hostname": "mx.test", "loop": loop, "enable_SMTPUTF8": True, "tls_context": tls, **settings}
    listening = await loop.create_server(lambda: ProgrammedSMTP(mailbox, **wanted), "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        await listening.wait_closed()


@asynccontextmanager
async def scripted(*answers: bytes, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """The port of a server that says one thing after each line it reads, whatever was asked, and then hangs up."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number, answer in enumerate(answers):
            if number and not await reader.readline():
                break
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
