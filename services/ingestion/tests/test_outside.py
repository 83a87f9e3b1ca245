"""A feed never leads inside: neither by its URL, nor by a name, nor by a redirect."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from typing import Any
from unittest.mock import patch

import pytest

from kinetic.ingestion.feeds import FeedReader
from kinetic.ingestion.outside import NotRead, is_inside, read_outside
from kinetic.ingestion.vault import Vault

FEED = {"system": "lms", "every_minutes": 5}


@pytest.mark.parametrize(
    "url",
    [
        "http://lms.example/feed",
        "https://127.0.0.1/feed",
        "https://10.0.0.1/feed",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/feed",
        "https://[::ffff:10.0.0.1]/feed",
        "https://[fd00::1]/feed",
        "https://user:password@lms.example/feed",
        "https:///feed",
        "ftp://lms.example/feed",
    ],
)
async def test_url_that_leads_inside_is_refused(admin: Any, ledger: Any, url: str) -> None:
    answer = await admin.post("/catalogue/feeds", json={**FEED, "url": url})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/url"
    assert await ledger.count("catalogue_feed") == 0


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("93.184.215.14", False),
        ("2606:4700::1111", False),
        ("0.1.2.3", True),
        ("100.64.0.1", True),
        ("224.0.0.1", True),
        ("192.168.1.1", True),
        ("::", True),
        ("fe80::1", True),
        ("::ffff:127.0.0.1", True),
        ("64:ff9b::a00:1", True),
        ("2002:a00:1::", True),
    ],
)
def test_addresses_of_the_public_internet_are_told_from_all_others(address: str, inside: bool) -> None:
    assert is_inside(ip_address(address)) is inside


async def test_name_that_leads_inside_is_refused_when_it_is_read(admin: Any, database: Any) -> None:
    answer = await admin.post("/catalogue/feeds", json={**FEED, "url": "https://localhost/feed"})
    assert answer.status_code == 201

    await FeedReader(Vault([]), allow_inside=False).read_due(database)

    (feed,) = (await admin.get("/catalogue/feeds")).json()
    assert "private network" in feed["error"]


async def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    async def two(*_: Any, **__: Any) -> list[Any]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, 443)) for address in ("93.184.215.14", "10.0.0.1")
        ]

    with patch("asyncio.base_events.BaseEventLoop.getaddrinfo", two), pytest.raises(NotRead, match="private"):
        await read_outside("https://lms.example/feed", None, None, allow_inside=False)
