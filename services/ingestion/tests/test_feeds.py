"""A feed is all that its system offers: read in turn, what changes is told, what vanishes is retired."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from unittest.mock import patch

import httpx
import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from kinetic.common.database import Database
from kinetic.contracts import topics
from kinetic.ingestion import outside
from kinetic.ingestion.feeds import FeedReader
from kinetic.ingestion.settings import Settings, split_keys
from kinetic.ingestion.vault import Vault
from services.ingestion.tests.feed_server import FeedServer, serving


@pytest.fixture
def settings() -> Settings:
    return Settings(secret_keys=SecretStr(Fernet.generate_key().decode()), feeds_inside=True)


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with serving() as feed:
        yield feed


@pytest.fixture
def reader(settings: Settings) -> FeedReader:
    return FeedReader(Vault(split_keys(settings.secret_keys)), settings.feeds_inside)


def item(item_id: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": item_id,
        "title": item_id,
        "url": "https://x.example",
        "effort_minutes": 5,
        "language": "en",
        **fields,
    }


def offer(server: FeedServer, *items: Any, etag: str = "") -> None:
    server.body, server.etag = json.dumps(items).encode(), etag


async def add(admin: httpx.AsyncClient, server: FeedServer, **fields: Any) -> httpx.Response:
    return await admin.post("/catalogue/feeds", json={"url": server.url, "system": "lms", "every_minutes": 5, **fields})


async def read_again(ledger: Any, reader: FeedReader, database: Database) -> None:
    await ledger.run("UPDATE catalogue_feed SET due_at = clock_timestamp()")
    assert await reader.read_due(database)


async def shown(admin: httpx.AsyncClient) -> dict[str, Any]:
    (feed,) = (await admin.get("/catalogue/feeds")).json()
    return dict(feed)


async def told(ledger: Any) -> list[tuple[str, bool, list[Any]]]:
    rows = [json.loads(row["value"]) for row in await ledger.told() if row["topic"] == topics.CATALOGUE]
    return [(row["external_ids"]["lms"], row["retired"], row["teaches"]) for row in rows]


async def test_feed_is_read_at_once_and_then_in_its_turn(
    admin: Any, server: Any, reader: Any, ledger: Any, database: Any
) -> None:
    offer(server, item("A"), item("B"))
    assert (await add(admin, server)).status_code == 201

    assert [await reader.read_due(database) for _ in range(2)] == [True, False]

    assert [name for name, _, _ in await told(ledger)] == ["A", "B"]
    assert ((await shown(admin))["changed"], (await shown(admin))["error"]) == (2, None)


async def test_a_certificate_of_a_feed_is_told_with_its_days(
    admin: Any, server: Any, reader: Any, ledger: Any, database: Any
) -> None:
    offer(server, item("A", valid_for_days=90), item("B"))
    await add(admin, server)
    assert await reader.read_due(database)

    rows = [json.loads(row["value"]) for row in await ledger.told() if row["topic"] == topics.CATALOGUE]
    assert [row["valid_for_days"] for row in rows] == [90, None]


async def test_item_that_vanishes_is_retired_and_comes_back(
    admin: Any, server: Any, reader: Any, ledger: Any, database: Any
) -> None:
    await add(admin, server)
    for items in ([item("A"), item("B")], [item("A")], [item("A")], [item("A"), item("B")]):
        offer(server, *items)
        await read_again(ledger, reader, database)

    assert [(name, retired) for name, retired, _ in await told(ledger)] == [
        ("A", False),
        ("B", False),
        ("B", True),
        ("B", False),
    ]


async def test_content_of_other_systems_is_left_alone(
    admin: Any, company: Any, server: Any, reader: Any, ledger: Any, database: Any
) -> None:
    await add(admin, server, system="academy")
    offer(server, item("A"))

    await read_again(ledger, reader, database)

    content = (await admin.get("/catalogue")).json()["content"]
    assert {(tuple(entry["external_ids"]), entry["retired"]) for entry in content} == {
        (("lms",), False),
        (("academy",), False),
    }


async def test_item_that_is_tagged_again_is_told_again(
    admin: Any, server: Any, reader: Any, ledger: Any, database: Any
) -> None:
    await add(admin, server)
    tags = [{"competency": "testing", "level": 2}], [{"competency": "security", "level": 3}]
    for teaches in tags:
        offer(server, item("A", teaches=teaches))
        await read_again(ledger, reader, database)

    assert [teaches for _, _, teaches in await told(ledger)] == list(tags)


async def test_unchanged_feed_is_not_read_twice(
    admin: Any, server: Any, reader: Any, ledger: Any, database: Any
) -> None:
    offer(server, item("A"), etag='"1"')
    await add(admin, server)
    for _ in range(2):
        await read_again(ledger, reader, database)

    assert [asked.get("if-none-match") for asked in server.asked] == [None, '"1"']
    assert ((await shown(admin))["error"], len(await told(ledger))) == (None, 1)


async def test_secret_is_sent_and_neither_shown_nor_kept_in_plain(
    admin: Any, server: Any, reader: Any, ledger: Any, database: Any
) -> None:
    offer(server, item("A"))
    answer = await add(admin, server, secret="hush-hush")

    await read_again(ledger, reader, database)

    assert server.asked[0]["authorization"] == "Bearer hush-hush"
    assert "hush" not in answer.text + (await admin.get("/catalogue/feeds")).text
    async with database.transaction() as tx:
        assert b"hush" not in await tx.fetch_value("SELECT secret FROM catalogue_feed")


async def test_table_of_a_platform_is_read(admin: Any, server: Any, reader: Any, ledger: Any, database: Any) -> None:
    server.body = "\ufeffid;title;url;effort_minutes;language\nA;T;https://x.example;5;en\n".encode()
    await add(admin, server, format="csv")

    await read_again(ledger, reader, database)

    assert await told(ledger) == [("A", False, [])]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"status": 500}, "500"),
        ({"status": 302, "extra": {"location": "http://127.0.0.1/"}}, "302"),
        ({"body": b"{"}, "not JSON"),
        ({"body": b"7"}, "#"),
        ({"body": b"[]"}, "no items"),
        ({"body": json.dumps([item("A"), item("B", effort_minutes=0)]).encode()}, "#/1/effort_minutes"),
        ({"body": json.dumps([item("A"), item("A")]).encode()}, "#/1/external_ids/lms"),
        ({"body": json.dumps([{"external_ids": {"other": "A"}}]).encode()}, "no id in lms"),
        ({"extra": {"content-encoding": "gzip"}}, "compressed"),
        ({"body": b" " * 2000}, "larger"),
    ],
)
async def test_feed_that_goes_wrong_retires_nothing_and_says_why(
    admin: Any, server: Any, reader: Any, ledger: Any, database: Any, answer: dict[str, Any], error: str
) -> None:
    await add(admin, server)
    offer(server, item("C-1"))
    await read_again(ledger, reader, database)
    for name, value in answer.items():
        setattr(server, name, value)

    with patch.object(outside, "MOST_BYTES", 1000):
        await read_again(ledger, reader, database)

    feed = await shown(admin)
    assert error in feed["error"]
    assert feed["failures"] == 1
    assert await told(ledger) == [("C-1", False, [])]
    server.status, server.extra = 200, {}
    offer(server, item("C-1"))
    await read_again(ledger, reader, database)
    assert ((await shown(admin))["failures"], (await shown(admin))["error"]) == (0, None)


async def test_server_that_is_away_or_never_ends_is_an_error(
    admin: Any, server: Any, reader: Any, ledger: Any, database: Any
) -> None:
    await add(admin, server)
    server.extra = {"content-length": "100"}
    await read_again(ledger, reader, database)
    assert "connection" in (await shown(admin))["error"]

    with patch.object(outside, "MOST_SECONDS", 0.0):
        await read_again(ledger, reader, database)
    assert "seconds" in (await shown(admin))["error"]


async def test_one_replica_reads_a_feed_at_a_time(
    admin: Any, server: Any, reader: Any, ledger: Any, database: Any
) -> None:
    offer(server, item("A"))
    await add(admin, server)

    reads = await asyncio.gather(*(reader.read_due(database) for _ in range(4)))

    assert (sum(reads), len(server.asked)) == (1, 1)


async def test_loop_reads_what_is_due_and_goes_on_after_a_feed_that_went_wrong(
    admin: Any, server: Any, reader: Any, ledger: Any, database: Any
) -> None:
    server.body = b"{"
    await add(admin, server, system="broken")
    reading = asyncio.create_task(reader.run(database, lambda: None))
    async with serving() as other:
        offer(other, item("A"))
        await add(admin, other)
        for _ in range(1000):
            if await told(ledger):
                break
            await asyncio.sleep(0.02)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)

    feeds = {feed["system"]: feed["error"] for feed in (await admin.get("/catalogue/feeds")).json()}
    assert feeds["broken"]
    assert feeds["lms"] is None


async def test_system_has_one_feed_until_it_is_deleted(admin: Any, server: Any, ledger: Any) -> None:
    feed_id = (await add(admin, server)).json()["feed_id"]
    assert (await add(admin, server)).status_code == 409

    deleted = [(await admin.delete(f"/catalogue/feeds/{feed_id}")).status_code for _ in range(2)]

    assert (deleted, (await add(admin, server)).status_code) == ([204, 404], 201)


async def test_services_may_not_set_up_feeds(sender: Any, server: Any) -> None:
    assert (await add(sender, server)).status_code == 403
