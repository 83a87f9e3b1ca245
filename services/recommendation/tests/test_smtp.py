"""A mail server and its answers, over real sockets: nothing in the clear, and a plain word for every way it can end."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetic.recommendation.channels import smtp
from kinetic.recommendation.channels.sending import (
    Delayed,
    Receipt,
    Refused,
    Sent,
    Unknown,
)
from services.recommendation.tests.certificates import Certificates, make_certificates
from services.recommendation.tests.mail_far_side import PASSWORD, USER, Mailbox, scripted, serving
from services.recommendation.tests.mails import ADDRESS, MAIL, send, sender, told


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@asynccontextmanager
async def waiting_at_most(seconds: float) -> AsyncIterator[None]:
    """Nobody has the patience that a real server needs."""
    with (
        patch.object(smtp, "OPENING_SECONDS", seconds),
        patch.object(smtp, "ANSWER_SECONDS", seconds),
    ):
        yield


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
@pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_mail_travels_encrypted_and_its_sender_logs_in(certificates: Certificates, security: str, run: Any) -> None:
    mailbox = Mailbox()

    async def travel() -> Receipt:
        login = {"authenticator": mailbox.authenticate, "auth_required": True}
        async with encrypted(mailbox, certificates.server, security, **login) as port:
            return await sender(port, security, certificates.trusted(), login=(USER, PASSWORD)).send(MAIL)

    assert isinstance(run(travel()), Sent)
    assert (len(mailbox.mails), mailbox.logins[-1]) == (1, USER)
    assert security == "tls" or mailbox.encrypted == [True]


@asynccontextmanager
async def encrypted(mailbox: Mailbox, tls: ssl.SSLContext, security: str, **wanted: Any) -> AsyncIterator[int]:
    """A server with `tls` from the first byte, or from STARTTLS on."""
    if security == "starttls":
        async with serving(mailbox, tls, require_starttls=True, **wanted) as port:
            yield port
        return
    async with serving(mailbox, auth_require_tls=False, **wanted) as inner, _wrapped(inner, tls) as port:
        yield port


@asynccontextmanager
async def _wrapped(inner: int, tls: ssl.SSLContext) -> AsyncIterator[int]:
    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while block := await reader.read(65_536):
            writer.write(block)
        writer.close()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection("127.0.0.1", inner)
        await asyncio.gather(carry(reader, forth), carry(back, writer), return_exceptions=True)

    server = await asyncio.start_server(connect, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def without_verification() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize(("off", "arrived"), [(False, 0), (True, 1)])
async def test_nothing_is_said_to_a_server_whose_certificate_nobody_vouches_for(
    certificates: Certificates, security: str, off: bool, arrived: int
) -> None:
    mailbox = Mailbox()
    async with encrypted(mailbox, certificates.stranger, security) as port:
        receipt = await sender(port, security, without_verification() if off else certificates.trusted()).send(MAIL)
    assert len(mailbox.mails) == arrived
    assert off or told(receipt).startswith("Delayed: the mail server could not be talked to: self-signed certificate")
    assert off or "MAIL" not in mailbox.commands


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_certificate_for_another_name_is_none(tmp_path: Path, security: str) -> None:
    mailbox, others = Mailbox(), make_certificates(tmp_path, "mail.other.example")
    async with encrypted(mailbox, others.server, security) as port:
        receipt = await sender(port, security, others.trusted()).send(MAIL)
    assert "not valid for '127.0.0.1'" in told(receipt)
    assert mailbox.mails == []


@pytest.mark.parametrize(("security", "arrived"), [("starttls", 0), ("none", 1)])
async def test_a_server_that_offers_no_encryption_gets_neither_password_nor_mail(security: str, arrived: int) -> None:
    mailbox = Mailbox()
    async with serving(mailbox, authenticator=mailbox.authenticate, auth_require_tls=False) as port:
        receipt = await sender(port, security, login=(USER, PASSWORD)).send(MAIL)
    assert (len(mailbox.mails), len(mailbox.logins)) == (arrived, arrived)
    assert arrived or told(receipt).endswith("STARTTLS extension not supported by server.")


async def test_what_is_said_before_the_encryption_begins_is_not_believed(certificates: Certificates) -> None:
    injected = b"220 go\r\n250-mx\r\n250 AUTH PLAIN\r\n235 in\r\n250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n"
    async with scripted(b"220 mx\r\n", b"250-mx\r\n250 STARTTLS\r\n", injected) as port, waiting_at_most(1.0):
        assert isinstance(await sender(port, "starttls", certificates.trusted()).send(MAIL), Delayed)


@pytest.mark.parametrize("stage", ["EHLO", "MAIL", "RCPT", "DATA", "dot"])
async def test_a_refusal_for_now_is_tried_again_and_one_for_good_is_not(stage: str) -> None:
    later, never = Mailbox({stage: "451 4.7.1 try later"}), Mailbox({stage: "550 5.1.1 no"})
    assert told(await send(later)).startswith("Delayed: ")
    refusal = told(await send(never))
    assert refusal.startswith("Delayed: " if stage == "EHLO" else "Refused: the mail server refused the ")
    assert "4.7.1" in told(await send(later))
    assert (later.mails, never.mails) == ([], [])


async def test_a_refused_login_waits_for_an_operator_and_spares_the_account(certificates: Certificates) -> None:
    mailbox = Mailbox()
    async with serving(mailbox, certificates.server, authenticator=mailbox.authenticate) as port:
        receipt = await sender(port, "starttls", certificates.trusted(), login=(USER, "wrong")).send(MAIL)
    assert isinstance(receipt, Delayed)
    assert (receipt.pauses, receipt.after_seconds) == (True, 300.0)
    assert receipt.problem == "the mail server refused the login: 535 5.7.8"


@pytest.mark.parametrize("answer", ["530 5.7.0 log in first", "535 5.7.8 who are you"])
async def test_a_server_that_wants_another_login_refuses_no_recipient(answer: str) -> None:
    assert isinstance(await send(Mailbox({"MAIL": answer})), Delayed)


async def test_a_server_that_closes_its_doors_pauses_all_mails() -> None:
    receipt = await send(Mailbox({"RCPT": "421 4.3.2 closing"}))
    assert isinstance(receipt, Delayed)
    assert receipt.pauses


@pytest.mark.parametrize(
    ("stage", "known"),
    [("EHLO", "Delayed"), ("MAIL", "Delayed"), ("RCPT", "Delayed"), ("DATA", "Delayed"), ("dot", "Unknown")],
)
async def test_a_lost_connection_leaves_a_doubt_only_after_the_final_dot(stage: str, known: str) -> None:
    assert told(await send(Mailbox(drops_at=stage))).startswith(f"{known}: ")


async def test_a_server_that_falls_silent_is_not_waited_for_without_an_end() -> None:
    greeting, ehlo = b"220 mx\r\n", b"250 mx\r\n"
    ok, go = b"250 ok\r\n", b"354 go\r\n"
    async with waiting_at_most(0.3):
        for said, known in [((b"",), Delayed), ((greeting, ehlo, ok, b"", b""), Delayed)]:
            async with scripted(*said, b"", b"", b"") as port:
                assert isinstance(await sender(port).send(MAIL), known)
        async with scripted(greeting, ehlo, ok, ok, go, *[b""] * 10_000) as port:
            assert isinstance(await sender(port).send(MAIL), Unknown)


async def test_a_port_at_which_nobody_listens_delays_a_mail() -> None:
    async with serving(Mailbox()) as port:
        pass
    assert told(await sender(port).send(MAIL)).startswith(
        "Delayed: the mail server could not be talked to: [Errno 111]"
    )


LINES = st.binary(max_size=40) | st.sampled_from(
    [
        b"220 mx",
        b"250 ok",
        b"250-mx",
        b"250 SMTPUTF8",
        b"334 !!",
        b"354 go",
        b"550 5.1.1 no",
        b"421 bye",
        b"999 what",
        b"25",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(LINES.map(lambda line: line + b"\r\n"), max_size=9))
def test_whatever_a_server_says_becomes_a_receipt(answers: list[bytes]) -> None:
    async def run() -> Receipt:
        async with scripted(*answers) as port, waiting_at_most(0.5):
            return await sender(port, login=(USER, PASSWORD)).send(MAIL)

    assert isinstance(asyncio.run(run()), Sent | Delayed | Refused | Unknown)


async def test_neither_problems_nor_logs_hold_a_password_or_an_address(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.CRITICAL, "mail.log")  # the far side's
    quoting = f"550 5.1.1 <{ADDRESS}> unknown to {USER} with {PASSWORD}"
    receipts = [await send(Mailbox({stage: quoting})) for stage in ("EHLO", "MAIL", "RCPT", "DATA", "dot")]
    async with serving(mailbox := Mailbox(), auth_require_tls=False, authenticator=mailbox.authenticate) as port:
        receipts.append(await sender(port, login=(USER, "Ünsäglich")).send(MAIL))
        receipts.append(await sender(port, login=("Ünsäglich", "\ud800")).send(MAIL))
    written = " ".join([*map(told, receipts), caplog.text])
    assert not any(secret in written for secret in (ADDRESS, PASSWORD, "Ünsäglich"))
    assert all(isinstance(receipt, Delayed | Refused) for receipt in receipts)
    assert smtp._reason(ValueError(ADDRESS)) == "ValueError"
