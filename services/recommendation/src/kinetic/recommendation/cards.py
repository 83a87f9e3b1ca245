"""What a manager sees of a nudge. Names of people stand here only: this is the private view of their own manager."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from kinetic.contracts.ids import CompetencyKey, ContentId, GapId, NudgeId, PersonId, TeamId
from kinetic.contracts.recommendation import DismissalReason, SnoozeUntil, WithdrawalReason
from kinetic.recommendation.domain import wording
from kinetic.recommendation.domain.content import UNAPPRAISED, Appraisal
from kinetic.recommendation.domain.expectation import Expectation, expectation_of
from kinetic.recommendation.domain.left_out import LeftOut, Reason
from kinetic.recommendation.domain.nudge import Nudge, Outcome, Snooze, State
from kinetic.recommendation.words import Phrasebook


class TeamView(BaseModel):
    """The team that a nudge is about. `size` counts its members besides the manager, when the offer was made."""

    team_id: TeamId
    name: str
    size: int


class ContentView(BaseModel):
    """The content that is suggested."""

    content_id: ContentId
    title: str
    url: str
    language: str
    effort_minutes: int


class PersonView(BaseModel):
    """One of the people concerned who report to the reader now."""

    person_id: PersonId
    name: str


class EvidenceView(BaseModel):
    """One observation that speaks for the gap."""

    source: str
    statement: str
    url: str | None
    observed_at: datetime
    age: str = Field(description="E.g. `2 hours ago`.")


class ReasonView(BaseModel):
    """A reason to say no."""

    reason: DismissalReason
    label: str


class UntilView(BaseModel):
    """Until when a nudge can be snoozed."""

    until: SnoozeUntil
    label: str


class ActionView(BaseModel):
    """Something the reader can do now: POST to `path` with `version` in the body."""

    action: Literal["assign", "snooze", "dismiss"]
    label: str
    path: str
    version: int
    reasons: list[ReasonView] = Field(default=[], description="One of them goes into the body of a dismissal.")
    until: list[UntilView] = Field(default=[], description="One of them goes into the body of a snooze.")


class LeftOutView(BaseModel):
    """One of those whom the click assigned, and who was left out after all."""

    person_id: PersonId
    name: str
    reason: Reason
    statement: str = Field(description="E.g. `no longer reports to you`.")


class SnoozeView(BaseModel):
    """Until when the nudge rests. `due_at` is null until the gap moves again."""

    until: SnoozeUntil
    at: datetime
    due_at: datetime | None
    statement: str = Field(description="E.g. `Snoozed until 30 Nov 08:00.`")


class OutcomeView(BaseModel):
    """How the nudge ended."""

    at: datetime
    statement: str
    by: PersonId | None
    person_ids: list[PersonId]
    left_out: list[LeftOutView]
    reason: DismissalReason | WithdrawalReason | None


class Card(BaseModel):
    """One suggestion: what slipped, why, for how many people, how many minutes, and what can be done."""

    nudge_id: NudgeId
    gap_id: GapId
    state: State
    version: int = Field(description="Goes into the body of every action, so that a stale click can be told.")
    title: str
    why: str
    competency: CompetencyKey
    competency_name: str
    goal: str | None
    team: TeamView
    content: ContentView
    people_count: int
    people: list[PersonView]
    effort: str = Field(description="E.g. `25 minutes each, 75 in total`.")
    expectation: str = Field(description="What is known of the effect of the content.")
    how_often: str
    evidence: list[EvidenceView]
    actions: list[ActionView]
    snooze: SnoozeView | None
    outcome: OutcomeView | None
    composed_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and when: their reports, everybody's names, their teams' names, who was left out of which nudge, what became
    of content so far, their clock, their language, their weekly budget.
    """

    reports: Set[PersonId]
    names: Mapping[PersonId, str]
    team_names: Mapping[TeamId, str]
    left_out: Mapping[NudgeId, Sequence[LeftOut]]
    appraisals: Mapping[ContentId, Appraisal]
    zone: ZoneInfo
    book: Phrasebook
    weekly_budget: int
    now: datetime

    def expectation_of(self, nudge: Nudge) -> Expectation:
        """What is known of the effect of the content of a nudge."""
        return expectation_of(self.appraisals.get(nudge.offer.content.content_id, UNAPPRAISED))


