"""What a manager sees of what one of their reports holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, Field

from kinetic.contracts.ids import CompetencyKey, ContentId, PersonId
from kinetic.skill_gap.domain.evidence import Kind, MasteryEvidence
from kinetic.skill_gap.domain.mastery import Holding, Mastery
from kinetic.skill_gap.domain.validation import Reason, Statement, Validation


class EvidenceView(BaseModel):
    """One thing that a level rests on."""

    kind: Kind
    level: float = Field(description="What the content teaches, or what the manager said.")
    score: float | None
    content_id: ContentId | None
    at: datetime
    expires_at: datetime | None
    expired: bool


class ValidationView(BaseModel):
    """What a manager said, and when."""

    statement: Statement
    level: float
    level_before: float | None = Field(description="What the person was taken to hold until then.")
    reason: Reason | None
    said_by: PersonId
    said_at: datetime


class HeldView(BaseModel):
    """What a person holds of a competency. All figures are null while they are not assessed, which is not zero."""

    competency: CompetencyKey
    level: float | None = Field(description="What is left of it now, 0..5.")
    level_reached: float | None = Field(description="The highest that was reached.")
    retained: float | None = Field(description="The share left of what was there when it was last put to the test.")
    tested_at: datetime | None = Field(description="When that was.")
    expires_at: datetime | None = Field(description="When the next evidence that it rests on expires.")
    rests_on: list[EvidenceView] = Field(description="The newest evidence, oldest first.")
    rests_on_more: bool = Field(description="Whether it also rests on older evidence than is shown.")
    validations: list[ValidationView] = Field(description="What was last said, the newest first.")


class PersonView(BaseModel):
    """What a person holds at a moment."""

    person_id: PersonId
    as_of: datetime
    competencies: list[HeldView]


def view_held(competency: CompetencyKey, holding: Holding, said: Sequence[Validation], now: datetime) -> HeldView:
    """What a person holds of a competency, with what was said of it."""
    return HeldView(
        competency=competency,
        **_figures(holding.mastery(now), now),
        expires_at=holding.expires_at(now),
        rests_on=[_view_evidence(evidence, now) for evidence in holding.evidence],
        rests_on_more=holding.start is not None,
        validations=[_view_validation(one) for one in said],
    )


def _figures(mastery: Mastery | None, now: datetime) -> dict[str, float | datetime | None]:
    if mastery is None:
        return dict.fromkeys(("level", "level_reached", "retained", "tested_at"))
    return {
        "level": mastery.at(now),
        "level_reached": mastery.level,
        "retained": mastery.memory.retained(now),
        "tested_at": mastery.memory.reviewed_at,
    }


def _view_evidence(evidence: MasteryEvidence, now: datetime) -> EvidenceView:
    return EvidenceView(
        kind=evidence.kind,
        level=evidence.level,
        score=evidence.score,
        content_id=evidence.content_id,
        at=evidence.at,
        expires_at=evidence.expires_at,
        expired=not evidence.counts(now),
    )


def _view_validation(said: Validation) -> ValidationView:
    return ValidationView(
        statement=said.words.statement,
        level=said.words.level,
        level_before=said.level_before,
        reason=said.words.reason,
        said_by=said.said_by,
        said_at=said.said_at,
    )
