"""The whole system as processes, with as many replicas as a test wants, all of which can be killed and come back."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

from examples.issuer import issue_token
from kinetic.cli.launch import ServiceProcess, stop_all
from kinetic.embedded import Stack, free_ports

SERVICES = ("ingestion", "skill-gap", "recommendation", "assignment", "feedback")
UNDO_WINDOW_SECONDS = 2
LEARNER_PACE_SECONDS = 0.5


@dataclass(frozen=True)
class Layout:
    """What to run: which services, how many replicas of each, what they are told beyond the usual, and which
    mechanism is taken away from a service (by name)."""

    services: Sequence[str] = SERVICES
    replicas: int = 1
    environment: Mapping[str, str] = field(default_factory=dict)
    sabotage: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cluster:
    """Everything that runs. The LMS is started by whoever wants one."""

    folder: Path
    stack: Stack
    issuer: ServiceProcess
    lms: ServiceProcess
    replicas: Sequence[ServiceProcess]

    def doors(self, service: str) -> list[str]:
        """The base URLs of a service's replicas."""
        return [replica.url for replica in self.replicas if replica.name == service]

    def token(self, email: str, *roles: str) -> str:
        """A token that outlives the run."""
        keys = self.folder / "issuer"
        return issue_token(keys, email, roles, issuer=self.issuer.url, lifetime_seconds=6 * 3600)

    def bearer(self, email: str, *roles: str) -> dict[str, str]:
        """The header that carries such a token."""
        return {"Authorization": f"Bearer {self.token(email, *roles)}"}


@contextmanager
def running_cluster(folder: Path, layout: Layout, company: Mapping[str, Any] | None = None) -> Iterator[Cluster]:
    """Start everything; on leaving, stop all of it. `company` holds the documents that the LMS offers from, by name."""
    company_folder = _write_company(folder, company or {})
    with ExitStack() as cleanup:
        stack = Stack.start(folder / "stack")
        cleanup.callback(stack.stop)
        ports = iter(free_ports(2 + layout.replicas * len(layout.services)))
        issuer = _issuer(folder, next(ports))
        lms_port = next(ports)
        environment = {**_environment(stack, issuer), **layout.environment}
        replicas = [
            _replica(layout, name, number, next(ports), environment, folder)
            for name in layout.services
            for number in range(layout.replicas)
        ]
        lms = _lms(folder, lms_port, stack, issuer, replicas[0].url, company_folder)
        cleanup.callback(stop_all, [issuer, *replicas, lms])
        _start(folder, environment, [issuer, *replicas])
        yield Cluster(folder, stack, issuer, lms, replicas)


def _replica(
    layout: Layout, name: str, number: int, port: int, environment: Mapping[str, str], folder: Path
) -> ServiceProcess:
    argv: tuple[str, ...] = ()
    if mechanism := layout.sabotage.get(name):
        argv = (sys.executable, "-m", "tests.chaos.sabotaged", mechanism, name, "serve", "--port", str(port))
    return ServiceProcess(name, port, environment, folder / "logs", argv, label=f"{name}-{number}")


def _write_company(folder: Path, documents: Mapping[str, Any]) -> Path:
    company_folder = folder / "company"
    company_folder.mkdir(parents=True)
    for name, document in documents.items():
        (company_folder / f"{name}.yaml").write_text(json.dumps(document))
    return company_folder


def _environment(stack: Stack, issuer: ServiceProcess) -> dict[str, str]:
    return {
        "KINETIC_KAFKA": stack.kafka.bootstrap_servers,
        "KINETIC_POSTGRES": stack.postgres.dsn,
        "KINETIC_ISSUER": issuer.url,
        "KINETIC_JWKS_URL": f"{issuer.url}/jwks.json",
        "KINETIC_SECRET_KEYS": Fernet.generate_key().decode(),
        "KINETIC_UNDO_WINDOW_SECONDS": str(UNDO_WINDOW_SECONDS),
        "KINETIC_POOL_SIZE": "6",
        "KINETIC_API_PAGES": "true",
        "KINETIC_LOG_LEVEL": "WARNING",
    }


def _start(folder: Path, environment: Mapping[str, str], processes: Sequence[ServiceProcess]) -> None:
    services = {process.name for process in processes} & set(SERVICES)
    argv = (sys.executable, "-m", "kinetic.cli.prepare", *sorted(services))
    migrations = ServiceProcess("migrations", 0, environment, folder / "logs", argv)
    migrations.start()
    migrations.wait_done()
    for process in processes:
        process.start()
    for process in processes:
        process.wait_ready()


def _issuer(folder: Path, port: int) -> ServiceProcess:
    argv = (sys.executable, "-m", "examples.issuer", "--port", str(port), "--folder", str(folder / "issuer"))
    return ServiceProcess("issuer", port, {}, folder / "logs", argv, "/livez")


def _lms(
    folder: Path, port: int, stack: Stack, issuer: ServiceProcess, ingestion: str, company_folder: Path
) -> ServiceProcess:
    argv = (
        *(sys.executable, "-m", "examples.lms", "--port", str(port), "--pace", str(LEARNER_PACE_SECONDS)),
        *("--kafka", stack.kafka.bootstrap_servers, "--ingestion", ingestion, "--issuer", issuer.url),
        *("--secret-file", str(folder / "issuer" / "clients" / "example-lms.secret")),
        *("--folder", str(folder / "lms"), "--company", str(company_folder)),
    )
    return ServiceProcess("lms", port, {}, folder / "logs", argv, "/livez")
