"""What a newcomer types first: `make help`, `make setup`, `kinetic`."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

from kinetic.cli.app import app
from kinetic.cli.clone import require_clone

ROOT = require_clone()


@pytest.fixture
def bootstrap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The set-up, in a clone of its own."""
    spec = spec_from_file_location("bootstrap", ROOT / "requirements" / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "examples").mkdir()
    (tmp_path / "requirements" / "dev.lock").write_text("rich==1 \\\n    --hash=sha256:0\n")
    (tmp_path / "examples" / "pyproject.toml").write_text("[project]\n")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "LOCK", tmp_path / "requirements" / "dev.lock")
    return module


def test_make_help_tells_every_target() -> None:
    targets = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)

    told = subprocess.run(["make", "-s", "-C", ROOT, "help"], capture_output=True, text=True, check=True).stdout

    assert {"setup", "run", "demo", "test", "check", "bench", "chaos", "fmt", "clean"} <= set(targets)
    assert [line.split()[1] for line in told.splitlines()] == targets


def test_an_old_python_is_refused_in_one_line() -> None:
    told = subprocess.run(
        ["make", "-s", "-C", ROOT, "setup", "PYTHON=false"], capture_output=True, text=True, check=False
    )

    assert told.returncode != 0
    assert told.stderr.splitlines()[0].startswith("Kinetic needs Python 3.11 or newer, and false is not")


def test_a_set_up_is_current_until_the_lock_or_a_package_changes(bootstrap: ModuleType, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    venv.mkdir()
    assert not bootstrap.is_current(venv)

    (venv / bootstrap.STAMP).write_text(bootstrap.wanted_stamp())
    assert bootstrap.is_current(venv)

    (tmp_path / "requirements" / "dev.lock").write_text("rich==2 \\\n    --hash=sha256:0\n")
    assert not bootstrap.is_current(venv)


def test_a_new_package_needs_a_new_set_up(bootstrap: ModuleType, tmp_path: Path) -> None:
    before = bootstrap.wanted_stamp()
    (tmp_path / "libs" / "new").mkdir(parents=True)
    (tmp_path / "libs" / "new" / "pyproject.toml").write_text("[project]\n")

    assert bootstrap.wanted_stamp() != before


def test_a_failed_step_is_told_by_its_first_error(bootstrap: ModuleType, tmp_path: Path) -> None:
    code = "print('Collecting x'); print('ERROR: hashes do not match'); print('hint: look above'); raise SystemExit(1)"

    with pytest.raises(bootstrap.SetUpFailed, match="ERROR: hashes do not match") as failed:
        bootstrap.run([sys.executable, "-c", code], tmp_path)

    assert len(str(failed.value).splitlines()) == 1


def test_an_index_that_is_silent_is_not_told_as_a_missing_package(bootstrap: ModuleType) -> None:
    missing = "ERROR: No matching distribution found for rich==1"

    assert bootstrap.reason([missing]) == missing
    assert bootstrap.reason(["WARNING: Retrying after connection broken", missing]).startswith("the package index does")


def test_a_typo_is_told_as_such() -> None:
    assert CliRunner().invoke(app, ["aply"]).exit_code == 2


def test_every_command_explains_itself() -> None:
    for command in ("run", "demo", "token", "apply", "trace", "dead", "doctor", "fetch"):
        assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0
