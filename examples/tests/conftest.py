"""Real HTTP servers on loopback ports that the system chooses."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from examples.issuer.app import create_app
from examples.issuer.users import load_accounts
from examples.tests.doors import RecordingDoor

ACCOUNTS = Path(__file__).parent.parent / "company" / "users.yaml"


@asynccontextmanager
async def serving(app: FastAPI, listener: socket.socket) -> AsyncIterator[None]:
    """Serve `app` on a socket that listens already, so that no request is refused."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


def listen() -> tuple[socket.socket, str]:
    """A listening socket and its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    return listener, f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A client without proxies."""
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


@pytest.fixture
async def door() -> AsyncIterator[RecordingDoor]:
    """A door that records what it is sent."""
    listener, url = listen()
    recording = RecordingDoor(url)
    async with serving(recording.app, listener):
        yield recording


@pytest.fixture
def issuer_folder(tmp_path: Path) -> Path:
    """Where the issuer of a test keeps its secrets."""
    return tmp_path / "issuer"


@pytest.fixture
async def issuer_url(issuer_folder: Path) -> AsyncIterator[str]:
    """The example issuer, running."""
    listener, url = listen()
    async with serving(create_app(issuer_folder, load_accounts(ACCOUNTS), url), listener):
        yield url
