"""Where a decision becomes fact: the steps of assignments are told and saved together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kinetic.assignment import store
from kinetic.assignment.domain.assignment import Step
from kinetic.common import outbox
from kinetic.common.database import Transaction


async def take_steps(tx: Transaction, steps: Sequence[Step]) -> list[Step]:
    """Tell and save `steps`, whose people are locked. Each assignment remembers the event that told its last step.

    The steps as they were kept.
    """
    told = await outbox.append(tx, [step.emission for step in steps])
    kept = [
        replace(step, assignment=replace(step.assignment, cause=envelope.cause))
        for step, envelope in zip(steps, told, strict=True)
    ]
    await store.save_assignments(tx, {step.assignment.assignment_id: step.assignment for step in kept}.values())
    return kept
