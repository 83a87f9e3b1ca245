"""A message as the JSON that a company's own endpoint gets. It is signed where it is sent."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from kinetic.contracts.ids import PersonId
from kinetic.recommendation.channels.message import Message


def render(message: Message, at: datetime, manager_id: PersonId) -> dict[str, Any]:
    """The body: ids and state for programs, words in the reader's language for people. No names; `people_count` only.

    `manager_id` says whom it is for, by the id that the directory has.
    """
    return {
        "type": f"kinetic.nudge.{message.state}",
        "timestamp": at.isoformat(),
        "data": {
            "nudge_id": message.nudge_id,
            "manager_id": manager_id,
            "version": message.version,
            "state": message.state.value,
            "language": message.language,
            "title": message.title,
            "why": message.why,
            "suggestion": message.suggestion,
            "effort": message.effort,
            "effect": message.effect,
            "people_count": message.people_count,
            "outcome": message.outcome,
            "url": message.url,
            "evidence": [asdict(line) for line in message.evidence],
            "actions": [
                {"action": action.action.value, "label": action.label, "url": action.url} for action in message.actions
            ],
        },
    }
