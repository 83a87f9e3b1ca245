"""Make the clone ready: `python3 requirements/bootstrap.py [VENV]`. Needs Python >= 3.11 and its standard library.

A virtual environment, the dependencies of the lock (every file checked against its hash), the packages of this clone as
they lie here, and Kafka's jars. Does nothing when the lock, the packages and the place are those of the last set-up.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "dev.lock"
LONGEST_REASON = 300
STAMP = "set-up.stamp"
LOG = "set-up.log"
ERROR = re.compile(r"(ERROR|\w*Error|\w*Exception): ")


class SetUpFailed(Exception):
    """A step failed. The text is one line that says what to do."""


def main() -> int:
    """Set up unless it was done before; 1 and one line when it fails."""
    venv = (ROOT / (sys.argv[1] if len(sys.argv) > 1 else ".venv")).absolute()
    if is_current(venv):
        return 0
    begun = time.monotonic()
    try:
        with alone():
            if not is_current(venv):
                set_up(venv)
                say(f"Set up in {time.monotonic() - begun:.0f} s")
    except (SetUpFailed, OSError) as failure:
        print(f"set-up failed: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("set-up interrupted; start again to go on", file=sys.stderr)
        return 130
    return 0


def set_up(venv: Path) -> None:
    """Every step anew; pip skips what is there."""
    (venv / STAMP).unlink(missing_ok=True)
    make_venv(venv)
    install_lock(venv)
    install_packages(venv)
    fetch_kafka(venv)
    (venv / STAMP).write_text(wanted_stamp())


def is_current(venv: Path) -> bool:
    """Whether the last set-up of `venv` was the one that is wanted now."""
    try:
        return (venv / STAMP).read_text() == wanted_stamp()
    except OSError:
        return False


def wanted_stamp() -> str:
    """What a set-up depends on: this Python, the place of the clone, the lock, what each package declares."""
    digest = hashlib.sha256(f"{sys.version}\n{ROOT}\n".encode())
    for file in (LOCK, *(package / "pyproject.toml" for package in packages())):
        digest.update(f"{file}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def packages() -> list[Path]:
    """The folders of this clone that are Python packages."""
    files = [
        *ROOT.glob("libs/*/pyproject.toml"),
        *ROOT.glob("services/*/pyproject.toml"),
        ROOT / "examples/pyproject.toml",
    ]
    return sorted(file.parent for file in files)


def make_venv(venv: Path) -> None:
    """A virtual environment of this Python; one of another Python or another place is replaced."""
    marker = f"{sys.version}\n{venv}"
    made_for = venv / "made-for.txt"
    if made_for.is_file() and made_for.read_text() == marker:
        return
    say(f"Creating a virtual environment in {venv.name}")
    shutil.rmtree(venv, ignore_errors=True)
    try:
        run([sys.executable, "-m", "venv", str(venv)], venv)
    except SetUpFailed:
        hint = "on Debian and Ubuntu, install the package python3-venv"
        raise SetUpFailed(f"{sys.executable} cannot make a virtual environment; {hint}") from None
    made_for.write_text(marker)


def install_lock(venv: Path) -> None:
    """The locked dependencies. pip refuses every file whose hash is not in the lock."""
    total = sum(line[:1].isalpha() for line in LOCK.read_text().splitlines())
    say(f"Installing the locked dependencies ({total} packages)")
    done = 0
    options = ("--require-hashes", "--no-deps", "--only-binary", ":all:", "--progress-bar", "off")
    for line in lines_of([*pip(venv), *options, "-r", str(LOCK)], venv):
        if line.startswith(("Collecting ", "Requirement already satisfied: ")):
            done += 1
            show_count(done, total, line.split(": ")[-1].removeprefix("Collecting ").split(" ")[0])
        elif line.startswith("Installing collected packages"):
            end_count()
            say("Unpacking them")
    end_count()


def install_packages(venv: Path) -> None:
    """The packages of this clone, editable: their sources are used where they lie."""
    say("Installing the packages of this clone")
    editable = [part for package in packages() for part in ("--editable", str(package))]
    for _ in lines_of([*pip(venv), "--no-index", "--no-deps", "--no-build-isolation", *editable], venv):
        pass


def fetch_kafka(venv: Path) -> None:
    """Kafka's jars, checked against their own lock."""
    command = [str(venv / "bin" / "python"), "-m", "kinetic.cli", "fetch"]
    for line in lines_of(command, venv):
        say(line)


def pip(venv: Path) -> list[str]:
    """The beginning of every installation."""
    return [str(venv / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]


def run(command: Sequence[str], venv: Path) -> None:
    """Run a step whose words nobody needs. SetUpFailed when it fails."""
    for _ in lines_of(command, venv):
        pass


def lines_of(command: Sequence[str], venv: Path) -> Iterator[str]:
    """What a step says, line by line, as it says it; also kept in a log. SetUpFailed, with its last words, when it fails."""
    log_file = ROOT / ".kinetic" / LOG
    log_file.parent.mkdir(mode=0o700, exist_ok=True)
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PIP_NO_COLOR": "1"}
    said: deque[str] = deque(maxlen=500)
    with (
        log_file.open("w") as log,
        subprocess.Popen(  # noqa: S603 (the steps named in this file)
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT, env=environment
        ) as child,
    ):
        for line in child.stdout or ():
            log.write(line)
            said.append(line)
            yield line.rstrip()
    if child.returncode:
        end_count()
        raise SetUpFailed(f"{reason(said)} (whole log: {log_file})")


def reason(said: Iterable[str]) -> str:
    """Why a step failed, in one line: the first thing that pip or Python call an error, else its last words."""
    lines = [line.strip() for line in said if line.strip()]
    errors = [line for line in lines if ERROR.match(line)]
    told = (errors or lines[-1:] or ["it said nothing"])[0][:LONGEST_REASON]
    # pip gives up on a silent index as if the index had answered that there is no such package.
    if "No matching distribution" in " ".join(errors) and any(line.startswith("WARNING: Retrying") for line in lines):
        return f"the package index does not answer ({told}); check the network, HTTPS_PROXY and pip's settings"
    return told


def say(text: str) -> None:
    """One line of progress."""
    print(f"· {text}", flush=True)


def show_count(done: int, total: int, name: str) -> None:
    """Progress in one line that is written over; in a log file, a line now and then."""
    if sys.stdout.isatty():
        print(f"\r\033[K  {min(done, total)}/{total} {name}", end="", flush=True)
    elif done % 25 == 0:
        print(f"  {min(done, total)}/{total}", flush=True)


def end_count() -> None:
    """Leave the line that is written over."""
    if sys.stdout.isatty():
        print("\r\033[K", end="", flush=True)


@contextmanager
def alone() -> Iterator[None]:
    """Wait while another set-up of this clone is under way."""
    folder = ROOT / ".kinetic"
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / "set-up.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("Waiting for another set-up of this clone")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main())
