"""The Kafka door that keeps the projection current."""

from __future__ import annotations

from collections.abc import Sequence

from kinetic.common import waiting
from kinetic.common.database import Transaction
from kinetic.common.doors import Door
from kinetic.common.events import Envelope
from kinetic.contracts import topics
from kinetic.contracts.ingestion import DirectoryConfirmed, PersonChanged, PersonErased, TeamChanged
from kinetic.directory import store

DirectoryEvent = TeamChanged | PersonChanged | PersonErased | DirectoryConfirmed


async def on_directory_changed(tx: Transaction, events: Sequence[Envelope[DirectoryEvent]]) -> None:
    """Keep the newest version of every team and person, and offer events that waited for them again."""
    teams = [e.data for e in events if isinstance(e.data, TeamChanged)]
    people = [e.data for e in events if isinstance(e.data, PersonChanged)]
    erased = [e.data for e in events if isinstance(e.data, PersonErased)]
    heartbeats = [e.data for e in events if isinstance(e.data, DirectoryConfirmed)]

    await store.save_teams(tx, teams)
    await store.save_people(tx, people)
    await store.erase_people(tx, erased)
    await store.save_heartbeats(tx, heartbeats)
    arrived = [f"team/{t.team_id}" for t in teams] + [f"person/{p.person_id}" for p in people]
    if arrived:
        await waiting.wake(tx, arrived)


door = Door(topics.DIRECTORY, (TeamChanged, PersonChanged, PersonErased, DirectoryConfirmed), on_directory_changed)
