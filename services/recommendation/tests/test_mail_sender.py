"""A mail as it arrives at a real mail server: once, at one address, and with the way to stop it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from kinetic.common.events import new_id
from kinetic.contracts.ids import NudgeId
from kinetic.recommendation.channels.mail_sender import open_mail, unsubscribe_url
from kinetic.recommendation.channels.sending import (
    Channel,
    Recipient,
    Refused,
    Sent,
    Unknown,
)
from kinetic.recommendation.domain.unsubscribing import person_of
from kinetic.recommendation.settings import Settings
from kinetic.recommendation.words import LANGUAGES
from services.recommendation.tests.certificates import make_certificates
from services.recommendation.tests.company import DANA, SEEN_AT
from services.recommendation.tests.mail_far_side import PASSWORD, USER, Mailbox, serving
from services.recommendation.tests.mails import ADDRESS, KEYS, MAIL, SHOWN, send, sender, told
from services.recommendation.tests.test_channels import message


def text_of(mail: EmailMessage) -> str:
    """The plain text of a mail that arrived."""
    plain = mail.get_body(("plain",))
    assert plain is not None
    text: str = plain.get_content()
    return text.replace("\r\n", "\n")


async def test_a_mail_arrives_as_it_was_written_and_is_found_again_by_its_id() -> None:
    mailbox = Mailbox()
    receipt = await send(mailbox)
    ((envelope, mail),) = mailbox.mails
    assert (envelope.mail_from, envelope.rcpt_tos) == ("nudges@company.example", [ADDRESS])
    assert receipt == Sent({"message_id": mail["Message-ID"]}) == Sent({"message_id": "<nudge.n-1.1@company.example>"})
    assert (mail["To"], mail["Date"].datetime) == (ADDRESS, SEEN_AT + timedelta(hours=2))
    assert text_of(mail).startswith(f"{SHOWN.title}\n\n{SHOWN.why}\n")
    assert mailbox.commands[-1] == "QUIT"


async def test_the_address_in_a_mail_unsubscribes_its_recipient() -> None:
    mailbox = Mailbox()
    await send(mailbox)
    ((_, mail),) = mailbox.mails
    found = re.fullmatch(r"<https://kinetic\.example/unsubscribe/([\w-]+)>", mail["List-Unsubscribe"])
    assert found
    assert person_of(found[1], KEYS) == DANA
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


async def test_what_programs_read_stands_in_the_headers_as_it_is_however_long() -> None:
    mailbox = Mailbox()
    domain = ".".join(["subsidiary" * 5] * 3) + ".example"
    named = replace(SHOWN, nudge_id=NudgeId(new_id()), title="Größe " * 60)
    async with serving(mailbox) as port:
        sending = replace(sender(port), sender=f"nudges@{domain}")
        long = replace(MAIL, message=named, recipient=replace(MAIL.recipient, email=f"dana.okafor@{domain}"))
        assert isinstance(await sending.send(long), Sent)
    ((envelope, mail),) = mailbox.mails
    assert isinstance(envelope.content, bytes)
    head = envelope.content.partition(b"\r\n\r\n")[0].decode("ascii")
    assert f"\r\nList-Unsubscribe: <{unsubscribe_url('https://kinetic.example', KEYS, DANA)}>\r\n" in head
    assert f"\r\nMessage-ID: <nudge.{named.nudge_id}.1@{domain}>\r\n" in head
    unfolded = head.replace("\r\n ", " ")
    assert f"dana.okafor@{domain}" in unfolded
    assert f"nudges@{domain}" in unfolded
    assert mail["Content-Language"] == "en"


async def test_a_line_that_is_one_dot_does_not_end_a_mail() -> None:
    mailbox = Mailbox()
    dotted = replace(MAIL, message=replace(SHOWN, why=".\r\n.\nMAIL FROM:<evil@evil.example>", title=".."))
    assert isinstance(await send(mailbox, dotted), Sent)
    ((_, mail),) = mailbox.mails
    assert "..\n\n.\n.\nMAIL FROM:<evil@evil.example>\n" in text_of(mail)
    assert mailbox.commands.count("MAIL") == 1


@pytest.mark.parametrize(("in_doubt", "arrived"), [(True, 1), (False, 2)])
async def test_a_mail_that_may_have_arrived_is_not_sent_again(in_doubt: bool, arrived: int) -> None:
    mailbox = Mailbox()
    await send(mailbox)
    receipt = await send(mailbox, replace(MAIL, in_doubt=in_doubt))
    assert len(mailbox.mails) == arrived
    assert isinstance(receipt, Unknown if in_doubt else Sent)


async def test_a_mail_that_was_sent_stays_as_it_is() -> None:
    mailbox, reference = Mailbox(), {"message_id": "<nudge.n-1.1@company.example>"}
    assert await send(mailbox, replace(MAIL, reference=reference)) == Sent(reference)
    assert mailbox.commands == []


async def test_an_address_beyond_ascii_goes_where_it_is_understood_and_nowhere_else() -> None:
    mailbox = Mailbox()
    umlauts = replace(MAIL, recipient=replace(MAIL.recipient, email="jürgen@bücher.example"))
    assert isinstance(await send(mailbox, umlauts), Sent)
    ((envelope, mail),) = mailbox.mails
    assert (envelope.rcpt_tos, str(mail["To"])) == (["jürgen@bücher.example"], "jürgen@bücher.example")
    assert "SMTPUTF8" in envelope.mail_options
    assert isinstance(envelope.content, bytes)
    assert "\r\nTo: jürgen@bücher.example\r\n".encode() in envelope.content
    ascii_only = Mailbox()
    refusal = await send(ascii_only, umlauts, enable_SMTPUTF8=False)
    assert told(refusal) == "Refused: the mail server takes no addresses beyond ASCII (SMTPUTF8)"
    assert "MAIL" not in ascii_only.commands


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_mail_is_ascii_since_8bitmime_need_not_be_offered(language: str) -> None:
    mailbox = Mailbox()
    short = replace(message(language), title="Größe", outcome="Réglé")  # what is short would be sent as it is
    for written in (message(language), short):
        assert isinstance(await send(mailbox, replace(MAIL, message=written), enable_SMTPUTF8=False), Sent)
    for envelope, _ in mailbox.mails:
        assert isinstance(envelope.content, bytes)
        assert envelope.content.isascii()
        assert max(map(len, envelope.content.split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    "address",
    [
        "dana@company.example>\r\nRCPT TO:<all@evil.example",
        "dana@company.example\nBcc: all@evil.example",
        "dana,all@evil.example",
        "dana@company.example,all@evil.example",
        "<all@evil.example>",
        '"dana\r\n"@company.example',
        "dana@company.example\u2028x",
        "",
        "dana",
    ],
)
async def test_an_address_that_is_more_than_one_is_refused(address: str) -> None:
    mailbox = Mailbox()
    receipt = await send(mailbox, replace(MAIL, recipient=replace(MAIL.recipient, email=address)))
    assert told(receipt) == "Refused: the directory knows no address to which a mail can go"
    assert mailbox.commands == []


@settings(max_examples=60, deadline=None)
@given(st.from_regex(r"[^@\s]+@[^@\s]+", fullmatch=True) | st.emails())
def test_a_mail_goes_to_the_address_of_the_directory_or_nowhere(address: str) -> None:
    mailbox = Mailbox()
    receipt = asyncio.run(send(mailbox, replace(MAIL, recipient=replace(MAIL.recipient, email=address))))
    if isinstance(receipt, Sent):
        ((envelope, mail),) = mailbox.mails
        assert envelope.rcpt_tos == [address]
        assert [one.addr_spec.encode(errors="surrogateescape").decode() for one in mail["To"].addresses] == [address]
    else:
        assert mailbox.mails == []


async def test_what_tools_write_adds_no_header_on_the_wire() -> None:
    mailbox = Mailbox()
    evil = "Slow\r\nBcc: all@evil.example\r\n\r\n.\r\n"
    assert isinstance(await send(mailbox, replace(MAIL, message=replace(SHOWN, title=evil))), Sent)
    ((envelope, mail),) = mailbox.mails
    assert (envelope.rcpt_tos, mail["Bcc"]) == ([ADDRESS], None)


async def test_a_person_without_an_address_is_not_reached() -> None:
    nobody = Recipient(DANA, None, {"slack": "U1"})
    assert not sender(1).reaches(nobody)
    assert sender(1).reaches(MAIL.recipient)
    assert isinstance(await sender(1).send(replace(MAIL, recipient=nobody)), Refused)


async def test_the_settings_make_the_sender_that_they_describe(tmp_path: Path) -> None:
    assert open_mail(Settings()) is None
    mailbox, certificates = Mailbox(), make_certificates(tmp_path)
    async with serving(mailbox, certificates.server, authenticator=mailbox.authenticate) as port:
        made = open_mail(
            Settings(
                smtp_host="localhost",
                smtp_port=port,
                smtp_user=USER,
                smtp_password=SecretStr(PASSWORD),
                smtp_ca_file=str(certificates.authority),
                mail_from="nudges@company.example",
                recommendation_url="https://kinetic.example/",
                unsubscribe_keys=SecretStr("k" * 32),
            )
        )
        assert made is not None
        assert isinstance(await made.send(MAIL), Sent)
    ((envelope, mail),) = mailbox.mails
    assert (envelope.mail_from, mailbox.logins, mailbox.encrypted) == ("nudges@company.example", [USER], [True])
    assert mail["List-Unsubscribe"].startswith("<https://kinetic.example/unsubscribe/")
    assert (made.channel, made.follows) == (Channel.MAIL, False)
