"""The organisation that the stages are measured with: many teams, each with a manager, a map of skills, a catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from kinetic.common.events import new_id
from kinetic.contracts.event import Event
from kinetic.contracts.ids import CompetencyKey, ContentId, KpiKey, PersonId, RoleKey, TeamId
from kinetic.contracts.ingestion import ContentChanged, PersonChanged, Position, Teaches, TeamChanged
from kinetic.contracts.skill_gap import (
    CapabilitiesPublished,
    Competency,
    Detection,
    Direction,
    Goal,
    Kpi,
    KpiRule,
    Requirement,
    SignalRule,
)

LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
ENGINEER, MANAGER = RoleKey("engineer"), RoleKey("manager")
LMS = "example-lms"
SKILLS = tuple(CompetencyKey(f"skill-{number}") for number in range(5))
KINDS = tuple(f"delivery.kind_{number}" for number in range(5))
KPIS = tuple(KpiKey(f"kpi-{number}") for number in range(5))


@dataclass(frozen=True)
class Company:
    """Teams with their manager and members, in the order of their making, and the catalogue."""

    teams: tuple[TeamId, ...]
    managers: tuple[PersonId, ...]
    members: tuple[tuple[PersonId, ...], ...]
    contents: tuple[ContentId, ...]

    @staticmethod
    def of(teams: int, members: int = 6, contents: int = 50) -> Company:
        """A company of so many teams, of so many members each besides the manager."""
        return Company(
            tuple(TeamId(new_id()) for _ in range(teams)),
            tuple(PersonId(new_id()) for _ in range(teams)),
            tuple(tuple(PersonId(new_id()) for _ in range(members)) for _ in range(teams)),
            tuple(ContentId(new_id()) for _ in range(contents)),
        )

    @property
    def people(self) -> tuple[PersonId, ...]:
        """Everybody who can learn: the members of all teams."""
        return tuple(person for team in self.members for person in team)

    def directory(self) -> list[Event]:
        """Every team and person, as on `kinetic.directory`."""
        entries: list[Event] = []
        for number, (team, manager, members) in enumerate(zip(self.teams, self.managers, self.members, strict=True)):
            name = f"team-{number}"
            entries.append(TeamChanged(team_id=team, slug=name, name=name, unit="unit", manager_id=manager, version=1))
            entries.append(
                _person(manager, Position(team_id=team, manager_id=None, role=MANAGER, effective_from=LONG_AGO))
            )
            position = Position(team_id=team, manager_id=manager, role=ENGINEER, effective_from=LONG_AGO)
            entries += [_person(member, position) for member in members]
        return entries

    def catalogue(self) -> list[Event]:
        """Every content item: each skill has as many as any other."""
        return [
            ContentChanged(
                content_id=content,
                title=f"Course {number}",
                url=f"https://lms.example/courses/{number}",
                teaches=(Teaches(competency=SKILLS[number % len(SKILLS)], level=1 + number % 5),),
                effort_minutes=20 + number,
                language="en",
                external_ids={LMS: f"C-{number}"},
                version=1,
            )
            for number, content in enumerate(self.contents)
        ]


def capabilities() -> CapabilitiesPublished:
    """One kind of signal and one KPI for each skill, which every engineer needs. Pressure alone decides, so that gaps open."""
    rules = [{"competency": skill, "weight": 1.0, "half_life_days": 14.0} for skill in SKILLS]
    return CapabilitiesPublished(
        version=1,
        competencies=tuple(Competency(key=skill, name=skill.title()) for skill in SKILLS),
        kpis=tuple(_kpi(key) for key in KPIS),
        goals=tuple(
            Goal(key=f"goal-{s}", name=s, kpis=(k,), competencies=(s,)) for s, k in zip(SKILLS, KPIS, strict=True)
        ),
        requirements=tuple(Requirement(role=ENGINEER, competency=skill, level=3) for skill in SKILLS),
        signal_rules=tuple(SignalRule(kind=kind, **rule) for kind, rule in zip(KINDS, rules, strict=True)),
        kpi_rules=tuple(KpiRule(kpi=kpi, **rule) for kpi, rule in zip(KPIS, rules, strict=True)),
        detection=Detection(opening_score=0, cool_down_days=0),
        published_at=LONG_AGO,
    )


def _kpi(key: KpiKey) -> Kpi:
    return Kpi(key=key, name=key.upper(), unit="%", direction=Direction.LOWER_IS_BETTER, target=10.0, alarm=20.0)


def _person(person_id: PersonId, position: Position) -> PersonChanged:
    return PersonChanged(
        person_id=person_id,
        name="Somebody",
        email=f"{person_id}@company.example",
        time_zone="UTC",
        external_ids={LMS: person_id},
        positions=(position,),
        version=1,
    )
