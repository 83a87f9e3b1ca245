"""One click stops the mails of the person who got them, whoever else holds the address; against real Postgres."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Iterable
from contextlib import nullcontext
from html.parser import HTMLParser
from unittest.mock import patch
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetic.common.database import Database, Transaction
from kinetic.contracts.ids import PersonId
from kinetic.contracts.ingestion import PersonErased
from kinetic.recommendation import handlers, unsubscribe
from kinetic.recommendation.app import create_service
from kinetic.recommendation.domain import unsubscribing
from kinetic.recommendation.domain.unsubscribing import person_of, token_of
from kinetic.recommendation.store import mail_stops
from kinetic.recommendation.unsubscribe import is_one_click
from services.recommendation.tests.company import (
    DANA,
    LEE,
    NAMES,
    enter,
    envelope,
    fetch,
    person,
    until_done_or_waiting,
)
from tests.support.http import open_doors, token

OLD, NEW = "o" * 32, "n" * 32
DANAS = token_of(DANA, [NEW.encode()])
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
async def http(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    monkeypatch.setenv("KINETIC_UNSUBSCRIBE_KEYS", f"{NEW},{OLD}")
    monkeypatch.setenv("KINETIC_CONSOLE_URL", "https://console.example")
    async with open_doors(create_service(), database) as client:
        yield client


async def stopped(database: Database, *people: PersonId) -> set[PersonId]:
    """Those who want no mail."""
    async with database.transaction() as tx:
        return await mail_stops.stopped(tx, people or NAMES)


class Page(HTMLParser):
    """What a page holds."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


async def test_one_click_stops_the_mails_of_the_one_whose_mail_it_was(
    database: Database, http: httpx.AsyncClient
) -> None:
    answer = await http.post(f"/unsubscribe/{DANAS}", data=ONE_CLICK)
    assert (answer.status_code, await stopped(database)) == (200, {DANA})
    assert await stopped(database, LEE) == set()


async def test_mail_programs_may_post_the_click_as_multipart(database: Database, http: httpx.AsyncClient) -> None:
    answer = await http.post(f"/unsubscribe/{DANAS}", files={"List-Unsubscribe": (None, "One-Click")})
    assert (answer.status_code, await stopped(database)) == (200, {DANA})


async def test_a_second_click_changes_nothing(database: Database, http: httpx.AsyncClient) -> None:
    kept = []
    for _ in range(2):
        assert (await http.post(f"/unsubscribe/{DANAS}", data=ONE_CLICK)).status_code == 200
        kept.append([tuple(row) for row in await fetch(database, "SELECT * FROM mail_stopped")])
    assert kept[0] == kept[1]
    assert len(kept[0]) == 1


async def test_opening_the_page_stops_nothing_and_its_button_does(database: Database, http: httpx.AsyncClient) -> None:
    page = await http.get(f"/unsubscribe/{DANAS}")
    assert (page.status_code, await stopped(database)) == (200, set())
    tags = Page(page.text).tags
    assert [attributes for tag, attributes in tags if tag == "form"] == [{"method": "post"}]
    (field,) = [attributes for tag, attributes in tags if tag == "input"]
    assert [tag for tag, _ in tags].count("button") == 1
    await http.post(page.url, data={str(field["name"]): field["value"]})
    assert await stopped(database) == {DANA}


@pytest.mark.parametrize("click", ["get", "post"])
async def test_a_page_fetches_nothing_names_nobody_and_leaves_nothing_behind(
    http: httpx.AsyncClient, click: str
) -> None:
    url = f"/unsubscribe/{DANAS}"
    page = await (http.post(url, data=ONE_CLICK) if click == "post" else http.get(url))
    assert not re.search("dana|company.example", page.text, re.IGNORECASE)
    tags = Page(page.text).tags
    assert not {"img", "link", "script", "iframe"} & {tag for tag, _ in tags}
    assert not any({"src", "style", "onclick", "onload"} & attributes.keys() for _, attributes in tags)
    assert {attributes["href"] for tag, attributes in tags if tag == "a"} <= {"https://console.example/settings/nudges"}
    assert "set-cookie" not in page.headers
    assert (page.headers["cache-control"], page.headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert "noindex" in page.headers["x-robots-tag"]
    assert page.headers["content-type"].startswith("text/html")


async def test_a_browser_takes_the_style_of_the_page_and_nothing_else(http: httpx.AsyncClient) -> None:
    page = await http.get(f"/unsubscribe/{DANAS}")
    policy = page.headers["content-security-policy"]
    found = re.search("<style>(.*)</style>", page.text)
    assert found
    digest = b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
    assert policy.split("; ") == [
        "default-src 'none'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        f"style-src 'sha256-{digest}'",
    ]


@pytest.mark.parametrize(
    ("language", "wished", "asks", "answers"),
    [
        ("de-AT", None, "Diese E-Mails beenden?", "Sie erhalten keine dieser E-Mails mehr"),
        ("de", "fr", "Arrêter ces e-mails ?", "Vous ne recevrez plus ces e-mails"),
        ("pt", None, "Stop these mails?", "You get no more of these mails"),
    ],
)
async def test_the_page_speaks_the_language_of_its_reader(
    database: Database, http: httpx.AsyncClient, language: str, wished: str | None, asks: str, answers: str
) -> None:
    await enter(database, person(DANA, language=language, version=2))
    await http.put("/preferences", headers=token("dana", "manager"), json={"language": wished})
    asked = await http.get(f"/unsubscribe/{DANAS}")
    answered = await http.post(f"/unsubscribe/{DANAS}", data=ONE_CLICK)
    assert f"<h1>{asks}</h1>" in asked.text
    assert f"<h1>{answers}</h1>" in answered.text


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        ("", "application/x-www-form-urlencoded"),
        ("List-Unsubscribe=Twice", "application/x-www-form-urlencoded"),
        ("List-Unsubscribe=One-Click&a=" + "b" * 5000, "application/x-www-form-urlencoded"),
        ('{"List-Unsubscribe": "One-Click"}', "application/json"),
        ("--x\r\n\r\nOne-Click\r\n--x--", "multipart/form-data; boundary=x"),
        ("List-Unsubscribe=One-Click", "multipart/form-data; boundary=\u00e9"),
    ],
)
async def test_what_is_not_the_form_stops_nothing(
    database: Database, http: httpx.AsyncClient, content: str, content_type: str
) -> None:
    headers = {"content-type": content_type.encode("latin-1")}
    answer = await http.post(f"/unsubscribe/{DANAS}", content=content, headers=headers)  # type: ignore[arg-type]
    assert (answer.status_code, await stopped(database)) == (422, set())


