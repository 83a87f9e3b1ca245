"""The example's signals are sent when what they are judged by has been taken in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from kinetic.cli import company
from kinetic.cli.addresses import Addresses
from kinetic.cli.company import Company
from kinetic.contracts import topics

ADDRESSES = Addresses(services={"skill-gap": "http://skill-gap"}, kafka="kafka", issuer="http://issuer")


@pytest.mark.parametrize(
    ("tell", "topic"),
    [(Company.tell_history, topics.LEARNING), (Company.tell_measurements, topics.MEASUREMENTS)],
)
async def test_what_was_reported_is_waited_for(
    tell: Callable[[Company], Awaitable[int]], topic: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    taken_in, waiting = iter((False, True, True)), iter((["a record of somebody unknown yet"], []))
    asked: list[tuple[str, int]] = []

    async def has_taken_in(_kafka: str, _group: str, of: str, records: int) -> bool:
        asked.append((of, records))
        return next(taken_in)

    async def report(*_: object) -> None:
        assert not asked

    monkeypatch.setattr(Company, "_report", report)
    monkeypatch.setattr(company, "has_taken_in", has_taken_in)
    monkeypatch.setattr(company, "ask", lambda *_: next(waiting))
    monkeypatch.setattr(company, "mint", lambda *_: "token")
    told = await tell(Company(ADDRESSES, tmp_path))
    assert asked == [(topic, told)] * 3
    assert told > 0
