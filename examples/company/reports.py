"""What Northwind's systems report on their own: half a year of KPIs and the learning history, as CloudEvents dated from today."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final

import httpx

from examples.company.posting import post_patiently

COMPANY: Final = Path(__file__).parent
LEARNING_SOURCE: Final = "/example-lms"
MEASUREMENT_SOURCE: Final = "/example-metrics"
MEASUREMENT: Final = "kinetic.measurement.report.v1"

CloudEvent = dict[str, Any]


def learning_reports(now: datetime, path: Path = COMPANY / "learning.json") -> list[CloudEvent]:
    """The learning history before `now`. The ids are the same on every day, so a history that was taken stays as it is."""
    midnight = _midnight(now)
    return [_learning(entry, midnight - timedelta(days=entry["days_ago"])) for entry in json.loads(path.read_text())]


def measurement_reports(now: datetime, path: Path = COMPANY / "measurements.json") -> list[CloudEvent]:
    """Weekly KPIs up to the midnight (UTC) before `now`. An id names the KPI, the team and the end of the week."""
    midnight = _midnight(now)
    return [
        _measurement({"kpi": series["kpi"], "team": series["team"], "value": value, "n": series["n"]}, period_end)
        for series in json.loads(path.read_text())
        for value, period_end in zip(reversed(series["values"]), _weeks_back_from(midnight), strict=False)
    ][::-1]


async def report(
    http: httpx.AsyncClient, ingestion_url: str, token: str, events: Sequence[CloudEvent]
) -> httpx.Response:
    """Send CloudEvents as one batch with a token of the role `service`; ingestion's answer."""
    headers = {"Content-Type": "application/cloudevents-batch+json", "Authorization": f"Bearer {token}"}
    return await post_patiently(http, f"{ingestion_url}/events", json.dumps(events).encode(), headers)


def _learning(entry: dict[str, Any], occurred_at: datetime) -> CloudEvent:
    data = {**entry["data"], "occurred_at": occurred_at.isoformat()}
    return _cloud_event(entry["id"], LEARNING_SOURCE, entry["type"], occurred_at, data)


def _weeks_back_from(midnight: datetime) -> Iterator[datetime]:
    return (midnight - timedelta(weeks=weeks) for weeks in count())


def _measurement(measured: dict[str, Any], period_end: datetime) -> CloudEvent:
    period_start = period_end - timedelta(weeks=1)
    data = {**measured, "period_start": period_start.isoformat(), "period_end": period_end.isoformat()}
    event_id = f"{data['kpi']}/{data['team']}/{period_end:%Y-%m-%d}"
    return _cloud_event(event_id, MEASUREMENT_SOURCE, MEASUREMENT, period_end, data)


def _cloud_event(event_id: str, source: str, event_type: str, time: datetime, data: dict[str, Any]) -> CloudEvent:
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": event_type,
        "time": time.isoformat(),
        "datacontenttype": "application/json",
        "data": data,
    }


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
