"""A real single-node Kafka and PostgreSQL for one machine, without Docker.

with Stack.start(Path("data")) as stack:
    stack.kafka.bootstrap_servers, stack.postgres.dsn
"""

from kinetic.embedded.download import KafkaJars, Progress, fetch_kafka
from kinetic.embedded.errors import (
    DownloadFailed,
    EmbeddedError,
    FolderInUse,
    NotRunning,
    PortTaken,
    StartFailed,
)
from kinetic.embedded.folders import default_cache_folder
from kinetic.embedded.kafka import Kafka
from kinetic.embedded.ports import ensure_free, free_ports
from kinetic.embedded.postgres import Postgres
from kinetic.embedded.stack import Stack

__all__ = [
    "DownloadFailed",
    "EmbeddedError",
    "FolderInUse",
    "Kafka",
    "KafkaJars",
    "NotRunning",
    "PortTaken",
    "Postgres",
    "Progress",
    "Stack",
    "StartFailed",
    "default_cache_folder",
    "ensure_free",
    "fetch_kafka",
    "free_ports",
]
