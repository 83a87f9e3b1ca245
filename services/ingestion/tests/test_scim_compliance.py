"""The doors of SCIM are what RFC 7643 and RFC 7644 say: the public tester of the protocol finds nothing else."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest
from scim2_client import BaseSyncSCIMClient
from scim2_tester import Status, check_server

BASE = "http://door/scim/v2"


class ThreadedClient(BaseSyncSCIMClient):
    """The tester waits for its answers in a thread of its own; the doors answer in the loop of the test."""

    def __init__(self, client: httpx.AsyncClient, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._client, self._loop = client, loop

    def request(self, method: str, url: str, **arguments: Any) -> httpx.Response:
        answer = self._client.request(method, f"{BASE}/{url.removeprefix(BASE).lstrip('/')}", **arguments)
        return asyncio.run_coroutine_threadsafe(answer, self._loop).result(30)

    def _stays_under_base_url(self, endpoint: str) -> bool:
        return not endpoint.startswith("http") or endpoint.startswith(BASE)

    def _parse_json(self, response: Any) -> Any:
        return response.json()


@pytest.mark.parametrize("attempt", range(3))
async def test_tester_reports_only_successes(sender: httpx.AsyncClient, attempt: int) -> None:
    """Three times, because the tester draws what it sends."""
    results = await asyncio.to_thread(check_server, ThreadedClient(sender, asyncio.get_running_loop()))

    assert [result for result in results if result.status is not Status.SUCCESS] == []
    done = Counter(result.title for result in results if result.resource_type in ("User", "Group"))
    assert len(results) > 80, done
    assert {"check_add_attribute", "check_replace_attribute", "check_remove_attribute", "object_deletion"} <= set(done)
