"""Assembly: the parts of a service become one process with an HTTP door, Kafka doors, a relay and timers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx
from aiokafka.errors import KafkaError
from fastapi import APIRouter, FastAPI

from kinetic.common import metrics, operations
from kinetic.common.auth import Verifier
from kinetic.common.bootstrap import wait_until_bootstrapped
from kinetic.common.database import Database, DatabaseUnavailable
from kinetic.common.doors import Door
from kinetic.common.health import Health
from kinetic.common.housekeeping import timers_for
from kinetic.common.migrate import Branch, heads_of, is_migrated
from kinetic.common.pages import open_pages
from kinetic.common.relay import Relay, create_producer
from kinetic.common.settings import CommonSettings
from kinetic.common.subscriptions import Subscription, create_broker, subscribe
from kinetic.common.timers import Timer, run_timer
from kinetic.common.web import MAX_BODY_BYTES, create_app

log = logging.getLogger(__name__)

VERSION = "0.1.0"
MIGRATED, BOOTSTRAPPED = "migrated", "bootstrapped"
RETRY_SECONDS = 0.5
LOOP_LIMIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Loop:
    """Work of a service's own that runs from start to stop, e.g. the writer behind a door. It beats while it is well."""

    name: str
    run: Callable[[Database, Callable[[], None]], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Service:
    """What makes a service itself: its name and question, its doors, its timers, its tables."""

    name: str
    question: str
    settings: CommonSettings
    branches: tuple[Branch, ...]
    routers: tuple[APIRouter, ...] = ()
    doors: tuple[Door, ...] = ()
    timers: tuple[Timer, ...] = ()
    loops: tuple[Loop, ...] = ()
    state: dict[str, Any] = field(default_factory=dict)
    max_body_bytes: int = MAX_BODY_BYTES


class Process:
    """A running service. It starts, and answers 503, while Postgres or Kafka is away, and begins when they come."""

    def __init__(self, service: Service) -> None:
        settings = service.settings
        self.service = service
        self.health = Health((MIGRATED, BOOTSTRAPPED))
        self.database = Database(settings.postgres, service.name, pool_size=settings.pool_size)
        self._broker = create_broker(settings.kafka, service.name)
        self._subscriptions = [subscribe(self._broker, door, self.database) for door in service.doors]
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin in the background: migrated → relay and timers → compacted topics to their end → all others."""
        metrics.BUILD.info({"service": self.service.name, "version": VERSION})
        for loop in self.service.loops:
            self._spawn(loop.name, loop.run(self.database, self.health.watch(loop.name, LOOP_LIMIT_SECONDS).beat))
        self._spawn("start", self._bring_up())

    async def stop(self) -> None:
        """Finish the batches at hand, then end everything else."""
        self.health.drain()
        for subscription in self._subscriptions:
            subscription.loop.drain()
        await asyncio.wait({asyncio.ensure_future(self._broker.stop())}, timeout=15)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.database.close()

    async def _bring_up(self) -> None:
        await self._until_migrated()
        self._start_loops()
        await self._until_broker_answers()
        compacted = [s for s in self._subscriptions if s.door.compacted]
        await asyncio.gather(*(self._start_subscription(s) for s in compacted))
        await self._until_bootstrapped(compacted)
        await asyncio.gather(*(self._start_subscription(s) for s in self._subscriptions if not s.door.compacted))
        self.health.meet(BOOTSTRAPPED)

    async def _until_migrated(self) -> None:
        heads = heads_of(self.service.name, self.service.branches)
        while True:
            try:
                if await is_migrated(self.database, heads):
                    break
                log.warning("the schema is not migrated yet")
            except (DatabaseUnavailable, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("waiting for Postgres: %s", error)
            await asyncio.sleep(RETRY_SECONDS)
        self.health.meet(MIGRATED)

    def _start_loops(self) -> None:
        settings = self.service.settings
        beat = self.health.watch("relay", LOOP_LIMIT_SECONDS).beat
        relay = Relay(self.database, lambda: create_producer(settings.kafka, self.service.name), beat)
        self._spawn("relay", relay.run())
        loops = {subscription.door.topic: subscription.loop for subscription in self._subscriptions}
        for timer in (*timers_for(loops, settings.inbox_retention_days), *self.service.timers):
            limit = LOOP_LIMIT_SECONDS + 2 * timer.every_seconds
            self._spawn(timer.name, run_timer(timer, self.database, self.health.watch(timer.name, limit).beat))

    async def _until_broker_answers(self) -> None:
        while True:
            try:
                await self._broker.connect()
            except (KafkaError, OSError) as error:
                log.warning("waiting for Kafka: %s", error)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    async def _start_subscription(self, subscription: Subscription) -> None:
        while True:
            try:
                await subscription.subscriber.start()
            except (KafkaError, OSError) as error:
                log.warning("waiting to read %s: %s", subscription.door.topic, error)
                await subscription.subscriber.stop()
                await asyncio.sleep(RETRY_SECONDS)
            else:
                break
        self._spawn(f"watch {subscription.door.topic}", self._watch(subscription))

    async def _until_bootstrapped(self, compacted: list[Subscription]) -> None:
        while True:
            try:
                await wait_until_bootstrapped(self.database, compacted)
            except (KafkaError, OSError, DatabaseUnavailable, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("still reading compacted topics: %s", error)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    async def _watch(self, subscription: Subscription) -> None:
        """A subscription is alive while its task runs and no batch has been at hand for too long."""
        loop = self.health.watch(f"read {subscription.door.topic}", LOOP_LIMIT_SECONDS)
        while True:
            if subscription.is_alive:
                loop.beat()
            await asyncio.sleep(1.0)

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._report_end)
        self._tasks.append(task)

    def _report_end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            log.critical("%s ended: %s", task.get_name(), error, exc_info=error)
            metrics.CONSUMER_STOPPED.labels(task.get_name()).set(1)
            self.health.crash(task.get_name())


def build_app(service: Service) -> FastAPI:
    """The FastAPI application of `service`, which starts and stops its process with its lifespan."""
    app = create_app(
        f"Kinetic {service.name}",
        VERSION,
        service.question,
        service=service.name,
        lifespan=_lifespan_of(service),
        max_body_bytes=service.max_body_bytes,
        routers=(*service.routers, operations.router),
    )
    if service.settings.api_pages:
        open_pages(app)
    app.state.settings = service.settings
    app.state.doors = {door.topic: door for door in service.doors}
    for name, value in service.state.items():
        setattr(app.state, name, value)
    return app


def _lifespan_of(service: Service) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        process = Process(service)
        async with httpx.AsyncClient(timeout=5.0) as http:
            settings = service.settings
            app.state.health = process.health
            app.state.database = process.database
            app.state.verifier = Verifier(settings.issuer, settings.audience, settings.jwks_url, http)
            process.start()
            try:
                yield
            finally:
                await process.stop()

    return lifespan
