"""The records that the lines of files stand for."""

from __future__ import annotations

from datetime import UTC

from tools.simulator.files.shapes import (
    ContentShape,
    LearningShape,
    MeasurementShape,
    PersonShape,
    SignalShape,
    TeamShape,
)
from tools.simulator.files.texts import Place
from tools.simulator.records import Content, Learning, Measurement, Person, Position, Signal, Teaches, Team


def team_of(line: TeamShape) -> Team:
    """A team as it is from a day on."""
    return Team(line.team_id, line.name, line.manager_id, line.unit, line.version, line.removed)


def person_of(line: PersonShape) -> Person:
    """A person as they are from a day on."""
    positions = tuple(Position(p.team_id, p.manager_id, p.role, p.effective_from) for p in line.positions)
    return Person(line.person_id, line.name, line.time_zone, positions, line.language, line.active, line.version)


def content_of(line: ContentShape) -> Content:
    """What can be learned from."""
    return Content(
        line.content_id,
        line.title,
        tuple(Teaches(taught.competency, taught.level) for taught in line.teaches),
        line.effort_minutes,
        line.language,
        line.url,
        line.retired,
        line.version,
    )


def signal_of(line: SignalShape, place: Place) -> Signal:
    """Something that a tool told of."""
    return Signal(
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


def measurement_of(line: MeasurementShape, place: Place) -> Measurement:
    """A value of a KPI."""
    return Measurement(
        line.id or f"measurement-{place.line}",
        line.kpi,
        line.team_id,
        line.value,
        line.n,
        line.period_start.astimezone(UTC),
        line.period_end.astimezone(UTC),
        line.version,
    )


def learning_of(line: LearningShape, place: Place) -> Learning:
    """What a learner did."""
    return Learning(
        line.id or f"learning-{place.line}",
        line.person_id,
        line.content_id,
        line.verb,
        line.occurred_at.astimezone(UTC),
        line.score,
        line.registration,
        line.source,
    )
