"""Fixtures: real backends for the whole run, a fresh database for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.databases import Templates
from tests.support.stack import Backends, backends

_LENGTH_OF_AN_ID = 36


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backends]:
    """A Kafka and a Postgres. Tests that kill them start their own."""
    with backends(tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.fixture(scope="session")
def templates(stack: Backends) -> Templates:
    """Fresh databases: `async with templates.fresh(service.name, service.branches) as database`."""
    return Templates(stack.postgres)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A long text, such as a random id or what is made of one, does not name a test: the workers would not agree on the names."""
    return argname if isinstance(val, str) and len(val) >= _LENGTH_OF_AN_ID else None
