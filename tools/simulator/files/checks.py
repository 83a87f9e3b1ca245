"""What the files of a company say about each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from pydantic import BaseModel

from tools.simulator.files.map_shapes import MapShape
from tools.simulator.files.shapes import (
    EpisodeShape,
    LearningShape,
    MeasurementShape,
    PersonShape,
    SignalShape,
    TeamShape,
    TruthShape,
)
from tools.simulator.files.texts import Place

FILES = {
    "team_id": "directory.jsonl",
    "manager_id": "directory.jsonl",
    "person_id": "directory.jsonl",
    "content_id": "catalogue.jsonl",
    "competency": "capabilities.json",
    "kpi": "capabilities.json",
}


@dataclass(frozen=True, slots=True)
class Names:
    """The ids that there are, by the field that names one. What is not in here is not checked."""

    known: Mapping[str, Set[str]]

    def check(self, place: Place, value: BaseModel, path: str = "") -> None:
        """Mistake when a field of the value names what there is not."""
        for field in self.known:
            self.require(place, f"{path}{field}", field, getattr(value, field, None))

    def require(self, place: Place, path: str, field: str, named: str | None) -> None:
        """Mistake when what is named, as `field` names it, is not there."""
        if named is not None and named not in self.known[field]:
            raise place.mistake(path, f"{named!r} is not in {FILES[field]}")


def check_map(place: Place, shape: MapShape, names: Names) -> None:
    """Rules, requirements and goals name what the map has, nothing stands twice, and what alarms is worse than the target."""
    for section in ("competencies", "kpis", "goals"):
        _refuse_twice(place, section, "key", [one.key for one in getattr(shape, section)])
    _refuse_twice(place, "requirements", "competency", [(one.role, one.competency) for one in shape.requirements])
    for section in ("requirements", "signal_rules", "kpi_rules"):
        for at, rule in enumerate(getattr(shape, section)):
            names.check(place, rule, f"{section}.{at}.")
    for at, goal in enumerate(shape.goals):
        _require_each(place, f"goals.{at}.kpis", "kpi", goal.kpis, names)
        _require_each(place, f"goals.{at}.competencies", "competency", goal.competencies, names)
    for at, kpi in enumerate(shape.kpis):
        worse, better = (kpi.alarm, kpi.target) if kpi.direction == "lower_is_better" else (kpi.target, kpi.alarm)
        if worse < better:
            raise place.mistake(f"kpis.{at}.alarm", f"is better than the target, where {kpi.direction}")


def check_people(lines: Iterable[tuple[Place, TeamShape | PersonShape]], names: Names) -> None:
    """Managers and teams that the directory names are in it, and nobody's positions go back in time."""
    for place, line in lines:
        names.check(place, line)
        if isinstance(line, TeamShape):
            continue
        for at, position in enumerate(line.positions):
            names.check(place, position, f"positions.{at}.")
        for at, (earlier, later) in enumerate(pairwise(line.positions), start=1):
            if later.effective_from < earlier.effective_from:
                raise place.mistake(f"positions.{at}.effective_from", "is before that of the position before it")


def check_teams(place: Place, lines: Iterable[tuple[date | None, TeamShape | PersonShape]], start: date) -> None:
    """There is a team at the start."""
    if not any(isinstance(line, TeamShape) and (day is None or day <= start) for day, line in lines):
        raise place.mistake("", "there is no team at the start; leave `known_on` away for what is known then")


def check_happened(place: Place, line: SignalShape | LearningShape) -> None:
    """Nothing is known before it happened."""
    if line.received_at and line.received_at < line.occurred_at:
        raise place.mistake("received_at", "is before occurred_at")


def check_period(place: Place, line: MeasurementShape) -> None:
    """The period ends after it began and before the value is known."""
    if line.period_end <= line.period_start:
        raise place.mistake("period_end", "is not after period_start")
    if line.received_at and line.received_at < line.period_end:
        raise place.mistake("received_at", "is before period_end")


def check_truth(place: Place, truth: TruthShape, names: Names) -> None:
    """Episodes, contents and managers are those that there are; a pair lacks a skill once at a time."""
    for at, episode in enumerate(truth.episodes):
        names.check(place, episode, f"episodes.{at}.")
        _require_each(place, f"episodes.{at}.kpis", "kpi", episode.kpis, names)
        _require_each(place, f"episodes.{at}.people", "person_id", episode.people, names)
        if episode.ends is not None and episode.ends < episode.begins:
            raise place.mistake(f"episodes.{at}.to", "is before from")
        for other in truth.episodes[:at]:
            if _is_one_lack(episode, other):
                raise place.mistake(f"episodes.{at}.from", f"the pair lacks the skill already since {other.begins}")
    for at, gain in enumerate(truth.contents):
        names.check(place, gain, f"contents.{at}.")
    _refuse_twice(place, "contents", "content_id", [(one.content_id, one.competency) for one in truth.contents])
    for manager_id in truth.managers:
        names.require(place, f"managers.{manager_id}", "manager_id", manager_id)


def refuse_second(place: Place, field: str, named: str, seen: set[str]) -> None:
    """Mistake when the id has been seen, else it is seen from now on."""
    if named in seen:
        raise place.mistake(field, f"{named!r} stands twice")
    seen.add(named)


def _is_one_lack(one: EpisodeShape, other: EpisodeShape) -> bool:
    if (one.cause, one.team_id, one.competency) != ("skill", other.team_id, other.competency) or other.cause != "skill":
        return False
    return one.begins <= (other.ends or date.max) and other.begins <= (one.ends or date.max)


def _require_each(place: Place, path: str, field: str, named: Sequence[str], names: Names) -> None:
    for name in named:
        names.require(place, path, field, name)


def _refuse_twice(place: Place, section: str, field: str, named: Sequence[object]) -> None:
    for name, times in Counter(named).items():
        if times > 1:
            at = [index for index, one in enumerate(named) if one == name][1]
            shown = " for ".join(map(str, reversed(name))) if isinstance(name, tuple) else repr(name)
            raise place.mistake(f"{section}.{at}.{field}", f"{shown} stands twice")
