"""A company from its folder."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from tools.simulator.calendar import OBSERVED_AT
from tools.simulator.capabilities import CapabilityMap
from tools.simulator.files.checks import check_episodes, check_map, check_measurements, check_signals, check_teams
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
    Position,
    Review,
    Signal,
    Teaches,
    Team,
)
from tools.simulator.truth import Episode, Truth

NEVER_QUIET = time(0)


def read_company(folder: Path) -> Recorded:
    """The company in a folder. Mistake names the first thing that is wrong."""
    shape = read_document(folder / "company.json", CompanyShape)
    start = shape.start - timedelta(days=shape.start.weekday())
    rules = read_document(folder / "capabilities.json", MapShape).as_map()
    check_map(folder / "capabilities.json", rules)
    reader = _Reader(folder, start)
    states = reader.directory()
    check_teams(folder / "directory.jsonl", [state for day, state in states if day <= 0])
    teams = {state.team_id for _, state in states if isinstance(state, Team)}
    recording = Recording(
        states=states,
        signals=reader.signals(teams),
        measurements=reader.measurements(teams, {kpi.key for kpi in rules.kpis}),
        learning=reader.learning(),
        reviews=reader.reviews(),
        effects=reader.effects(),
    )
    company = _company(shape, start, recording, reader.catalogue(), rules)
    return Recorded(company, reader.truth(company, teams), recording.since(0))


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

    def __init__(self, folder: Path, start: date) -> None:
        self._folder, self._start = folder, start

    def _day(self, known: datetime) -> int:
        at = known.astimezone(UTC)
        return (at.date() - self._start).days + (at.time() > OBSERVED_AT)

    def directory(self) -> list[tuple[int, Team | Person]]:
        """All states in order of the day on which they are known."""
        found: list[tuple[int, Team | Person]] = []
        for place, line in read_lines(self._folder / "directory.jsonl", DirectoryLine):
            text = line.model_dump_json()
            if line.type == "kinetic.team.changed.v1":
                team = parse(place, text, TeamShape)
                found.append((self._on(team.known_on), _team(team)))
            else:
                person = parse(place, text, PersonShape)
                found.append((self._on(person.known_on), _person(person)))
        return sorted(found, key=lambda entry: entry[0])

    def _on(self, day: date | None) -> int:
        return 0 if day is None else max(0, (day - self._start).days)

    def catalogue(self) -> tuple[Content, ...]:
        """All content."""
        return tuple(
            Content(
                line.content_id,
                line.title,
                tuple(Teaches(taught.competency, taught.level) for taught in line.teaches),
                line.effort_minutes,
                line.language,
                line.url,
                line.retired,
                line.version,
            )
            for _, line in read_lines(self._folder / "catalogue.jsonl", ContentShape)
        )

    def signals(self, teams: set[str]) -> list[tuple[int, Signal]]:
        """All signals."""
        found = []
        for place, line in read_lines(self._folder / "signals.jsonl", SignalShape):
            check_signals(place, line, teams)
            signal = Signal(
                line.id or f"signal-{place.line}",
                line.source,
                line.kind,
                line.team_id,
                line.severity,
                line.occurred_at.astimezone(UTC),
                line.summary,
                line.url,
                line.attributes,
            )
            found.append((self._day(line.received_at or line.occurred_at), signal))
        return found

    def measurements(self, teams: set[str], kpis: set[str]) -> list[tuple[int, Measurement]]:
        """All measurements."""
        found = []
        for place, line in read_lines(self._folder / "measurements.jsonl", MeasurementShape):
            check_measurements(place, line, teams, kpis)
            measurement = Measurement(
                line.id or f"measurement-{place.line}",
                line.kpi,
                line.team_id,
                line.value,
                line.n,
                line.period_start.astimezone(UTC),
                line.period_end.astimezone(UTC),
                line.version,
            )
            found.append((self._day(line.received_at or line.period_end), measurement))
        return found

    def learning(self) -> list[tuple[int, Learning]]:
        """All learning records."""
        return [
            (
                self._day(line.received_at or line.occurred_at),
                Learning(
                    line.id or f"learning-{place.line}",
                    line.person_id,
                    line.content_id,
                    line.verb,
                    line.occurred_at.astimezone(UTC),
                    line.score,
                    line.registration,
                    line.source,
                ),
            )
            for place, line in read_lines(self._folder / "learning.jsonl", LearningShape)
        ]

    def reviews(self) -> list[tuple[int, Review]]:
        """All reviews; the file may be missing."""
        return [
            (self._day(line.occurred_at), Review(line.content_id, line.person_id, line.rating, line.occurred_at))
            for _, line in read_lines(self._folder / "reviews.jsonl", ReviewShape, is_optional=True)
        ]

    def effects(self) -> list[tuple[int, Effect]]:
        """All observed effects; the file may be missing."""
        return [
            (self._day(line.occurred_at), Effect(**dict(line)))
            for _, line in read_lines(self._folder / "effects.jsonl", EffectShape, is_optional=True)
        ]

    def truth(self, company: Company, teams: set[str]) -> Truth:
        """What is really the matter."""
        place = Place(self._folder / "truth.json")
        shape = read_document(place.path, TruthShape)
        check_episodes(place, shape, company, teams)
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


def _team(line: TeamShape) -> Team:
    return Team(line.team_id, line.name, line.manager_id, line.unit, line.version, line.removed)


def _person(line: PersonShape) -> Person:
    positions = tuple(Position(p.team_id, p.manager_id, p.role, p.effective_from) for p in line.positions)
    return Person(line.person_id, line.name, line.time_zone, positions, line.language, line.active, line.version)