@given(
    st.text(max_size=80) | st.text(max_size=60).map("multipart/form-data; boundary={}".format),
    st.binary(max_size=300) | st.text(max_size=200).map(lambda text: f"--x\r\n{text}".encode()),
)
def test_whatever_is_posted_can_be_read(content_type: str, body: bytes) -> None:
    assert not is_one_click(content_type, body)


def changed(position: int) -> str:
    """Dana's token with another character somewhere."""
    return DANAS[:position] + ("A" if DANAS[position] != "A" else "B") + DANAS[position + 1 :]


LEES_ID_UNDER_DANAS_SEAL = urlsafe_b64encode(UUID(LEE).bytes + urlsafe_b64decode(DANAS)[16:]).decode()


@pytest.mark.parametrize(
    "wrong",
    [
        *(changed(position) for position in (0, 21, 22, 63)),
        LEES_ID_UNDER_DANAS_SEAL,
        token_of(DANA, [b"another key"]),
        *(DANAS[:-4], DANAS + "AAAA", "A" * 64, "-" * 63 + "=", "\u00e9" * 64, "x"),
    ],
)
async def test_a_token_that_no_key_made_is_no_address(database: Database, http: httpx.AsyncClient, wrong: str) -> None:
    answers = [await http.get(f"/unsubscribe/{wrong}"), await http.post(f"/unsubscribe/{wrong}", data=ONE_CLICK)]
    assert {answer.status_code for answer in answers} <= {404, 422}
    assert len(wrong) > 64 or {answer.json()["title"] for answer in answers} == {"No such address"}
    assert await stopped(database) == set()


@pytest.mark.parametrize(("off", "whose"), [(False, None), (True, LEE)])
def test_the_seal_keeps_anybody_from_stopping_the_mails_of_others(off: bool, whose: PersonId | None) -> None:
    with patch.object(hmac, "compare_digest", lambda *_: True) if off else nullcontext():
        assert person_of(LEES_ID_UNDER_DANAS_SEAL, [NEW.encode()]) == whose


def test_a_key_that_seals_elsewhere_makes_no_token_here() -> None:
    plain = hmac.digest(NEW.encode(), UUID(DANA).bytes, "sha256")
    assert person_of(urlsafe_b64encode(UUID(DANA).bytes + plain).decode(), [NEW.encode()]) is None
    assert len(DANAS) == unsubscribing.TOKEN_LENGTH


async def test_a_mail_of_before_the_keys_changed_still_unsubscribes(
    database: Database, http: httpx.AsyncClient
) -> None:
    old = token_of(DANA, [OLD.encode()])
    assert (await http.post(f"/unsubscribe/{old}", data=ONE_CLICK)).status_code == 200
    assert await stopped(database) == {DANA}


async def test_without_keys_there_is_no_address(database: Database) -> None:
    async with open_doors(create_service(), database) as client:
        assert (await client.post(f"/unsubscribe/{DANAS}", data=ONE_CLICK)).status_code == 404


async def test_who_unsubscribed_can_have_mails_again_and_only_for_themselves(
    database: Database, http: httpx.AsyncClient
) -> None:
    for one in (DANA, LEE):
        await http.post(f"/unsubscribe/{token_of(one, [NEW.encode()])}", data=ONE_CLICK)
    assert (await http.post("/mail/resume")).status_code == 401
    assert (await http.post("/mail/resume", headers=token("dana", "manager"))).status_code == 204
    assert await stopped(database) == {LEE}


async def test_an_erased_person_leaves_no_row(database: Database, http: httpx.AsyncClient) -> None:
    await http.post(f"/unsubscribe/{DANAS}", data=ONE_CLICK)
    await enter(database, erased())
    assert await stopped(database) == set()
    assert (await http.post(f"/unsubscribe/{DANAS}", data=ONE_CLICK)).status_code == 200
    assert await stopped(database) == set()


@pytest.mark.parametrize(("off", "left"), [(False, set()), (True, {DANA})])
async def test_the_persons_lock_keeps_a_click_from_coming_after_their_erasure(
    database: Database, http: httpx.AsyncClient, off: bool, left: set[PersonId]
) -> None:
    async def lock_nothing(tx: Transaction, kind: str, keys: Iterable[str]) -> None:
        return

    with patch.object(unsubscribe, "lock_keys", lock_nothing) if off else nullcontext():
        async with database.transaction() as tx:
            await handlers.on_directory_changed(tx, [envelope(erased())])
            click = asyncio.create_task(_click(http))
            await until_done_or_waiting(database, click)
        await click
    assert await stopped(database) == left


async def _click(http: httpx.AsyncClient) -> None:
    assert (await http.post(f"/unsubscribe/{DANAS}", data=ONE_CLICK)).status_code == 200


def erased() -> PersonErased:
    """Dana is erased."""
    return PersonErased(person_id=DANA, version=2)
