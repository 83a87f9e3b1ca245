"""The events that the stages are fed with, in the order in which other services would tell them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from typing import Any
from uuid import UUID

from benchmarks.company import KINDS, KPIS, LMS, SKILLS, Company
from kinetic.common.events import new_id
from kinetic.contracts.assignment import AssignmentCompleted, AssignmentEnrolled, AssignmentHeld, AssignmentRequested
from kinetic.contracts.event import Event
from kinetic.contracts.ids import AssignmentId, ContentId, EventId, GapId, NudgeId, PersonId, TeamId
from kinetic.contracts.ingestion import LearningRecorded, LearningVerb, MeasurementRecorded, SignalObserved
from kinetic.contracts.recommendation import NudgeAccepted, NudgeComposed
from kinetic.contracts.skill_gap import Evidence, GapChanged, GapClosed, GapClosedReason, GapOpened

NOW = datetime.now(UTC).replace(microsecond=0)
SEED = 7
REQUESTS_EACH = 10
"""With 2,400 people there are 72,000 records to report of them."""
STEPS = (LearningVerb.ENROLLED, LearningVerb.STARTED, LearningVerb.COMPLETED)

Make = Callable[[Company, int], list[Event]]


def signals(company: Company, count: int) -> list[Event]:
    """Signals of all kinds and severities, of the last week, team by team in turn."""
    chance = random.Random(SEED)
    return [
        SignalObserved(
            source="github",
            kind=chance.choice(KINDS),
            team_id=team_id,
            severity=round(chance.uniform(0.1, 0.5), 2),
            summary=f"Deployment {number} of the payment service to production failed after 12 minutes",
            url=f"https://github.example/company/payments/actions/runs/{number}",
            occurred_at=NOW - timedelta(minutes=chance.randrange(10_000)),
            attributes={"repository": "company/payments", "branch": "main", "workflow": "deploy"},
        )
        for number, team_id in enumerate(islice(cycle(company.teams), count))
    ]


def measurements(company: Company, count: int) -> list[Event]:
    """Measurements of all KPIs, half of which slip; every tenth is corrected when all teams have had their turn."""
    chance = random.Random(SEED)
    found: list[Event] = []
    corrections: list[Event] = []
    for number, team_id in enumerate(cycle(company.teams)):
        if number % len(company.teams) == 0:
            found, corrections = found + corrections, []
        if len(found) >= count:
            return found[:count]
        found.append(_measurement(chance, team_id, NOW - timedelta(seconds=max(0, count - number))))
        if number % 10 == 0:
            value = round(chance.uniform(10, 30), 1)
            corrections.append(found[-1].model_copy(update={"value": value, "version": 2}))
    return found


def _measurement(chance: random.Random, team_id: TeamId, period_end: datetime) -> MeasurementRecorded:
    return MeasurementRecorded(
        kpi=chance.choice(KPIS),
        team_id=team_id,
        value=round(chance.uniform(10, 30), 1),
        n=chance.randrange(10, 500),
        period_start=period_end - timedelta(days=7),
        period_end=period_end,
    )


def completions(company: Company, count: int) -> list[Event]:
    """Everybody takes one course after the other: enrolled, started, completed."""
    chance = random.Random(SEED)
    found: list[Event] = []
    for person_id in islice(cycle(company.people), -(-count // len(STEPS))):
        content_id, score = chance.choice(company.contents), round(chance.uniform(0.4, 1), 2)
        found += [
            LearningRecorded(
                person_id=person_id, content_id=content_id, verb=verb, score=score, source=LMS, occurred_at=NOW
            )
            for verb in STEPS
        ]
    return found[:count]


def gaps(company: Company, count: int) -> list[Event]:
    """Gaps that open, change twice and close, those of one skill in all teams after the other."""
    found: list[Event] = []
    pairs = cycle((skill, number) for skill in SKILLS for number in range(len(company.teams)))
    while len(found) < count:
        generation = [next(pairs) for _ in company.teams]
        lives = [list(_life_of_gap(company, number, skill)) for skill, number in generation]
        found += [event for step in zip(*lives, strict=True) for event in step]
    return found[:count]


def _life_of_gap(company: Company, number: int, skill: str) -> Iterator[Event]:
    about = _verdict(company.teams[number], skill)
    below = company.members[number][:3]
    yield GapOpened(**about, version=1, person_ids=below, required_level=3)
    yield GapChanged(**about, version=2, person_ids=below, required_level=3)
    yield GapChanged(**about, version=3, person_ids=below[:2], required_level=3)
    yield GapClosed(**about, version=4, reason=GapClosedReason.COVERED)


def _verdict(team_id: TeamId, skill: str) -> dict[str, Any]:
    evidence = tuple(
        Evidence(
            event_id=EventId(new_id()),
            source="github",
            kind=KINDS[0],
            statement=f"Deployment {number} of the payment service to production failed",
            url=f"https://github.example/company/payments/actions/runs/{number}",
            weight=0.4,
            observed_at=NOW - timedelta(hours=number),
        )
        for number in range(3)
    )
    told = {"pressure": 1.4, "coverage": 0.4, "evidence": evidence, "map_version": 1, "decided_at": NOW}
    return {
        "gap_id": GapId(new_id()),
        "team_id": team_id,
        "competency": skill,
        "competency_name": skill,
        "goal": "g",
        "goal_weight": 1.0,
    } | told


def clicks(company: Company, count: int) -> list[Event]:
    """Managers who accept a nudge for two people each."""
    chance = random.Random(SEED)
    return [_accepted(company, number % len(company.teams), chance) for number in range(count)]


def _accepted(company: Company, number: int, chance: random.Random) -> NudgeAccepted:
    manager = company.managers[number]
    people = tuple(chance.sample(company.members[number], 2))
    return NudgeAccepted(
        **_about_nudge(company, number, chance), version=2, person_ids=people, accepted_by=manager, directory_version=1
    )


def _about_nudge(company: Company, number: int, chance: random.Random) -> dict[str, Any]:
    return {
        "nudge_id": NudgeId(new_id()),
        "gap_id": GapId(new_id()),
        "team_id": company.teams[number],
        "manager_id": company.managers[number],
        "content_id": chance.choice(company.contents),
        "occurred_at": NOW,
    }


def nudges(company: Company, count: int) -> list[Event]:
    """Nudges that are composed, and accepted after a while."""
    chance = random.Random(SEED)
    found: list[Event] = []
    while len(found) < count:
        generation = [_about_nudge(company, number, chance) for number in range(len(company.teams))]
        found += [_composed(company, number, about) for number, about in enumerate(generation)]
        found += [
            NudgeAccepted(
                **about,
                version=2,
                person_ids=company.members[number][:2],
                accepted_by=about["manager_id"],
                directory_version=1,
            )
            for number, about in enumerate(generation)
        ]
    return found[:count]


def _composed(company: Company, number: int, about: Mapping[str, Any]) -> NudgeComposed:
    versions = {"map_version": 1, "content_version": 1, "policy_version": 1}
    return NudgeComposed(
        **about,
        **versions,
        version=1,
        competency=SKILLS[0],
        title="At least 3 failed deliveries since 21 Nov",
        person_ids=company.members[number][:2],
        effort_minutes=30,
        expires_at=NOW + timedelta(days=7),
    )


def assignments(company: Company, count: int) -> list[Event]:
    """Assignments that are held, requested, enrolled and completed."""
    chance = random.Random(SEED)
    found: list[Event] = []
    while len(found) < count:
        lives = [_life_of_assignment(company, number, chance) for number in range(len(company.teams))]
        found += [event for step in zip(*lives, strict=True) for event in step]
    return found[:count]


@dataclass(frozen=True)
class Lesson:
    """An assignment that the LMS was asked for."""

    assignment_id: AssignmentId
    person_id: PersonId
    manager_id: PersonId
    content_id: ContentId


def requests(company: Company) -> Iterator[Lesson]:
    """Everybody is given one course after the other, each once."""
    number = 0
    for content_id in company.contents[:REQUESTS_EACH]:
        for manager_id, members in zip(company.managers, company.members, strict=True):
            for person_id in members:
                number += 1
                yield Lesson(AssignmentId(str(UUID(int=number))), person_id, manager_id, content_id)


def lessons(company: Company, count: int) -> list[Event]:
    """What the LMS reports of those assignments: enrolled, started, completed, one after the other."""
    found: list[Event] = []
    for lesson in requests(company):
        found += [
            LearningRecorded(
                person_id=lesson.person_id,
                content_id=lesson.content_id,
                verb=verb,
                score=0.9 if verb is LearningVerb.COMPLETED else None,
                registration=lesson.assignment_id,
                source=LMS,
                occurred_at=NOW,
            )
            for verb in STEPS
        ]
        if len(found) >= count:
            return found[:count]
    raise ValueError(f"{count} records are more than {len(found)}, which is all that was requested")


def _life_of_assignment(company: Company, number: int, chance: random.Random) -> Sequence[Event]:
    about = {
        "assignment_id": AssignmentId(new_id()),
        "person_id": chance.choice(company.members[number]),
        "content_id": chance.choice(company.contents),
        "team_id": company.teams[number],
        "nudge_id": NudgeId(new_id()),
        "gap_id": GapId(new_id()),
        "assigned_by": company.managers[number],
        "origin": "chosen",
        "occurred_at": NOW,
    }
    lms = {"lms": LMS, "lms_person_id": "L-1", "lms_content_id": "C-1", "directory_version": 1}
    return (
        AssignmentHeld(**about, version=1, undo_until=NOW),
        AssignmentRequested(**about, **lms, version=2),
        AssignmentEnrolled(**about, version=3),
        AssignmentCompleted(**about, version=4, score=0.9),
    )