def card_of(nudge: Nudge, reader: Reader) -> Card:
    """The card of a nudge as its manager sees it."""
    words = wording.word_offer(nudge.offer, nudge.competency, reader.book, reader.zone)
    return Card(
        nudge_id=nudge.nudge_id,
        gap_id=nudge.gap_id,
        state=nudge.state,
        version=nudge.version,
        title=words.title,
        why=words.why,
        competency=nudge.competency,
        competency_name=nudge.offer.competency_name,
        goal=nudge.offer.goal,
        team=_team(nudge, reader),
        content=_content(nudge),
        people_count=len(nudge.offer.person_ids),
        people=_people(nudge, reader),
        effort=wording.effort(nudge.offer.content.effort_minutes, len(nudge.offer.person_ids), reader.book),
        expectation=wording.expectation(reader.expectation_of(nudge), reader.book),
        how_often=reader.book.say("how-often", count=reader.weekly_budget),
        evidence=_evidence(nudge, reader),
        actions=_actions(nudge, reader.book) if nudge.is_open else [],
        **_what_became(nudge, reader),
        composed_at=nudge.composed_at,
        expires_at=nudge.expires_at,
    )


def _team(nudge: Nudge, reader: Reader) -> TeamView:
    name = reader.team_names.get(nudge.team_id, "")
    return TeamView(team_id=nudge.team_id, name=name, size=nudge.offer.team_size)


def _content(nudge: Nudge) -> ContentView:
    content = nudge.offer.content
    return ContentView(
        content_id=content.content_id,
        title=content.title,
        url=content.url,
        language=content.language,
        effort_minutes=content.effort_minutes,
    )


def _people(nudge: Nudge, reader: Reader) -> list[PersonView]:
    shown = [person_id for person_id in nudge.offer.person_ids if person_id in reader.reports]
    people = [PersonView(person_id=person_id, name=reader.names.get(person_id, "")) for person_id in shown]
    return sorted(people, key=lambda person: (person.name.casefold(), person.person_id))


def _evidence(nudge: Nudge, reader: Reader) -> list[EvidenceView]:
    newest_first = sorted(nudge.offer.evidence, key=lambda item: item.observed_at, reverse=True)
    return [
        EvidenceView(
            source=item.source,
            statement=item.statement,
            url=item.url,
            observed_at=item.observed_at,
            age=reader.book.age(item.observed_at, reader.now),
        )
        for item in newest_first
    ]


def _actions(nudge: Nudge, book: Phrasebook) -> list[ActionView]:
    path = f"/nudges/{nudge.nudge_id}"
    label = book.say("action-assign", people=len(nudge.offer.person_ids))
    until = [UntilView(until=until, label=book.say(f"snooze-{until}")) for until in SnoozeUntil]
    reasons = [ReasonView(reason=reason, label=book.say(f"dismissal-{reason}")) for reason in DismissalReason]
    return [
        ActionView(action="assign", label=label, path=f"{path}/assign", version=nudge.version),
        ActionView(
            action="snooze",
            label=book.say("action-snooze"),
            path=f"{path}/snooze",
            version=nudge.version,
            until=until,
        ),
        ActionView(
            action="dismiss",
            label=book.say("action-dismiss"),
            path=f"{path}/dismiss",
            version=nudge.version,
            reasons=reasons,
        ),
    ]


def _what_became(nudge: Nudge, reader: Reader) -> dict[str, Any]:
    return {
        "snooze": _snooze(nudge.snooze, reader) if nudge.snooze else None,
        "outcome": _outcome(nudge, nudge.outcome, reader) if nudge.outcome else None,
    }


def _snooze(snooze: Snooze, reader: Reader) -> SnoozeView:
    statement = wording.snoozed(snooze.due_at, reader.book, reader.zone)
    return SnoozeView(until=snooze.until, at=snooze.at, due_at=snooze.due_at, statement=statement)


def _outcome(nudge: Nudge, outcome: Outcome, reader: Reader) -> OutcomeView:
    left_out = [
        LeftOutView(
            person_id=one.person_id,
            name=reader.names.get(one.person_id, ""),
            reason=one.reason,
            statement=wording.left_out(one.reason, reader.book),
        )
        for one in reader.left_out.get(nudge.nudge_id, ())
    ]
    return OutcomeView(
        at=outcome.at,
        statement=wording.ended(nudge, outcome, reader.book, reader.zone),
        by=outcome.by,
        person_ids=list(outcome.person_ids),
        left_out=left_out,
        reason=outcome.reason,
    )
