"""Migrate services in one go: `python -m kinetic.cli.prepare [NAME ...]`. One process: starting Python five times is slow."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from importlib import import_module

from kinetic.cli.addresses import SERVICES
from kinetic.common.main import prepare
from kinetic.common.service import Service


def main(names: Sequence[str]) -> None:
    """Create the topics and bring the schemas of the named services, or of all, to their newest state. Safe to repeat."""
    for name in names or SERVICES:
        service: Service = import_module(f"kinetic.{name.replace('-', '_')}.app").create_service()
        # One after the other: Alembic keeps its context in globals.
        asyncio.run(prepare(service))


if __name__ == "__main__":
    main(sys.argv[1:])
