"""Feeds of learning platforms: read in turn, each as all that its system offers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import asyncpg

from kinetic.common.database import Database, DatabaseUnavailable
from kinetic.common.events import new_id
from kinetic.common.failures import is_outage
from kinetic.common.problems import Problem
from kinetic.ingestion.catalogue import change_catalogue
from kinetic.ingestion.catalogue_items import Items, read_csv_items, read_json_items
from kinetic.ingestion.domain.catalogue import decide_feed
from kinetic.ingestion.outside import NotRead, read_outside
from kinetic.ingestion.store import catalogue, feeds
from kinetic.ingestion.store.feeds import Feed
from kinetic.ingestion.vault import Vault

log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 1.0
_MOST_FAULTS = 5


class FeedReader:
    """Reads the feeds that are due. No transaction is open while a feed is on its way."""

    def __init__(self, vault: Vault, allow_inside: bool) -> None:
        self._vault = vault
        self._allow_inside = allow_inside

    async def run(self, database: Database, beat: Callable[[], None]) -> None:
        """Read until cancelled."""
        while True:
            beat()
            try:
                if await self.read_due(database):
                    continue
            except (DatabaseUnavailable, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("a feed was not read: %s", error)
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def read_due(self, database: Database) -> bool:
        """Read one feed that is due; False when there is none. What goes wrong is kept with the feed."""
        async with database.transaction() as tx:
            feed = await feeds.claim_due(tx)
        if feed is None:
            return False
        try:
            await self._read(database, feed)
        except Exception as error:
            if is_outage(error):
                raise
            log.warning("the feed of %s was not taken", feed.system, exc_info=error)
            async with database.transaction() as tx:
                await feeds.fail(tx, feed.feed_id, told(error))
        return True

    async def _read(self, database: Database, feed: Feed) -> None:
        bearer = self._vault.open(feed.secret) if feed.secret is not None else None
        found = await read_outside(feed.url, bearer, feed.etag, self._allow_inside)
        if found.body is None:
            async with database.transaction() as tx:
                await feeds.succeed(tx, feed.feed_id, found.etag, 0)
            return
        await _apply(database, feed, await asyncio.to_thread(_items_of, feed, found.body), found.etag)


async def _apply(database: Database, feed: Feed, items: Items, etag: str | None) -> None:
    async with database.transaction() as tx:
        current = await catalogue.lock_catalogue(tx)
        change = await asyncio.to_thread(decide_feed, current, items.document, feed.system, new_id)
        if change.mistakes:
            raise items.refused(change.mistakes)
        if await feeds.succeed(tx, feed.feed_id, etag, len(change.content)):
            await change_catalogue(tx, change)


def _items_of(feed: Feed, body: bytes) -> Items:
    items = read_csv_items(body, feed.system) if feed.format == "csv" else read_json_items(body, feed.system)
    if not items.places:
        # An outage of a platform looks like this. Whoever offers nothing any more deletes the feed.
        raise NotRead("it has no items, and nothing was retired for that")
    return items


def told(error: Exception) -> str:
    """Why a feed was not taken, in one line for `GET /catalogue/feeds`."""
    if isinstance(error, NotRead):
        return str(error)
    if not isinstance(error, Problem):
        return "something went wrong on our side; it was recorded"
    faults = [f"{fault.pointer} {fault.detail}" for fault in error.errors[:_MOST_FAULTS]]
    return "; ".join([error.title, *faults] if faults else [f"{error.title}: {error.detail}"])[:2000]
