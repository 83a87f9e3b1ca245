"""Kafka and Postgres together, in one data folder."""

from __future__ import annotations

from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from kinetic.embedded.download import Progress, fetch_kafka, silent
from kinetic.embedded.folders import FolderHold, default_cache_folder, make_private
from kinetic.embedded.kafka import Kafka
from kinetic.embedded.ports import free_ports
from kinetic.embedded.postgres import Postgres


@dataclass(frozen=True, slots=True)
class Stack:
    """A running Kafka and a running Postgres. Ends both when left as a context."""

    kafka: Kafka
    postgres: Postgres
    _hold: FolderHold

    @classmethod
    def start(
        cls,
        data_folder: Path,
        *,
        kafka_port: int | None = None,
        controller_port: int | None = None,
        postgres_port: int | None = None,
        cache_folder: Path | None = None,
        progress: Progress = silent,
    ) -> Self:
        """Start both on 127.0.0.1 and return when both answer. Ports not given are free ones.

        The first start downloads Kafka into `cache_folder` (see `fetch_kafka`) and creates the data folder; the data
        survives every stop, kill and start. `data_folder` is private to the user and serves one process at a time.

        Raises:
            DownloadFailed, PortTaken, FolderInUse, StartFailed: each an `EmbeddedError` whose text is one line.
        """
        cache = (cache_folder or default_cache_folder()).resolve()
        data = data_folder.resolve()
        jars = fetch_kafka(cache, progress)
        make_private(data)
        hold = FolderHold(data)
        try:
            free = iter(free_ports(3))
            kafka = Kafka(data, jars, kafka_port or next(free), controller_port or next(free), progress)
            postgres = Postgres(data, cache, postgres_port or next(free))
            _start_both(kafka, postgres, progress)
        except BaseException:
            hold.release()
            raise
        return cls(kafka, postgres, hold)

    def stop(self) -> None:
        """Stop both in order, within a bound; a second time does nothing."""
        try:
            self.kafka.stop()
        finally:
            self.postgres.stop()
            self._hold.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _start_both(kafka: Kafka, postgres: Postgres, progress: Progress) -> None:
    progress("Starting Kafka and Postgres")
    with ThreadPoolExecutor(2, thread_name_prefix="kinetic-embedded-start") as starts:
        pending = [starts.submit(server.start) for server in (kafka, postgres)]
        try:
            for started in wait(pending, return_when=FIRST_EXCEPTION).done:
                started.result()
        except BaseException:
            kafka.abandon()
            postgres.abandon()
            raise
    progress(f"Kafka answers on {kafka.bootstrap_servers}, Postgres on {postgres.dsn.rpartition('@')[2]}")
