"""One stack for all tests that may share it, and what they ask it with."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kinetic.embedded import KafkaJars, Stack, default_cache_folder, fetch_kafka


@pytest.fixture(scope="session")
def jars() -> KafkaJars:
    return fetch_kafka(default_cache_folder())


@pytest.fixture
def data_folder() -> Iterator[Path]:
    """A folder that is gone afterwards, below one that only its owner may enter."""
    private = Path(tempfile.mkdtemp(prefix="kinetic embedded, "))
    yield private / "data"
    shutil.rmtree(private, ignore_errors=True)


@pytest.fixture(scope="session")
def _shared() -> Iterator[Stack]:
    folder = Path(tempfile.mkdtemp(prefix="kinetic-embedded-"))
    with Stack.start(folder) as stack:
        yield stack
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def stack(_shared: Stack) -> Stack:
    """The shared stack, running, whatever an earlier test did to it."""
    _shared.kafka.start()
    _shared.postgres.start()
    return _shared
