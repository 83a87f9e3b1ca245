"""A process whose parts end by surprise says so."""

from __future__ import annotations

import asyncio

import pytest

from kinetic.common import service
from kinetic.common.service import Process, Service
from kinetic.common.settings import CommonSettings
from tests.support.counting import BRANCHES
from tests.support.stack import Backends


async def test_a_process_whose_start_crashes_is_not_live(stack: Backends, monkeypatch: pytest.MonkeyPatch) -> None:
    async def crash(*_: object) -> bool:
        raise LookupError("a surprise")

    monkeypatch.setattr(service, "is_migrated", crash)
    settings = CommonSettings(kafka=stack.kafka, postgres=stack.postgres)
    process = Process(Service("counting", "How many?", settings, BRANCHES))
    process.start()
    (start,) = [task for task in asyncio.all_tasks() if task.get_name() == "start"]
    await asyncio.wait({start})
    await asyncio.sleep(0)  # let it be reported
    assert process.health.live().missing == ("start",)
    await process.stop()
