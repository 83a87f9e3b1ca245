"""The holdout: about some gaps no manager is nudged, so that what nudging does can be told from what happens anyway.

It is drawn once per team, competency and quarter, before it is asked what to suggest, and anybody can draw again:

    u = first 53 bits of SHA-256("salt|team_id|competency|quarter") / 2^53, withheld when u < share

e.g. of ``s3cret|018f…|testing|2026-Q4`` in UTF-8. The quarter is that of UTC in which the gap opened, which the id of the gap
tells. So replays, replicas and gaps that open again in the quarter agree, whatever the clock says when they are considered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from kinetic.common.retention import moment_of
from kinetic.contracts.ids import CompetencyKey, GapId, TeamId
from kinetic.contracts.recommendation import Arm, HoldoutDrawn, NudgeWithheld
from kinetic.contracts.skill_gap import GapChanged, GapOpened

WITHHELD_FOR: Final = timedelta(days=92)
"""The longest quarter: a gap that is open for longer is treated as any other. Nobody is left alone for good."""


@dataclass(frozen=True, slots=True)
class Holdout:
    """What the policy says: how many of all draws are withheld, 0 for none, and the salt of the installation.

    The salt is not that of the draws among content, which managers can see.
    """

    share: float = 0.1
    salt: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """What is drawn for. `quarter` reads as ``2026-Q4``."""

    team_id: TeamId
    competency: CompetencyKey
    quarter: str


@dataclass(frozen=True, slots=True)
class Draw:
    """What was drawn for a unit, under which policy, and because of which gap. It stands, whatever the policy says later."""

    unit: Unit
    arm: Arm
    share: float
    policy_version: int
    gap_id: GapId
    drawn_at: datetime

    @property
    def event(self) -> HoldoutDrawn:
        """What is told of it, once."""
        return HoldoutDrawn(
            team_id=self.unit.team_id,
            competency=self.unit.competency,
            quarter=self.unit.quarter,
            arm=self.arm,
            share=self.share,
            policy_version=self.policy_version,
            gap_id=self.gap_id,
            occurred_at=self.drawn_at,
        )

    def withholds(self, gap_id: GapId, now: datetime) -> NudgeWithheld:
        """What is told of each gap of a withheld unit."""
        return NudgeWithheld(
            gap_id=gap_id,
            team_id=self.unit.team_id,
            competency=self.unit.competency,
            quarter=self.unit.quarter,
            until=withheld_until(gap_id),
            policy_version=self.policy_version,
            occurred_at=now,
        )


def is_eligible(told: GapOpened | GapChanged, holdout: Holdout, now: datetime) -> bool:
    """Whether a gap without a nudge takes part: never when safety or security are at stake, and not for ever."""
    return holdout.share > 0 and told.may_be_withheld and now < withheld_until(told.gap_id)


def unit_of(told: GapOpened | GapChanged) -> Unit:
    """The unit of a gap: that of the quarter in which it opened."""
    return Unit(told.team_id, told.competency, quarter_of(moment_of(told.gap_id)))


def quarter_of(moment: datetime) -> str:
    """The calendar quarter of a moment in UTC."""
    return f"{moment.year}-Q{(moment.month + 2) // 3}"


def withheld_until(gap_id: GapId) -> datetime:
    """Until when a gap can be withheld, by the time at which it opened."""
    return moment_of(gap_id) + WITHHELD_FOR


def number_of(unit: Unit, salt: str) -> float:
    """The number of a unit, uniform over 0 ≤ u < 1."""
    seed = f"{salt}|{unit.team_id}|{unit.competency}|{unit.quarter}".encode()
    return (int.from_bytes(sha256(seed).digest()[:7], "big") >> 3) / 2**53


def arm_of(unit: Unit, holdout: Holdout) -> Arm:
    """The arm that a unit is drawn into."""
    return Arm.WITHHELD if number_of(unit, holdout.salt) < holdout.share else Arm.TREATED
