"""Old payloads made new: their times moved to now, everything else as it was."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?P<fraction>\.\d{3})?(?P<zone>Z|[+-]\d\d:?\d\d)")
_SUBJECTS: Final = ("workflow_run", "workflow_job", "check_run", "alert", "deployment_status", "issue")
_JIRA_TIME: Final = "timestamp"

_Move = Callable[[datetime], datetime]


def refreshed(payload: dict[str, Any], now: datetime) -> dict[str, Any]:
    """A copy of `payload` whose subject happened `now`. Only times change; each keeps its notation and zone.

    The subject is what the webhook tells about (a job, an alert, an issue). All times move by as much as its newest one,
    so that durations stay what they were; none comes to lie after `now`. A payload without times stays as it is.
    """
    newest = max(_times_of_subject(payload), default=None)
    if newest is None:
        return dict(payload)
    shift = now - newest
    moved: dict[str, Any] = _moved(payload, lambda time: min(time + shift, now))
    return moved


def _times_of_subject(payload: dict[str, Any]) -> Iterator[datetime]:
    if isinstance(payload.get(_JIRA_TIME), int):
        yield _of_milliseconds(payload[_JIRA_TIME])
        return
    subject: dict[str, Any] = next((payload[name] for name in _SUBJECTS if name in payload), {})
    for value in subject.values():
        if isinstance(value, str) and _TIME.fullmatch(value):
            yield datetime.fromisoformat(value)


def _moved(value: Any, move: _Move) -> Any:
    if isinstance(value, dict):
        return {name: _moved_member(name, member, move) for name, member in value.items()}
    if isinstance(value, list):
        return [_moved(member, move) for member in value]
    if isinstance(value, str) and (match := _TIME.fullmatch(value)):
        return _written(move(datetime.fromisoformat(value)), match, datetime.fromisoformat(value))
    return value


def _moved_member(name: str, member: Any, move: _Move) -> Any:
    if name == _JIRA_TIME and isinstance(member, int):
        return int(move(_of_milliseconds(member)).timestamp() * 1000)
    return _moved(member, move)


def _written(time: datetime, like: re.Match[str], original: datetime) -> str:
    """`time` in the notation and zone of the original."""
    local = time.astimezone(original.tzinfo)
    fraction = f".{local.microsecond // 1000:03}" if like["fraction"] else ""
    return f"{local:%Y-%m-%dT%H:%M:%S}{fraction}{like['zone']}"


def _of_milliseconds(value: int) -> datetime:
    return datetime.fromtimestamp(value / 1000, UTC)
