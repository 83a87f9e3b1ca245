"""Migrate all services in one go: `python -m kinetic.cli.prepare`. One process, because starting Python five times is slow."""

from __future__ import annotations

import asyncio
from importlib import import_module

from kinetic.cli.addresses import SERVICES
from kinetic.common.main import prepare
from kinetic.common.service import Service


def main() -> None:
    """Create the topics and bring every schema to its newest state. Safe to repeat."""
    for name in SERVICES:
        service: Service = import_module(f"kinetic.{name.replace('-', '_')}.app").create_service()
        # One after the other: Alembic keeps its context in globals.
        asyncio.run(prepare(service))


if __name__ == "__main__":
    main()
