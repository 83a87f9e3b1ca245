"""The counting service, fresh for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.counting import Bench, counting
from tests.support.databases import Templates
from tests.support.stack import Backends


@pytest.fixture
async def bench(stack: Backends, templates: Templates) -> AsyncIterator[Bench]:
    """Topics and a database of its own."""
    async with counting(stack, templates) as bench:
        yield bench
