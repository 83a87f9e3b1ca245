"""Events of recommendation: one suggestion to one manager about one gap."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from kinetic.contracts import topics
from kinetic.contracts.event import Event
from kinetic.contracts.fields import Minutes
from kinetic.contracts.ids import CompetencyKey, ContentId, EventId, GapId, NoticeId, NudgeId, PersonId, TeamId


class _NudgeEvent(Event):
    topic: ClassVar[str] = topics.NUDGES

    nudge_id: NudgeId
    gap_id: GapId
    team_id: TeamId
    manager_id: PersonId
    content_id: ContentId
    version: int = Field(description="Counts the changes of this nudge from 1.")
    occurred_at: datetime

    @property
    def key(self) -> str:
        return self.team_id


class NudgeComposed(_NudgeEvent):
    """A suggestion stands in a manager's inbox."""

    type: ClassVar[str] = "kinetic.nudge.composed.v1"

    competency: CompetencyKey
    title: str
    person_ids: tuple[PersonId, ...]
    effort_minutes: Minutes
    expires_at: datetime
    map_version: int
    content_version: int
    policy_version: int
    expected_value_hours: float | None = Field(
        default=None, description="Expected gain less its costs, in person-hours per quarter, when it was composed."
    )
    propensity: float | None = Field(
        default=None, ge=0, le=1, description="How likely this content was to be chosen among those that were worth it."
    )


class NudgeSeen(_NudgeEvent):
    """The manager has opened the nudge for the first time."""

    type: ClassVar[str] = "kinetic.nudge.seen.v1"


class SnoozeUntil(StrEnum):
    """Until when a manager does not want to see a nudge; `moved` is when its gap moves again."""

    TOMORROW = "tomorrow"
    MONDAY = "monday"
    MOVED = "moved"


class NudgeSnoozed(_NudgeEvent):
    """The manager wants it later. It comes back at `due_at`, on their clock; when its gap moves again if that is null."""

    type: ClassVar[str] = "kinetic.nudge.snoozed.v1"

    until: SnoozeUntil
    due_at: datetime | None
    expires_at: datetime
    snoozed_by: PersonId


class ResumptionReason(StrEnum):
    """Why a snoozed nudge is back."""

    DUE = "due"
    MOVED = "moved"


class NudgeResumed(_NudgeEvent):
    """A snoozed nudge stands in the inbox again, as its manager asked. It costs no attention a second time."""

    type: ClassVar[str] = "kinetic.nudge.resumed.v1"

    reason: ResumptionReason


class NudgeAccepted(_NudgeEvent):
    """The manager assigned with one click. Checked against the directory version given here."""

    type: ClassVar[str] = "kinetic.nudge.accepted.v1"

    person_ids: tuple[PersonId, ...] = Field(min_length=1)
    accepted_by: PersonId
    directory_version: int


class DismissalReason(StrEnum):
    """Why a manager said no."""

    ALREADY_COVERED = "already_covered"
    WRONG_PEOPLE = "wrong_people"
    WRONG_SKILL = "wrong_skill"
    WRONG_EVIDENCE = "wrong_evidence"
    BAD_TIMING = "bad_timing"


class NudgeDismissed(_NudgeEvent):
    """The manager said no. The reason decides what may be suggested for the team and competency later, and when."""

    type: ClassVar[str] = "kinetic.nudge.dismissed.v1"

    reason: DismissalReason
    dismissed_by: PersonId


class NudgeExpired(_NudgeEvent):
    """Nobody acted before the nudge became stale."""

    type: ClassVar[str] = "kinetic.nudge.expired.v1"


class WithdrawalReason(StrEnum):
    """Why Kinetic took a nudge back. Content that no longer teaches what the gap is about counts as retired."""

    GAP_CLOSED = "gap_closed"
    MANAGER_CHANGED = "manager_changed"
    CONTENT_RETIRED = "content_retired"


