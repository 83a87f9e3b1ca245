"""The whole example on this machine: Kafka, Postgres, the issuer, the five services, the LMS."""

from __future__ import annotations

import base64
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kinetic.cli.addresses import DEFAULT_PORTS, SERVICES, Addresses
from kinetic.cli.interrupts import ignore_interrupts, interrupts_restored
from kinetic.cli.launch import ServiceProcess, stop_all
from kinetic.embedded import Stack, ensure_free, free_ports

UNDO_WINDOW_SECONDS: Final = 10
LEARNER_PACE_SECONDS: Final = 2.0

Progress = Callable[[str], None]
Ports = Mapping[str, int]


def default_ports(offset: int = 0) -> Ports:
    """The documented ports, all moved by `offset`. PortTaken, saying by whom, when one of them is in use."""
    ports = {name: port + offset for name, port in DEFAULT_PORTS.items()}
    for name, port in ports.items():
        ensure_free(port, f"the port of {name},")
    return ports


def own_ports() -> Ports:
    """Free ports, so that this example runs beside anything."""
    return dict(zip(DEFAULT_PORTS, free_ports(len(DEFAULT_PORTS)), strict=True))


@dataclass(frozen=True)
class Example:
    """A running example. `folder` holds its data and `logs`."""

    folder: Path
    addresses: Addresses
    stack: Stack
    children: Sequence[ServiceProcess]

    def ensure_alive(self) -> None:
        """ChildDied when one of its processes has ended by itself."""
        for child in self.children:
            child.ensure_alive()


@contextmanager
def running_example(folder: Path, ports: Ports, progress: Progress) -> Iterator[Example]:
    """Start everything, yield when all of it takes work, and stop it in order, which no second Ctrl-C can tear."""
    with interrupts_restored(), ExitStack() as cleanup:
        try:
            stack = _start_stack(folder, ports, progress)
            cleanup.callback(stack.stop)
            addresses = Addresses.at(ports, folder / "issuer")
            children = processes_of(folder, ports, addresses, stack.postgres.dsn)
            cleanup.callback(stop_all, children)
            _start_all(folder, children, progress)
            addresses.write(folder)
            yield Example(folder, addresses, stack, children)
        finally:
            ignore_interrupts()
            progress("Stopping")


def processes_of(folder: Path, ports: Ports, addresses: Addresses, dsn: str) -> list[ServiceProcess]:
    """The issuer, the services and the LMS, not yet started."""
    environment = environment_of(addresses, dsn, kept_secret_key(folder))
    logs = folder / "logs"
    services = [ServiceProcess(name, ports[name], environment, logs) for name in SERVICES]
    return [issuer_process(ports["issuer"], folder), *services, lms_process(ports["lms"], folder, addresses)]


def environment_of(addresses: Addresses, dsn: str, secret_key: str) -> dict[str, str]:
    """What the services of the example are told. `secret_key` is the Fernet key that seals the secrets of webhooks."""
    return {
        "KINETIC_KAFKA": addresses.kafka,
        "KINETIC_POSTGRES": dsn,
        "KINETIC_ISSUER": addresses.issuer,
        "KINETIC_JWKS_URL": f"{addresses.issuer}/jwks.json",
        "KINETIC_SECRET_KEYS": secret_key,
        "KINETIC_UNDO_WINDOW_SECONDS": str(UNDO_WINDOW_SECONDS),
        "KINETIC_POOL_SIZE": "6",
        "KINETIC_API_PAGES": "true",
    }


def issuer_process(port: int, folder: Path) -> ServiceProcess:
    """The example's issuer of tokens."""
    argv = (sys.executable, "-m", "examples.issuer", "--port", str(port), "--folder", str(folder / "issuer"))
    return ServiceProcess("issuer", port, {}, folder / "logs", argv, "/livez")


def lms_process(port: int, folder: Path, addresses: Addresses, pace: float = LEARNER_PACE_SECONDS) -> ServiceProcess:
    """The example's learning platform. `pace` is how many seconds a learner needs for a course."""
    secret = folder / "issuer" / "clients" / "example-lms.secret"
    argv = (
        *(sys.executable, "-m", "examples.lms", "--port", str(port), "--pace", str(pace)),
        *("--kafka", addresses.kafka, "--ingestion", addresses.services["ingestion"]),
        *("--issuer", addresses.issuer, "--secret-file", str(secret), "--folder", str(folder / "lms")),
    )
    return ServiceProcess("lms", port, {}, folder / "logs", argv, "/livez")


def kept_secret_key(folder: Path) -> str:
    """The Fernet key of this data folder: made at its first start, readable for its owner only."""
    file = folder / "secret.key"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    return file.read_text()


def _start_stack(folder: Path, ports: Ports, progress: Progress) -> Stack:
    return Stack.start(
        folder / "stack",
        kafka_port=ports["kafka"],
        controller_port=ports["kafka-controller"],
        postgres_port=ports["postgres"],
        progress=progress,
    )


def _start_all(folder: Path, children: Sequence[ServiceProcess], progress: Progress) -> None:
    """All start while the migrations run: services wait for their schema, and the LMS for its topic."""
    progress("Migrating the schemas and starting the services")
    services = [child for child in children if child.name in SERVICES]
    argv = (sys.executable, "-m", "kinetic.cli.prepare")
    migrations = ServiceProcess("migrations", 0, services[0].environment, folder / "logs", argv)
    try:
        for child in (migrations, *children):
            child.start()
        migrations.wait_done()
    finally:
        migrations.kill()
    for child in children:
        child.wait_ready()
        progress(f"{child.name} answers on {child.url}")
