"""What other services ask to be brought before managers: taken up, brought before them when there is attention, and ended.

Locks: the person for whom it was asked, then the managers who may get it, whose week is counted under that lock.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import TypeGuard

from kinetic.common import outbox, waiting
from kinetic.common.database import Transaction
from kinetic.common.events import Envelope, new_id
from kinetic.common.locks import lock_keys
from kinetic.contracts.event import Event
from kinetic.contracts.ids import NoticeId, PersonId
from kinetic.contracts.notices import NoticeRequested
from kinetic.directory import store as directory
from kinetic.recommendation.domain.notice import (
    Circumstances,
    Decision,
    Notice,
    decide_notices,
    follow,
    take_request,
)
from kinetic.recommendation.domain.occasion import notice_occasions
from kinetic.recommendation.domain.subjects import contents_of, missing
from kinetic.recommendation.store import contents, deliveries, gaps, notices, pictures, policies


async def keep_ready(tx: Transaction, events: Sequence[Envelope[Event]]) -> list[Envelope[Event]]:
    """The events whose requests name only what is known. The others wait, and what comes behind them about the same person."""
    requests = requests_in(events)
    people = await directory.known_people(tx, {request.data.manager_id for request in requests})
    teams = await directory.known_teams(tx, {request.data.team_id for request in requests if request.data.team_id})
    named = {content_id for request in requests for content_id in contents_of(request.data)}
    known = (await contents.titles(tx, named)).keys()

    def lacks(told: Event) -> str | None:
        return missing(told, people, teams, known) if isinstance(told, NoticeRequested) else None

    return await waiting.hold_back(tx, events, lacks)


def requests_in(events: Sequence[Envelope[Event]]) -> list[Envelope[NoticeRequested]]:
    """Those of `events` that ask for a message to a manager."""
    return [event for event in events if _asks(event)]


def asked_for(requests: Sequence[Envelope[NoticeRequested]]) -> set[PersonId]:
    """Whose locks `take_up` needs."""
    return {request.data.manager_id for request in requests}


async def take_up(tx: Transaction, requests: Sequence[Envelope[NoticeRequested]]) -> None:
    """Take up each request once, and decide about it. Those for whom it is are locked; of the erased nothing is kept."""
    known = await notices.known_requests(tx, {request.id for request in requests})
    erased = await directory.erased_people(tx, asked_for(requests))
    now = await tx.now()
    taken = {
        request.id: take_request(request, NoticeId(new_id()), now)
        for request in requests
        if request.id not in known and request.data.manager_id not in erased
    }
    await _decide(tx, list(taken.values()))


async def consider_due(tx: Transaction, people: Set[str]) -> int:
    """The timer: attention may be free again, a notice may have expired, or its manager may have changed."""
    due = await notices.take_due(tx, people)
    await _decide(tx, due)
    return len(due)


async def save_decision(tx: Transaction, decision: Decision) -> None:
    """Tell and keep what was decided under the managers' locks, and enter in the ledger what they are to be sent."""
    kept = follow(decision.notices, await outbox.append(tx, decision.emissions))
    await notices.save(tx, kept)
    await deliveries.note(tx, notice_occasions(kept))


async def _decide(tx: Transaction, found: Sequence[Notice]) -> None:
    if not found:
        return
    to_whom, zones = await notices.addressed(tx, {notice.request_id: notice.told for notice in found})
    named = {notice.told.manager_id for notice in found}
    await lock_keys(tx, "manager", {*zones, *named, *(one.manager_id for one in found if one.manager_id)})
    now = await tx.now()
    managers = await pictures.load_managers(tx, zones, now)
    receivers = {request_id: managers[person_id] for request_id, person_id in to_whom.items()}
    pressing = await gaps.pressing(tx, managers)
    circumstances = Circumstances(now, await policies.load(tx), receivers, pressing)
    await save_decision(tx, decide_notices(found, circumstances, new_id))


def _asks(event: Envelope[Event]) -> TypeGuard[Envelope[NoticeRequested]]:
    return isinstance(event.data, NoticeRequested)
