"""What this version of the code says about the services: what they read and which migrations they have."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from pydantic import ValidationError

from kinetic.cli.addresses import SERVICES
from kinetic.cli.errors import Misused
from kinetic.common.service import Service


def load_services() -> list[Service]:
    """The services as the environment of this command wants them. Misused when it does not allow a setting.

    Values are never told: some are secrets.
    """
    try:
        return [import_module(f"kinetic.{name.replace('-', '_')}.app").create_service() for name in SERVICES]
    except ValidationError as error:
        faults = error.errors(include_input=False, include_context=False, include_url=False)
        told = "; ".join(f"KINETIC_{'_'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in faults)
        raise Misused(f"the environment does not allow this: {told}") from None


def readers_of(services: Sequence[Service]) -> list[tuple[str, str]]:
    """Which service reads which topic, as pairs. Intake topics, which come and go, are not among them."""
    return [(service.name, door.topic) for service in services for door in service.doors]
