"""A generated company into its folder, as it goes when nobody acts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from tools.simulator.calendar import observed_at
from tools.simulator.policy import Company, Day
from tools.simulator.records import Measurement, Person, Signal, Team
from tools.simulator.run import Going
from tools.simulator.truth import Truth

Line = dict[str, Any]


def write_company(going: Going, folder: Path) -> None:
    """Let the company go on, and write down everything that happens. What is in the folder under these names is replaced."""
    company = going.company
    folder.mkdir(parents=True, exist_ok=True)
    days = [going.day(index) for index in range(company.days)]
    _document(folder / "company.json", _company(company))
    _document(folder / "capabilities.json", asdict(company.capabilities))
    _document(folder / "truth.json", _truth(going.truth, company.start))
    _lines(folder / "directory.jsonl", _directory(company, days))
    _lines(folder / "catalogue.jsonl", (asdict(content) for content in company.catalogue))
    _lines(folder / "signals.jsonl", (_signal(s, day.now) for day in days for s in day.signals))
    _lines(folder / "measurements.jsonl", (_measurement(m, day.now) for day in days for m in day.measurements))
    learning = [*company.learning, *(record for day in days for record in day.learning)]
    _lines(folder / "learning.jsonl", (_without_none(asdict(record)) for record in learning))
    _lines(folder / "reviews.jsonl", (asdict(review) for review in company.reviews))
    _lines(folder / "effects.jsonl", (asdict(effect) for effect in company.effects))


def _company(company: Company) -> Line:
    attention = company.attention
    begins, ends = attention.quiet_from, attention.quiet_until
    return {
        "name": company.name,
        "start": company.start,
        "days": company.days,
        "time_zone": company.time_zone,
        "language": company.language,
        "attention": {
            "weekly_budget": attention.weekly_budget,
            "quiet_hours": None if begins == ends else {"start": begins, "end": ends},
            "working_days": sorted(attention.working_days),
            "nudge_ttl_days": attention.nudge_ttl_days,
        },
    }


def _truth(truth: Truth, start: date) -> Line:
    return {
        "episodes": [
            {
                "team_id": e.team_id,
                "competency": e.competency,
                "cause": e.cause,
                "from": start + timedelta(days=e.first),
                "to": start + timedelta(days=e.last),
                "shift_sigma": e.shift_sigma,
                "kpis": e.kpis,
                "corroborated": e.corroborated,
                "people": e.people,
                "ramp_working_days": e.ramp,
            }
            for e in truth.episodes
        ],
        "contents": [
            {"content_id": content_id, "competency": competency, "gain": gain}
            for (content_id, competency), gain in truth.gains.items()
        ],
        "managers": dict(truth.managers),
    }


def _directory(company: Company, days: Iterable[Day]) -> Iterable[Line]:
    yield from map(_state, company.teams)
    yield from map(_state, company.people)
    for day in days:
        states: tuple[Team | Person, ...] = (*day.teams, *day.people)
        yield from ({**_state(state), "known_on": day.date} for state in states)


def _state(state: Team | Person) -> Line:
    kind = "team" if isinstance(state, Team) else "person"
    return {"type": f"kinetic.{kind}.changed.v1", **asdict(state)}


def _signal(signal: Signal, now: datetime) -> Line:
    line = {name: getattr(signal, name) for name in ("id", "source", "kind", "team_id", "severity", "summary")}
    return {**line, "occurred_at": signal.occurred_at, **_received(signal.occurred_at, now)}


def _measurement(measurement: Measurement, now: datetime) -> Line:
    return {**asdict(measurement), **_received(measurement.period_end, now)}


def _received(at: datetime, now: datetime) -> Line:
    """When it was known, unless that is the day it would be taken for anyway."""
    usual = observed_at(at.date(), 0)
    usual = usual if at <= usual else usual + timedelta(days=1)
    return {} if usual == now else {"received_at": now}


def _without_none(line: Line) -> Line:
    return {name: value for name, value in line.items() if value is not None}


def _lines(path: Path, lines: Iterable[Line]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for line in lines:
            file.write(json.dumps(line, default=_text, ensure_ascii=False) + "\n")


def _document(path: Path, document: Line) -> None:
    path.write_text(json.dumps(document, default=_text, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _text(value: object) -> str:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    raise TypeError(f"{value!r} cannot be written as JSON")
