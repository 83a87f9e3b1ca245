"""A service's HTTP doors, without a socket and without Kafka behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from kinetic.common.auth import Principal, Role
from kinetic.common.database import Database
from kinetic.common.service import Service, build_app


class NamedTokens:
    """Takes ``<name>:<role>`` for a token, or several roles with commas. That real ones are verified is tested where that is done."""

    async def verify(self, token: str) -> Principal:
        name, _, roles = token.partition(":")
        return Principal(name, f"{name}@company.example", frozenset(Role(role) for role in roles.split(",") if role))


def token(name: str, role: str = "") -> dict[str, str]:
    """The header with which somebody acts."""
    return {"Authorization": f"Bearer {name}:{role}"}


@asynccontextmanager
async def open_doors(service: Service, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the doors of `service`, which takes named tokens."""
    app = build_app(service)
    app.state.database, app.state.verifier = database, NamedTokens()
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{service.name}") as client:
        yield client
