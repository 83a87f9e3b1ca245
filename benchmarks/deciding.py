"""The pure decisions, without Kafka and Postgres: how many a processor core takes in a second."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from statistics import median
from time import process_time
from typing import Final
from zoneinfo import ZoneInfo

from benchmarks import records
from benchmarks.company import Company
from benchmarks.measuring import Row, Say, at_least
from kinetic.common.events import Envelope, new_id
from kinetic.common.main import spare_the_collector
from kinetic.contracts.ids import ContentId, EventId
from kinetic.contracts.ingestion import ContentChanged
from kinetic.contracts.skill_gap import GapOpened
from kinetic.recommendation.domain.attention import Policy
from kinetic.recommendation.domain.consider import decide_after_gaps
from kinetic.recommendation.domain.content import Content
from kinetic.recommendation.domain.gap import ToldGap
from kinetic.recommendation.domain.holdout import Holdout
from kinetic.recommendation.domain.picture import Library, Manager, Person, Picture, Team
from kinetic.recommendation.domain.value import Worth

GAPS: Final = "recommendation, gap decisions of the domain"
NAMES: Final = (GAPS,)
TARGET: Final = 5_000
GAPS_AT_ONCE: Final = 400
"""As many as the company has teams: each batch brings one gap of every team."""


def measure(_: Path, rounds: int, say: Say) -> list[Row]:
    """Gaps that open, each weighed against all content for its skill, until a nudge is composed and worded."""
    company = Company.of(teams=GAPS_AT_ONCE)
    opened = [event for event in records.gaps(company, 16 * GAPS_AT_ONCE) if isinstance(event, GapOpened)]
    read = [envelope_of(event) for event in opened]
    batches = [read[begin : begin + GAPS_AT_ONCE] for begin in range(0, len(read), GAPS_AT_ONCE)]
    picture, taken = _picture(company), []
    spare_the_collector()
    for _round in range(rounds):
        started = process_time()
        composed = sum(len(decide_after_gaps(picture, batch, new_id).nudges) for batch in batches)
        taken.append(len(opened) / (process_time() - started))
        if composed != len(opened):
            raise AssertionError(f"{len(opened) - composed} gaps became no nudge")
        say(f"  {GAPS}: {taken[-1]:,.0f} a second")
    return [at_least(GAPS, median(taken), TARGET, "decisions/s", 1.0)]


def envelope_of(event: GapOpened) -> Envelope[ToldGap]:
    """A gap as if it had been read from Kafka."""
    event_id = EventId(new_id())
    return Envelope(event_id, "/kinetic/benchmark", records.NOW, event_id, event)


def _picture(company: Company) -> Picture:
    """The company as the domain sees it, with attention at any hour."""
    policy = Policy(1, 50, None, frozenset(range(1, 8)), 14, Worth(salt="benchmark"), holdout=Holdout(0.0))
    zone, nobody_yet = ZoneInfo("UTC"), 0
    teams = {
        team: Team(Manager(manager, zone, nobody_yet), frozenset(members))
        for team, manager, members in zip(company.teams, company.managers, company.members, strict=True)
    }
    people = {
        person: Person(frozenset({manager}), "en")
        for manager, members in zip(company.managers, company.members, strict=True)
        for person in members
    }
    return Picture(records.NOW, policy, {}, {}, teams, people, Library(_contents(company), {}, {}, {}, {}))


def _contents(company: Company) -> Mapping[ContentId, Content]:
    known = [item for item in company.catalogue() if isinstance(item, ContentChanged)]
    return {
        item.content_id: Content(
            item.content_id, item.version, item.title, item.url, item.language, item.effort_minutes, item.teaches
        )
        for item in known
    }
