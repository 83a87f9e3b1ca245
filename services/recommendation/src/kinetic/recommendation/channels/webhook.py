"""A message as the JSON that a company's own endpoint gets. It is signed where it is sent."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from kinetic.contracts.ids import PersonId
from kinetic.recommendation.channels.digest import Digest
from kinetic.recommendation.channels.notice import Item, NoticeMessage


def render(message: Item | Digest, at: datetime, manager_id: PersonId) -> dict[str, Any]:
    """The body: ids and state for programs, words in the reader's language for people. No names; `people_count` only.

    `manager_id` says whom it is for, by the id that the directory has.
    """
    if isinstance(message, Digest):
        messages = [render(one, at, manager_id) for one in message.messages]
        about = {"manager_id": manager_id, "language": message.book.language, "title": message.title}
        return _posted("kinetic.digest", at, {**about, "messages": messages})
    if isinstance(message, NoticeMessage):
        return _posted(
            f"kinetic.notice.{message.state}", at, {"notice_id": message.notice_id, **_common(message, manager_id)}
        )
    data = {
        "nudge_id": message.nudge_id,
        **_common(message, manager_id),
        "suggestion": message.suggestion,
        "effort": message.effort,
        "effect": message.effect,
        "people_count": message.people_count,
        "evidence": [asdict(line) for line in message.evidence],
    }
    return _posted(f"kinetic.nudge.{message.state}", at, data)


def _posted(kind: str, at: datetime, data: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "timestamp": at.isoformat(), "data": data}


def _common(message: Item, manager_id: PersonId) -> dict[str, Any]:
    return {
        "manager_id": manager_id,
        "version": message.version,
        "state": message.state.value,
        "language": message.language,
        "title": message.title,
        "why": message.why,
        "outcome": message.outcome,
        "url": message.url,
        "actions": [
            {"action": action.action.value, "label": action.label, "url": action.url} for action in message.actions
        ],
    }
