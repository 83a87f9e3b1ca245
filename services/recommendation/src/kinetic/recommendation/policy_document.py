"""The policy as it is edited and shown over HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import time
from typing import Annotated, Literal, get_args
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from kinetic.contracts.ids import ContentId
from kinetic.recommendation.domain.attention import Policy, QuietHours, Rests
from kinetic.recommendation.domain.holdout import Holdout
from kinetic.recommendation.domain.value import Worth

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Format = Literal["course", "article", "video", "workshop", "practice"]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["18:00"])]
Days = Annotated[int, Field(ge=0, le=3650)]

_DAYS: tuple[Day, ...] = get_args(Day)
_DEFAULT = Worth()
_RESTS = Rests()
_HOLDOUT = Holdout()


class QuietHoursDocument(BaseModel):
    """When nobody is interrupted, on the manager's clock; over midnight when `end` is the earlier."""

    start: Clock
    end: Clock

    @model_validator(mode="after")
    def _must_end(self) -> QuietHoursDocument:
        if self.start == self.end:
            raise ValueError("start and end are the same: leave quiet_hours out, or set null, for none")
        return self


class PolicyDocument(BaseModel):
    """How often, and when, a manager may be interrupted, and what that has to be worth."""

    weekly_budget: int = Field(
        ge=0, le=50, description="Nudges and notices per manager and ISO week, in their time zone."
    )
    quiet_hours: QuietHoursDocument | None = None
    working_days: list[Day] = Field(min_length=1, max_length=7)
    nudge_ttl_days: int = Field(ge=1, le=90, description="After so many days an unanswered nudge expires.")
    kpi_sd_hours: float = Field(
        default=_DEFAULT.kpi_sd_hours,
        ge=0,
        le=10_000,
        description="Person-hours per member and quarter that one standard deviation of a KPI is worth.",
    )
    interruption_minutes: float = Field(
        default=_DEFAULT.interruption_minutes,
        ge=0,
        le=10_000,
        description="What the first nudge of a week costs a manager; the last one costs nearly twice that.",
    )
    allowed_formats: list[Format] | None = Field(
        default=None, description="Content of other formats is not suggested; null allows all."
    )
    mandated_content: list[UUID] = Field(
        default=[],
        max_length=1000,
        description="What HR assigns itself to whom it concerns: never suggested to a manager, who has nothing to choose about it.",
    )
    cool_down_days: Days = Field(
        default=_RESTS.cool_down, description="After a nudge has ended, for its team and competency."
    )
    already_covered_days: Days = Field(
        default=_RESTS.already_covered, description="After it was dismissed as already covered."
    )
    wrong_skill_days: Days = Field(default=_RESTS.wrong_skill, description="After it was dismissed as the wrong skill.")
    wrong_people_days: Days = Field(
        default=_RESTS.wrong_people, description="So long, people called wrong are left out."
    )
    bad_timing_days: Days = Field(
        default=_RESTS.bad_timing, description="After it was dismissed as badly timed. It may come again."
    )
    holdout_share: float = Field(
        default=_HOLDOUT.share,
        ge=0,
        le=0.5,
        description="How many of all teams and competencies of a quarter no manager is nudged about, so that what nudging "
        "does can be told; 0 turns it off. Those of safety and security are never among them.",
    )


class PolicyView(PolicyDocument):
    """The policy in force. Every nudge names the version that it was composed under."""

    version: int


def policy_of(document: PolicyDocument, before: Policy) -> Policy:
    """The next version of the policy. The salts stay: draws of one installation stay its own."""
    formats = document.allowed_formats
    return Policy(
        version=before.version + 1,
        weekly_budget=document.weekly_budget,
        quiet_hours=hours_of(document.quiet_hours) if document.quiet_hours else None,
        working_days=numbers_of(document.working_days),
        nudge_ttl_days=document.nudge_ttl_days,
        worth=Worth(
            kpi_sd_hours=document.kpi_sd_hours,
            interruption_minutes=document.interruption_minutes,
            allowed_formats=None if formats is None else frozenset(formats),
            salt=before.worth.salt,
            mandated_content=frozenset(ContentId(str(content_id)) for content_id in document.mandated_content),
        ),
        rests=Rests(**{field.name: getattr(document, f"{field.name}_days") for field in fields(Rests)}),
        holdout=Holdout(document.holdout_share, before.holdout.salt),
    )


def view_of(policy: Policy) -> PolicyView:
    """The policy as it is shown."""
    worth = policy.worth
    return PolicyView.model_validate(
        {
            "version": policy.version,
            "weekly_budget": policy.weekly_budget,
            "quiet_hours": shown_hours(policy.quiet_hours) if policy.quiet_hours else None,
            "working_days": days_of(policy.working_days),
            "nudge_ttl_days": policy.nudge_ttl_days,
            "kpi_sd_hours": worth.kpi_sd_hours,
            "interruption_minutes": worth.interruption_minutes,
            "allowed_formats": None if worth.allowed_formats is None else sorted(worth.allowed_formats),
            "mandated_content": sorted(worth.mandated_content),
            **{f"{name}_days": days for name, days in asdict(policy.rests).items()},
            "holdout_share": policy.holdout.share,
        }
    )


def hours_of(document: QuietHoursDocument) -> QuietHours:
    """Quiet hours as they are decided by."""
    return QuietHours(time.fromisoformat(document.start), time.fromisoformat(document.end))


def shown_hours(quiet: QuietHours) -> QuietHoursDocument:
    """Quiet hours as they are shown."""
    return QuietHoursDocument(start=f"{quiet.start:%H:%M}", end=f"{quiet.end:%H:%M}")


def numbers_of(days: Iterable[Day]) -> frozenset[int]:
    """ISO weekdays, Monday = 1."""
    return frozenset(_DAYS.index(day) + 1 for day in days)


def days_of(numbers: Iterable[int]) -> list[Day]:
    """ISO weekdays by name, in order."""
    return [_DAYS[number - 1] for number in sorted(numbers)]
