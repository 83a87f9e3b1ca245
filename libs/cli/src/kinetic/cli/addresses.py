"""Where the parts of Kinetic answer: told by options or the environment, else the running example, else the default ports."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from kinetic.cli.clone import find_clone, run_folder

SERVICES: Final = ("ingestion", "skill-gap", "recommendation", "assignment", "feedback")
DEFAULT_PORTS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "kafka": 19092,
        "kafka-controller": 19093,
        "postgres": 15432,
        "issuer": 8100,
        "ingestion": 8101,
        "skill-gap": 8102,
        "recommendation": 8103,
        "assignment": 8104,
        "feedback": 8105,
        "lms": 8110,
    }
)
_FILE: Final = "addresses.json"


def local_url(port: int) -> str:
    """A door of this machine."""
    return f"http://127.0.0.1:{port}"


@dataclass(frozen=True, slots=True)
class Addresses:
    """`services` are base URLs by name; `issuer` is the `iss` of the tokens; `key_folder` is the example issuer's."""

    kafka: str
    issuer: str
    services: dict[str, str] = field(default_factory=dict)
    lms: str = ""
    key_folder: str | None = None

    @classmethod
    def at(cls, ports: Mapping[str, int], key_folder: Path | None = None) -> Addresses:
        """Everything on this machine, on these ports."""
        return cls(
            kafka=f"127.0.0.1:{ports['kafka']}",
            issuer=local_url(ports["issuer"]),
            services={name: local_url(ports[name]) for name in SERVICES},
            lms=local_url(ports["lms"]),
            key_folder=str(key_folder) if key_folder else None,
        )

    def changed(self, *, kafka: str | None, issuer: str | None, services: Mapping[str, str | None]) -> Addresses:
        """These addresses with what was given in place of what was known."""
        given = {name: url.rstrip("/") for name, url in services.items() if url}
        return replace(
            self,
            kafka=kafka or self.kafka,
            issuer=(issuer or self.issuer).rstrip("/"),
            services={**self.services, **given},
        )

    def write(self, folder: Path) -> None:
        """Leave the addresses in the data folder of the example, for the commands of other terminals."""
        (folder / _FILE).write_text(json.dumps(asdict(self), indent=2))


def known_addresses() -> Addresses:
    """Those of the example that runs or ran last in this clone, else everything on the default ports."""
    root = find_clone()
    if root is None:
        return Addresses.at(DEFAULT_PORTS)
    folder = run_folder(root)
    try:
        return Addresses(**json.loads((folder / _FILE).read_text()))
    except (OSError, ValueError, TypeError):
        return Addresses.at(DEFAULT_PORTS, folder / "issuer")