class NudgeWithdrawn(_NudgeEvent):
    """The reason for the nudge is gone."""

    type: ClassVar[str] = "kinetic.nudge.withdrawn.v1"

    reason: WithdrawalReason


class DeferralReason(StrEnum):
    """Why a gap does not become a nudge now."""

    WEEKLY_BUDGET = "weekly_budget"
    QUIET_HOURS = "quiet_hours"


class NudgeDeferred(Event):
    """A nudge was not composed: the manager's attention is spent for now. It is considered again at `due_at`."""

    type: ClassVar[str] = "kinetic.nudge.deferred.v1"
    topic: ClassVar[str] = topics.NUDGES

    gap_id: GapId
    team_id: TeamId
    manager_id: PersonId
    reason: DeferralReason
    due_at: datetime
    occurred_at: datetime

    @property
    def key(self) -> str:
        return self.team_id


class Arm(StrEnum):
    """Where a draw of the holdout puts a team and a competency for a quarter."""

    TREATED = "treated"
    WITHHELD = "withheld"


class HoldoutDrawn(Event):
    """The holdout has drawn for a team, a competency and a quarter, before it is asked what to suggest. Told once, in both arms."""

    type: ClassVar[str] = "kinetic.holdout.drawn.v1"
    topic: ClassVar[str] = topics.NUDGES

    team_id: TeamId
    competency: CompetencyKey
    quarter: str = Field(description="The calendar quarter of UTC in which the gap opened, e.g. `2026-Q4`.")
    arm: Arm
    share: float = Field(ge=0, le=1, description="How many of all draws are to be withheld.")
    policy_version: int = Field(description="The policy that says the share.")
    gap_id: GapId = Field(description="The gap because of which it was drawn. Later ones of the quarter share its arm.")
    occurred_at: datetime

    @property
    def key(self) -> str:
        return self.team_id


class NudgeWithheld(Event):
    """The holdout keeps a gap from becoming a nudge, so that what nudges do can be told. Told once for each gap, and to no manager."""

    type: ClassVar[str] = "kinetic.nudge.withheld.v1"
    topic: ClassVar[str] = topics.NUDGES

    gap_id: GapId
    team_id: TeamId
    competency: CompetencyKey
    quarter: str = Field(description="The quarter of the draw, e.g. `2026-Q4`.")
    until: datetime = Field(description="When the gap, if it is still open, may become a nudge after all.")
    policy_version: int = Field(description="The policy under which it was drawn.")
    occurred_at: datetime

    @property
    def key(self) -> str:
        return self.team_id


class _NoticeEvent(Event):
    """About a message that another service asked for."""

    topic: ClassVar[str] = topics.NUDGES

    notice_id: NoticeId
    request_id: EventId = Field(description="The event that asked for it.")
    subject: str = Field(description="The type of that event.")
    manager_id: PersonId = Field(description="Whom it stands before; who was to read it when it stood before nobody.")
    team_id: TeamId | None
    version: int = Field(description="Counts the changes of this message from 1.")
    occurred_at: datetime

    @property
    def key(self) -> str:
        return self.manager_id


class NoticeComposed(_NoticeEvent):
    """What another service asked for stands before a manager, and counts in their week as a nudge does."""

    type: ClassVar[str] = "kinetic.notice.composed.v1"

    expires_at: datetime


class NoticeEnding(StrEnum):
    """Why it stands before nobody any more, or never did: `weekly_budget` and `quiet_hours` kept it waiting until it expired."""

    DONE = "done"
    EXPIRED = "expired"
    WEEKLY_BUDGET = "weekly_budget"
    QUIET_HOURS = "quiet_hours"
    NO_MANAGER = "no_manager"
    MANAGER_CHANGED = "manager_changed"


class NoticeEnded(_NoticeEvent):
    """What another service asked for is over. When its manager has changed, another one about the same request follows."""

    type: ClassVar[str] = "kinetic.notice.ended.v1"

    reason: NoticeEnding
