"""What operators see of deliveries, and what they can do about those that nobody knows the end of."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from kinetic.common.database import Transaction
from kinetic.common.problems import Problem
from kinetic.contracts.ids import NoticeId, NudgeId, PersonId
from kinetic.recommendation.domain.delivery import Delivery, Standing, again
from kinetic.recommendation.domain.receipt import Channel
from kinetic.recommendation.store import deliveries

CAN_GO_AGAIN = frozenset({Standing.UNKNOWN, Standing.UNADDRESSED})


class DeliveryView(BaseModel):
    """One time that a nudge, or a notice, came before its manager, and what is known of the message."""

    delivery_id: str
    nudge_id: NudgeId | None
    notice_id: NoticeId | None = Field(description="What another service asked for, when it is no nudge.")
    manager_id: PersonId
    standing: Standing
    channel: Channel | None
    attempts: int
    shown_version: int | None
    due_at: datetime
    carried_by: str | None = Field(description="The delivery in whose message it goes out, if it does not go alone.")
    problem: str | None = Field(description="What went wrong at the last attempt.")
    passed: dict[str, str] = Field(description="The channels that did not take it, and why.")


def view_of(delivery: Delivery) -> DeliveryView:
    """An entry as operators see it: without addresses and references."""
    return DeliveryView(
        delivery_id=delivery.delivery_id,
        nudge_id=delivery.about.nudge_id,
        notice_id=delivery.about.notice_id,
        manager_id=delivery.manager_id,
        standing=delivery.standing,
        channel=delivery.channel,
        attempts=delivery.attempts,
        shown_version=delivery.shown_version,
        due_at=delivery.due_at,
        carried_by=delivery.carried_by,
        problem=delivery.problem,
        passed=dict(delivery.passed),
    )


async def send_again(tx: Transaction, delivery_id: str) -> DeliveryView:
    """An operator has found out that a message did not arrive, or has set up a channel: it goes out anew.

    Problem 404 when there is no such entry, 409 when it is on its way or was sent.
    """
    held = await deliveries.hold(tx, delivery_id)
    if held is None:
        raise Problem(404, "No such delivery", f"There is no delivery {delivery_id}.")
    if held.standing not in CAN_GO_AGAIN:
        raise Problem(409, "Not to be sent again", f"The delivery is {held.standing}.", slug="not-again")
    planned = again(held, await tx.now())
    await deliveries.save(tx, planned)
    return view_of(planned)
