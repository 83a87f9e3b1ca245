"""Where changed counts become fact: appraisals are saved and told."""

from __future__ import annotations

from collections.abc import Sequence

from kinetic.common import outbox
from kinetic.common.database import Transaction
from kinetic.feedback import store
from kinetic.feedback.domain.appraisal import Change, decide_appraisals


async def appraise(tx: Transaction, changes: Sequence[Change]) -> None:
    """Save and tell what `changes` make of the counts. Their content is locked."""
    known = await store.load_appraisals(tx, {change.content_id for change in changes})
    appraised = decide_appraisals(known, changes, await tx.now())
    await store.save_appraisals(tx, appraised.appraisals)
    await outbox.append(tx, appraised.emissions)
