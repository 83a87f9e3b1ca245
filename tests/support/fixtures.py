"""Fixtures: real backends for the whole run, a fresh database for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.databases import Templates
from tests.support.stack import Backends, backends


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backends]:
    """A Kafka and a Postgres. Tests that kill them start their own."""
    with backends(tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.fixture(scope="session")
def templates(stack: Backends) -> Templates:
    """Fresh databases: `async with templates.fresh(service.name, service.branches) as database`."""
    return Templates(stack.postgres)
