"""Channels that take what they are told to, and the ledger's side of them, for the tests of deliveries."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx

from kinetic.common.database import Database
from kinetic.contracts.skill_gap import GapOpened
from kinetic.recommendation.channels.digest import Digest
from kinetic.recommendation.channels.notice import Item
from kinetic.recommendation.channels.sending import LONGEST_SECONDS, Channel, Dispatch, Receipt, Recipient, Sender, Sent
from kinetic.recommendation.deliverer import Deliverer
from kinetic.recommendation.domain.notice import State as NoticeState
from kinetic.recommendation.domain.nudge import State
from services.recommendation.tests.company import DANA, LEE, fetch, fire, opened, run, tell, told_types
from tests.support.http import token

DANAS = token("dana", "manager")
EVERYBODY = frozenset({DANA, LEE})


@dataclass
class Outlet:
    """A channel that takes messages as it is told to, and keeps what it got."""

    channel: Channel = Channel.SLACK
    follows: bool = True
    answers: list[Receipt | Exception] = field(default_factory=list)
    got: list[Dispatch] = field(default_factory=list)
    takes: frozenset[str] = EVERYBODY
    gate: asyncio.Event | None = None
    called: asyncio.Event = field(default_factory=asyncio.Event)
    longest_seconds: float = LONGEST_SECONDS

    def reaches(self, recipient: Recipient) -> bool:
        return recipient.person_id in self.takes

    async def send(self, dispatch: Dispatch) -> Receipt:
        self.got.append(dispatch)
        self.called.set()
        if self.gate is not None:
            await self.gate.wait()
        answer = self.answers.pop(0) if self.answers else Sent({"ts": str(len(self.got))})
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def messages(self) -> list[Item]:
        """The messages that it got, none of which is a digest."""
        return [one.message for one in self.got if not isinstance(one.message, Digest)]

    @property
    def digests(self) -> list[Digest]:
        """Those that it got."""
        return [one.message for one in self.got if isinstance(one.message, Digest)]

    @property
    def shown(self) -> list[tuple[State | NoticeState, str | None]]:
        """The states that were shown, each with what it replaced."""
        references = [(one.reference or {}).get("ts") for one in self.got]
        return [(one.state, ts) for one, ts in zip(self.messages, references, strict=True)]


async def nudged(database: Database, outlet: Outlet | None = None, gap: GapOpened | None = None) -> str:
    """The id of a nudge that was composed and, by `outlet`, delivered."""
    await tell(database, gap or opened())
    if outlet is not None:
        await deliver(database, outlet)
    assert await told_types(database) == ["nudge.composed"]
    (row,) = await fetch(database, "SELECT nudge_id FROM nudge")
    return str(row["nudge_id"])


async def assign(http: httpx.AsyncClient, nudge_id: str) -> None:
    answer = await http.post(f"/nudges/{nudge_id}/assign", headers=DANAS, json={"version": 1})
    assert answer.status_code == 200


async def deliver(database: Database, *outlets: Sender, at_once: bool = False) -> None:
    """Deliver what is due; `at_once` lets everything that waits come due once."""
    if at_once:
        await run(database, "UPDATE delivery SET due_at = clock_timestamp() WHERE standing IN ('planned', 'sending')")
    sending = Deliverer(outlets, "https://console.example")
    while await sending.deliver_due(database):
        pass


async def standings(database: Database) -> Sequence[str]:
    return [row["standing"] for row in await fetch(database, "SELECT standing FROM delivery ORDER BY occasion")]


async def swept(database: Database) -> Sequence[str]:
    async with database.transaction() as tx:
        await fire(tx, "outlived")
    return await standings(database)
