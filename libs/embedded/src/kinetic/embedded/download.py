"""Kafka's jars: fetched once from Maven Central, each checked against the lock."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from jgo.maven import MavenContext

from kinetic.embedded.errors import DownloadFailed
from kinetic.embedded.folders import make_private, one_at_a_time

Progress = Callable[[str], None]
"""Called with one short sentence per step, from whichever thread does the step."""

MIRROR_VARIABLE = "KINETIC_MAVEN_MIRROR"

_ATTEMPTS = 3
_TIMEOUT_SECONDS = 30
_PARALLEL = 8


def silent(_step: str) -> None:
    """The progress that tells nobody."""


@dataclass(frozen=True, slots=True)
class LockedJar:
    """One line of `kafka.lock`."""

    group: str
    name: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """As it is called in a Maven repository."""
        return f"{self.name}-{self.version}.jar"

    def __str__(self) -> str:
        return f"{self.group}:{self.name}:{self.version}"


@dataclass(frozen=True, slots=True)
class KafkaJars:
    """Kafka's class path, complete and checked. `key` changes whenever the lock does."""

    folder: Path
    names: tuple[str, ...]
    key: str

    @property
    def class_path(self) -> str:
        """In a fixed order, on which the start-up cache depends."""
        return os.pathsep.join(str(self.folder / name) for name in self.names)


def read_lock(text: str) -> tuple[LockedJar, ...]:
    """Parse a lock: one `group:name:version sha256` per line."""
    jars = []
    for line in text.splitlines():
        coordinate, sha256 = line.split()
        group, name, version = coordinate.split(":")
        jars.append(LockedJar(group, name, version, sha256))
    return tuple(jars)


def fetch_kafka(cache_folder: Path, progress: Progress = silent) -> KafkaJars:
    """Return Kafka's jars from `cache_folder`, downloading (45 MB) what is not there yet.

    Takes seconds the first time and nothing afterwards. A download that broke off goes on where it ended.

    Raises:
        DownloadFailed: a jar cannot be had, or differs from the lock.
        EmbeddedError: the cache folder cannot be written.
    """
    text = (files("kinetic.embedded") / "resources" / "kafka.lock").read_text()
    locked = read_lock(text)
    key = hashlib.sha256(text.encode()).hexdigest()[:12]
    folder = cache_folder.resolve() / f"kafka-{key}"
    if not folder.is_dir():
        make_private(cache_folder)
        with one_at_a_time(cache_folder / "download.lock"):
            if not folder.is_dir():
                _download(locked, folder, progress)
    return KafkaJars(folder, tuple(sorted(jar.file_name for jar in locked)), key)


def _download(locked: tuple[LockedJar, ...], folder: Path, progress: Progress) -> None:
    """Fill a neighbour of `folder`, then rename it: `folder` exists only when all its jars are there and right."""
    partial = folder.with_suffix(".partial")
    partial.mkdir(exist_ok=True)
    missing = [jar for jar in locked if not _matches(partial / jar.file_name, jar)]
    progress(f"Downloading Kafka, once: {len(missing)} jars")
    with ThreadPoolExecutor(_PARALLEL) as downloads:
        pending = [downloads.submit(_fetch, jar, partial) for jar in missing]
        try:
            for done, future in enumerate(as_completed(pending), start=1):
                future.result()
                if done % 15 == 0:
                    progress(f"Downloaded {done} of {len(missing)} jars")
        except BaseException:
            downloads.shutdown(cancel_futures=True)
            raise
    shutil.rmtree(partial / "maven", ignore_errors=True)
    partial.rename(folder)


def _fetch(jar: LockedJar, partial: Path) -> None:
    mirror = os.environ.get(MIRROR_VARIABLE)
    maven = MavenContext(
        repo_cache=partial / "maven",
        remote_repos={"mirror": mirror.rstrip("/")} if mirror else None,
        timeout=_TIMEOUT_SECONDS,
    )
    artifact = maven.project(jar.group, jar.name).at_version(jar.version).artifact()
    reason = "unknown"
    for _ in range(_ATTEMPTS):
        try:
            downloaded = artifact.resolve()
        except (OSError, RuntimeError) as error:
            reason = _brief(error)
        else:
            if _matches(downloaded, jar):
                downloaded.rename(partial / jar.file_name)
                return
            reason = "its sha256 is not the locked one"
        if artifact.cached_path is not None:  # a torn file would be taken for a whole one
            artifact.cached_path.unlink(missing_ok=True)
    raise DownloadFailed(
        f"cannot download {jar} from {mirror or 'Maven Central'}: {reason}; check the network and HTTPS_PROXY, "
        f"or set {MIRROR_VARIABLE} to the URL of a mirror, and start again"
    )


def _matches(file: Path, jar: LockedJar) -> bool:
    return file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == jar.sha256


def _brief(error: BaseException) -> str:
    """The innermost reason: the outer layers of a failed request repeat the whole URL."""
    while error.__context__ is not None:
        error = error.__context__
    return " ".join(str(error).split()) or type(error).__name__
