"""The command line of a service: `python -m kinetic.<service> serve | migrate | openapi`."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
from collections.abc import Callable

import uvicorn

from kinetic.common.logs import configure_logs
from kinetic.common.migrate import migrate
from kinetic.common.service import Service, build_app
from kinetic.common.telemetry import configure_tracing
from kinetic.common.topic_admin import ensure_topics
from kinetic.contracts import topics

GRACEFUL_SECONDS = 20


def main(create: Callable[[], Service]) -> None:
    """Run what the command line asks of the service that `create` makes from the environment."""
    parser = argparse.ArgumentParser(prog="kinetic service", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve_parser = commands.add_parser("serve", help="answer HTTP, read Kafka, relay, keep time")
    serve_parser.add_argument("--host", default="127.0.0.1")
    serve_parser.add_argument("--port", type=int, required=True)
    commands.add_parser("migrate", help="bring the schema to its newest state and create the topics")
    commands.add_parser("openapi", help="print the OpenAPI document")
    arguments = parser.parse_args()
    service = create()
    if arguments.command == "serve":
        serve(service, arguments.host, arguments.port)
    elif arguments.command == "migrate":
        asyncio.run(prepare(service))
    else:
        print(json.dumps(build_app(service).openapi(), indent=2, sort_keys=True))


def serve(service: Service, host: str, port: int) -> None:
    """Run the service until SIGTERM or SIGINT, then finish what is at hand."""
    settings = service.settings
    configure_logs(service.name, settings.log_level)
    provider = configure_tracing(f"kinetic-{service.name}", settings.otlp_endpoint, settings.trace_sample_ratio)
    app = build_app(service)
    spare_the_collector()
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
        limit_concurrency=None,
    )
    provider.shutdown()


def spare_the_collector() -> None:
    """What is loaded by now lives as long as the process: the garbage collector need not look through it at every turn."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


async def prepare(service: Service) -> None:
    """What stands before the first start of a version: the topics and the schema. Safe to repeat and to run twice at once."""
    settings = service.settings
    wanted = [*topics.ALL, *(topic.dead for topic in topics.ALL)]
    await ensure_topics(settings.kafka, wanted, settings.topic_replication, settings.topic_min_in_sync)
    await migrate(settings.postgres, service.name, service.branches)
