"""What skill-gap's floor keeps of signals and of single measurements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.floors.loop import Read

State = dict[str, Any]


def alarm_of(kpi: Mapping[str, Any], value: float) -> float:
    """How far a measurement slips, 0..1."""
    beyond = value - kpi["alarm"] if kpi["direction"] == "lower_is_better" else kpi["alarm"] - value
    room = abs(kpi["alarm"] - kpi["target"])
    return 0.0 if beyond < 0 else min(1.0, 0.5 + 0.5 * beyond / room) if room else 1.0


def seen_in(one: Read) -> State:
    """A signal as evidence."""
    data = one.data
    return {
        "event_id": one.id,
        "source": data["source"],
        "kind": data["kind"],
        "statement": data["summary"],
        "url": data["url"],
        "observed_at": data["occurred_at"],
    }
