"""Where things are kept, and who may use them."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from kinetic.embedded.errors import EmbeddedError, FolderInUse


def default_cache_folder() -> Path:
    """`$KINETIC_CACHE`, else `kinetic` below `$XDG_CACHE_HOME` or `~/.cache`. One for all clones of a user."""
    if chosen := os.environ.get("KINETIC_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kinetic"


def make_private(folder: Path) -> None:
    """Create `folder` for the current user alone, and check that one can write there.

    Raises:
        EmbeddedError: it cannot be created or written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EmbeddedError(f"cannot create {folder}: {error.strerror}; choose another folder") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise EmbeddedError(f"cannot write in {folder}; it belongs to another user: choose another folder")


class FolderHold:
    """The right to run servers in a data folder, held by one process at a time and let go when that process ends."""

    def __init__(self, folder: Path) -> None:
        """Take the hold.

        Raises:
            FolderInUse: another living process has it, or this process took it before.
        """
        self._file = (folder / "in-use-by.pid").open("a+")
        if not lock(self._file):
            self._file.seek(0)
            holder = self._file.read().strip()
            self._file.close()
            raise FolderInUse(f"{folder} is in use by process {holder}; stop it or choose another folder")
        self._file.truncate(0)
        self._file.write(f"{os.getpid()}\n")
        self._file.flush()

    def release(self) -> None:
        """Let go; a second time does nothing."""
        self._file.close()


def lock(file: TextIO) -> bool:
    """Lock an open file against other openers until it is closed; False when another has locked it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def one_at_a_time(lock_file: Path) -> Iterator[None]:
    """Wait until no other process is in the same place, then hold it."""
    with lock_file.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
