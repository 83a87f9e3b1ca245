"""Feeds of learning platforms: which are read, how often, and how it went."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kinetic.common.auth import Principal, Role, require
from kinetic.common.events import new_id
from kinetic.common.operations import database_of
from kinetic.common.problems import Fault, Problem
from kinetic.common.web import api_router
from kinetic.contracts.fields import Slug, Url
from kinetic.ingestion.outside import refuse_unsafe_url
from kinetic.ingestion.settings import Settings
from kinetic.ingestion.store import feeds as store
from kinetic.ingestion.store.feeds import Feed
from kinetic.ingestion.vault import Vault

router = api_router(tags=["catalogue"])

Editor = Annotated[Principal, Depends(require(Role.LEARNING, Role.ADMIN))]
Bearer = Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=r"^[A-Za-z0-9\-._~+/=]+$")]


class NewFeed(BaseModel):
    """A feed that shall be read. It is all that `system` offers: what vanishes from it is retired."""

    model_config = ConfigDict(extra="forbid")

    url: Url = Field(description="https, of a public address.")
    system: Slug
    every_minutes: int = Field(ge=5, le=10_080)
    format: Literal["json", "csv"] = "json"
    secret: Bearer | None = Field(default=None, description="Sent as a bearer token, and never shown again.")


class FeedView(BaseModel):
    """A feed without its secret, and how its last reading went."""

    feed_id: str
    system: str
    url: str
    format: Literal["json", "csv"]
    every_minutes: int
    has_secret: bool
    created_at: datetime
    due_at: datetime = Field(description="When it is read next.")
    read_at: datetime | None = Field(description="When it was last read without an error.")
    changed: int = Field(description="How many items that changed.")
    failures: int = Field(description="Readings since then that failed.")
    error: str | None = Field(description="Why the last one failed.")


@router.post("/catalogue/feeds", status_code=201)
async def create_feed(request: Request, _: Editor, body: NewFeed) -> FeedView:
    """Let a feed be read, at once and then in turn. 409 when the system has one."""
    settings: Settings = request.app.state.settings
    vault: Vault = request.app.state.vault
    try:
        refuse_unsafe_url(body.url, settings.feeds_inside)
    except ValueError as error:
        raise Problem(422, "The feed is not taken", errors=[Fault("#/url", str(error))]) from error
    async with database_of(request).transaction() as tx:
        now = await tx.now()
        feed = Feed(
            feed_id=new_id(),
            secret=vault.seal(body.secret) if body.secret else None,
            etag=None,
            created_at=now,
            due_at=now,
            **body.model_dump(exclude={"secret"}),
        )
        if not await store.create(tx, feed):
            raise Problem(409, "The system has a feed", "Delete its feed first.")
    return _view(feed)


@router.get("/catalogue/feeds")
async def list_feeds(request: Request, _: Editor) -> list[FeedView]:
    """All feeds, without secrets, and what went wrong."""
    async with database_of(request).transaction() as tx:
        return [_view(feed) for feed in await store.everyone(tx)]


@router.delete("/catalogue/feeds/{feed_id}", status_code=204)
async def delete_feed(request: Request, _: Editor, feed_id: UUID) -> None:
    """Read a feed no more. What it brought stays in the catalogue."""
    async with database_of(request).transaction() as tx:
        if not await store.delete(tx, str(feed_id)):
            raise Problem(404, "No such feed", f"There is no feed {feed_id}.")


def _view(feed: Feed) -> FeedView:
    return FeedView.model_validate({**_shown(feed), "has_secret": feed.secret is not None})


def _shown(feed: Feed) -> dict[str, object]:
    return {name: getattr(feed, name) for name in FeedView.model_fields if name != "has_secret"}
