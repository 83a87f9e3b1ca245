"""A company from its folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TypeAlias, TypeVar

from pydantic import BaseModel

from tools.simulator.calendar import OBSERVED_AT
from tools.simulator.capabilities import CapabilityMap
from tools.simulator.files.checks import (
    Names,
    check_happened,
    check_map,
    check_people,
    check_period,
    check_teams,
    check_truth,
    refuse_second,
)
from tools.simulator.files.lines import content_of, learning_of, measurement_of, person_of, signal_of, team_of
from tools.simulator.files.map_shapes import MapShape
from tools.simulator.files.shapes import (
    CompanyShape,
    ContentShape,
    DirectoryLine,
    EffectShape,
    LearningShape,
    MeasurementShape,
    PersonShape,
    ReviewShape,
    SignalShape,
    TeamShape,
    TruthShape,
)
from tools.simulator.files.texts import Place, parse, read_document, read_lines
from tools.simulator.policy import Attention, Company
from tools.simulator.recorded import Recorded, Recording
from tools.simulator.records import (
    Content,
    Effect,
    Learning,
    Measurement,
    Person,
    Review,
    Signal,
    Team,
)
from tools.simulator.truth import Episode, Truth

L = TypeVar("L", bound=BaseModel)
R = TypeVar("R")
DirectoryEntry: TypeAlias = tuple[Place, TeamShape | PersonShape]
Sent: TypeAlias = tuple[str, str | int | None]
"""What sent it, and its id there; the line where it has none."""

NEVER_QUIET = time(0)


def read_company(folder: Path) -> Recorded:
    """The company in a folder. Mistake names the first thing that is wrong."""
    shape = read_document(folder / "company.json", CompanyShape)
    start = shape.start - timedelta(days=shape.start.weekday())
    map_shape = read_document(folder / "capabilities.json", MapShape)
    lines = _directory_lines(folder / "directory.jsonl", shape.start)
    reader = _Reader(folder, start, _names(map_shape, lines))
    check_map(Place(folder / "capabilities.json"), map_shape, reader.names)
    check_people(lines, reader.names)
    catalogue = reader.catalogue()
    recording = Recording(
        states=reader.directory(lines, shape.start),
        signals=reader.signals(),
        measurements=reader.measurements(),
        learning=reader.learning(),
        reviews=reader.reviews(),
        effects=reader.effects(),
    )
    company = _company(shape, start, recording, catalogue, map_shape.as_map())
    return Recorded(company, reader.truth(company), recording.since(0))


def _directory_lines(path: Path, start: date) -> list[DirectoryEntry]:
    """The lines of the directory, of which one is a team that is known at the start."""
    lines: list[DirectoryEntry] = []
    for place, line in read_lines(path, DirectoryLine):
        text = line.model_dump_json()
        is_team = line.type == "kinetic.team.changed.v1"
        lines.append((place, parse(place, text, TeamShape) if is_team else parse(place, text, PersonShape)))
    check_teams(Place(path), [(line.known_on, line) for _, line in lines], start)
    return lines


def _names(shape: MapShape, lines: Iterable[DirectoryEntry]) -> Names:
    people = {line.person_id for _, line in lines if isinstance(line, PersonShape)}
    return Names(
        {
            "team_id": {line.team_id for _, line in lines if isinstance(line, TeamShape)},
            "manager_id": people,
            "person_id": people,
            "competency": {one.key for one in shape.competencies},
            "kpi": {one.key for one in shape.kpis},
        }
    )


def _company(
    shape: CompanyShape, start: date, recording: Recording, catalogue: tuple[Content, ...], rules: CapabilityMap
) -> Company:
    """What is known at the start: the directory of the first day, and what was learned before it."""
    return Company(
        name=shape.name,
        start=start,
        days=shape.days + shape.start.weekday(),
        time_zone=shape.time_zone,
        language=shape.language,
        attention=_attention(shape),
        teams=tuple(state for day, state in recording.states if day <= 0 and isinstance(state, Team)),
        people=tuple(state for day, state in recording.states if day <= 0 and isinstance(state, Person)),
        catalogue=catalogue,
        capabilities=rules,
        learning=tuple(record for day, record in recording.learning if day < 0),
        reviews=tuple(record for day, record in recording.reviews if day < 0),
        effects=tuple(record for day, record in recording.effects if day < 0),
    )


def _attention(shape: CompanyShape) -> Attention:
    asked = shape.attention
    quiet = asked.quiet_hours
    return Attention(
        weekly_budget=asked.weekly_budget,
        quiet_from=quiet.start if quiet else NEVER_QUIET,
        quiet_until=quiet.end if quiet else NEVER_QUIET,
        working_days=frozenset(asked.working_days),
        nudge_ttl_days=asked.nudge_ttl_days,
    )


class _Reader:
    """The files of one folder, each record with the day, counted from the start, on which it becomes known."""

    def __init__(self, folder: Path, start: date, names: Names) -> None:
        self._folder, self._start, self.names = folder, start, names

    def _day(self, known: datetime) -> int:
        at = known.astimezone(UTC)
        return (at.date() - self._start).days + (at.time() > OBSERVED_AT)

    def directory(self, lines: Iterable[DirectoryEntry], first_day: date) -> list[tuple[int, Team | Person]]:
        """All states in order of the day on which they are known."""
        found: list[tuple[int, Team | Person]] = []
        for _, line in lines:
            day = 0 if not line.known_on or line.known_on <= first_day else (line.known_on - self._start).days
            found.append((day, team_of(line) if isinstance(line, TeamShape) else person_of(line)))
        return sorted(found, key=lambda entry: entry[0])

    def catalogue(self) -> tuple[Content, ...]:
        """All content, which the other files may name from now on."""
        seen: set[str] = set()
        found = []
        for place, line in read_lines(self._folder / "catalogue.jsonl", ContentShape):
            refuse_second(place, "content_id", line.content_id, seen)
            for at, taught in enumerate(line.teaches):
                self.names.check(place, taught, f"teaches.{at}.")
            found.append(content_of(line))
        self.names = Names({**self.names.known, "content_id": seen})
        return tuple(found)

    def _lines(self, name: str, shape: type[L], is_optional: bool = False) -> Iterator[tuple[Place, L]]:
        """The lines of a file that name what there is."""
        for place, line in read_lines(self._folder / name, shape, is_optional):
            self.names.check(place, line)
            yield place, line

    def signals(self) -> list[tuple[int, Signal]]:
        """All signals. One that a source sends again is the first one still."""
        found: dict[Sent, tuple[int, Signal]] = {}
        for place, line in self._lines("signals.jsonl", SignalShape):
            check_happened(place, line)
            known = self._day(line.received_at or line.occurred_at), signal_of(line, place)
            _keep_first(found, (line.source, line.id or place.line), known)
        return list(found.values())

    def measurements(self) -> list[tuple[int, Measurement]]:
        """All measurements."""
        found = []
        for place, line in self._lines("measurements.jsonl", MeasurementShape):
            check_period(place, line)
            found.append((self._day(line.received_at or line.period_end), measurement_of(line, place)))
        return found

    def learning(self) -> list[tuple[int, Learning]]:
        """All learning records. One that a source sends again is the first one still."""
        found: dict[Sent, tuple[int, Learning]] = {}
        for place, line in self._lines("learning.jsonl", LearningShape):
            check_happened(place, line)
            known = self._day(line.received_at or line.occurred_at), learning_of(line, place)
            _keep_first(found, (line.source, line.id or place.line), known)
        return list(found.values())

    def reviews(self) -> list[tuple[int, Review]]:
        """All reviews; the file may be missing, and people who wrote them may have left long ago."""
        found = []
        for place, line in read_lines(self._folder / "reviews.jsonl", ReviewShape, is_optional=True):
            self.names.require(place, "content_id", "content_id", line.content_id)
            review = Review(line.content_id, line.person_id, line.rating, line.occurred_at)
            found.append((self._day(line.occurred_at), review))
        return found

    def effects(self) -> list[tuple[int, Effect]]:
        """All observed effects; the file may be missing."""
        return [
            (self._day(line.occurred_at), Effect(**dict(line)))
            for _, line in self._lines("effects.jsonl", EffectShape, is_optional=True)
        ]

    def truth(self, company: Company) -> Truth:
        """What is really the matter."""
        place = Place(self._folder / "truth.json")
        shape = read_document(place.path, TruthShape)
        check_truth(place, shape, self.names)
        episodes = tuple(
            Episode(
                e.team_id,
                e.competency,
                e.cause,
                (e.begins - self._start).days,
                company.days - 1 if e.ends is None else (e.ends - self._start).days,
                e.shift_sigma,
                e.kpis,
                e.corroborated,
                e.people,
                e.ramp_working_days,
            )
            for e in shape.episodes
        )
        gains = {(gain.content_id, gain.competency): gain.gain for gain in shape.contents}
        return Truth(episodes, gains, shape.managers)


def _keep_first(found: dict[Sent, tuple[int, R]], sent: Sent, known: tuple[int, R]) -> None:
    """What is sent again is known since the first time."""
    if sent not in found or known[0] < found[sent][0]:
        found[sent] = known
