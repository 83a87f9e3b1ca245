"""Two replicas of every service on one broker and one database, all of which can be killed and come back."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet

from examples.issuer import issue_token
from kinetic.cli.launch import ServiceProcess, stop_all
from kinetic.embedded import Stack, free_ports

SERVICES = ("ingestion", "skill-gap", "recommendation", "assignment", "feedback")
REPLICAS = 2
UNDO_WINDOW_SECONDS = 2
LEARNER_PACE_SECONDS = 0.5


@dataclass(frozen=True)
class Cluster:
    """Everything that runs. `replicas` are the services', `children` all processes besides the stack."""

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


@contextmanager
def running_cluster(folder: Path, company_folder: Path) -> Iterator[Cluster]:
    """Start everything; on leaving, stop all of it."""
    with ExitStack() as cleanup:
        stack = Stack.start(folder / "stack")
        cleanup.callback(stack.stop)
        ports = free_ports(2 + REPLICAS * len(SERVICES))
        issuer = _issuer(folder, ports[0])
        environment = _environment(stack, issuer)
        replicas = [
            ServiceProcess(name, port, environment, folder / "logs", label=f"{name}-{index % REPLICAS}")
            for index, (name, port) in enumerate(
                zip([name for name in SERVICES for _ in range(REPLICAS)], ports[2:], strict=True)
            )
        ]
        lms = _lms(folder, ports[1], stack, issuer, replicas[0].url, company_folder)
        cleanup.callback(stop_all, [issuer, *replicas, lms])
        _migrate(folder, environment)
        for process in (issuer, *replicas):
            process.start()
        for process in (issuer, *replicas):
            process.wait_ready()
        yield Cluster(folder, stack, issuer, lms, replicas)


def _environment(stack: Stack, issuer: ServiceProcess) -> dict[str, str]:
    return {
        "KINETIC_KAFKA": stack.kafka.bootstrap_servers,
        "KINETIC_POSTGRES": stack.postgres.dsn,
        "KINETIC_ISSUER": issuer.url,
        "KINETIC_JWKS_URL": f"{issuer.url}/jwks.json",
        "KINETIC_SECRET_KEYS": Fernet.generate_key().decode(),
        "KINETIC_UNDO_WINDOW_SECONDS": str(UNDO_WINDOW_SECONDS),
        "KINETIC_POOL_SIZE": "6",
        "KINETIC_LOG_LEVEL": "WARNING",
    }


def _migrate(folder: Path, environment: dict[str, str]) -> None:
    argv = (sys.executable, "-m", "kinetic.cli.prepare")
    migrations = ServiceProcess("migrations", 0, environment, folder / "logs", argv)
    migrations.start()
    migrations.wait_done()


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
