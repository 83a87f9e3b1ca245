"""A single PostgreSQL server with one user and one database, both called kinetic."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path

from kinetic.embedded.binaries import installed_programs, name_for_itself, postgres_account, programs_for
from kinetic.embedded.errors import StartFailed
from kinetic.embedded.folders import make_private
from kinetic.embedded.ports import LOOPBACK
from kinetic.embedded.processes import Account, Child, Command, run
from kinetic.embedded.server import Server

USER = DATABASE = "kinetic"

_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "512MB",
    "max_wal_size": "1GB",
    "jit": "off",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "password_encryption": "scram-sha-256",
}
_WHO_MAY_CONNECT = f"host all all {LOOPBACK}/32 scram-sha-256\n"
# Byte order for comparisons, as with the C locale, and upper and lower case of every alphabet.
_LOCALE = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")

_STOP_WITHIN_SECONDS = 15.0
_QUERY_WITHIN_SECONDS = 10.0


class Postgres(Server):
    """PostgreSQL on the loopback address. `dsn` is for asyncpg and libpq alike; its user is superuser."""

    name = "postgres"
    program = "postgres"

    def __init__(self, data_folder: Path, cache_folder: Path, port: int) -> None:
        super().__init__(data_folder, {"Postgres' port": port})
        self._password = _kept_password(data_folder / "postgres.password")
        self.dsn = f"postgresql://{USER}:{self._password}@{LOOPBACK}:{port}/{DATABASE}"
        self._data = data_folder / "postgres"
        self._partial = data_folder / "postgres.partial"
        self._cache_folder = cache_folder
        self._port = port

    def _folder(self) -> Path:
        return self._data

    def _prepare(self) -> None:
        if not self._data.is_dir():
            self._create()

    def _create(self) -> None:
        """Create a neighbour, then rename it: a folder called `postgres` always has its user and database."""
        shutil.rmtree(self._partial, ignore_errors=True)
        self._partial.mkdir(mode=0o700)
        if account := postgres_account(self._partial):
            os.chown(self._partial, account.uid, account.gid)
        self._run("initdb", "-D", self._named(account), "-U", USER, *_LOCALE, "--auth=reject", "--no-instructions")
        # Written into the existing file, which keeps its owner.
        (self._partial / "pg_hba.conf").write_text(_WHO_MAY_CONNECT)
        self._run(
            *("postgres", "--single", "-j", "-D", self._named(account), "postgres"),
            given=f"ALTER ROLE {USER} PASSWORD '{self._password}';\n\nCREATE DATABASE {DATABASE};\n\n",
        )
        self._partial.rename(self._data)

    def _run(self, program: str, *arguments: str, given: str = "") -> None:
        command = self._program(self._partial, program, *arguments)
        if run(command, given) != 0:
            raise StartFailed(self._failure(f"could not create its data folder ({program})"))

    def _command(self) -> Command:
        settings = {**_SETTINGS, "port": str(self._port)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return self._program(self._data, "postgres", "-D", self._named(postgres_account(self._data)), *options)

    def _program(self, folder: Path, program: str, *arguments: str) -> Command:
        account = postgres_account(folder)
        programs = programs_for(account, self._cache_folder)
        return Command(
            argv=(programs.path(program), *arguments),
            folder=folder,
            log_file=self.log_file,
            death_signal=signal.SIGQUIT,  # ends the backends too; what is committed is on disk
            account=account,
            environment=_environment(),
        )

    def _named(self, account: Account | None) -> str:
        return name_for_itself(self._data) if account else "."

    def _answers(self) -> bool:
        psql = [installed_programs().path("psql"), "--no-psqlrc", "-At", "-c", "SELECT 1"]
        try:
            asked = subprocess.run(  # noqa: S603 (the psql we install)
                psql, env=self._client_environment(), capture_output=True, timeout=_QUERY_WITHIN_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return False
        return asked.returncode == 0

    def _client_environment(self) -> dict[str, str]:
        # Not on the command line, which every user of the machine can read.
        return {
            **_environment(),
            "PGHOST": LOOPBACK,
            "PGPORT": str(self._port),
            "PGUSER": USER,
            "PGDATABASE": DATABASE,
            "PGPASSWORD": self._password,
            "PGCONNECT_TIMEOUT": "5",
        }

    def _stop(self, child: Child) -> None:
        child.stop(signal.SIGINT, _STOP_WITHIN_SECONDS)  # "fast": ends the sessions, then writes everything


def _environment() -> dict[str, str]:
    """Without the settings (PGDATA, PGPORT, ...) and the language of whoever starts us."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def _kept_password(file: Path) -> str:
    """The password of this data folder: made at its first start, readable for its user only."""
    make_private(file.parent)
    if not file.is_file():
        partial = file.with_suffix(".partial")
        partial.unlink(missing_ok=True)
        partial.touch(mode=0o600)
        partial.write_text(secrets.token_urlsafe(18))
        partial.rename(file)
    return file.read_text().strip()
