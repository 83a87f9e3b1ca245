"""The policy, version by version."""

from __future__ import annotations

from dataclasses import astuple, fields

from kinetic.common.database import Transaction
from kinetic.recommendation.domain.attention import Policy, QuietHours, Rests
from kinetic.recommendation.domain.holdout import Holdout
from kinetic.recommendation.domain.value import Worth

_RESTS = tuple(field.name for field in fields(Rests))


async def load(tx: Transaction) -> Policy:
    """The policy in force. The first one comes with the schema."""
    row = await tx.fetch_one("SELECT * FROM policy ORDER BY version DESC LIMIT 1")
    if row is None:
        raise LookupError("there is no policy: the schema was not migrated as a whole")
    quiet_hours = None if row["quiet_start"] is None else QuietHours(row["quiet_start"], row["quiet_end"])
    return Policy(
        version=row["version"],
        weekly_budget=row["weekly_budget"],
        quiet_hours=quiet_hours,
        working_days=frozenset(row["working_days"]),
        nudge_ttl_days=row["nudge_ttl_days"],
        worth=Worth(
            kpi_sd_hours=row["kpi_sd_hours"],
            interruption_minutes=row["interruption_minutes"],
            allowed_formats=None if row["allowed_formats"] is None else frozenset(row["allowed_formats"]),
            salt=row["salt"],
            mandated_content=frozenset(row["mandated_content"]),
        ),
        rests=Rests(**{name: row[f"{name}_days"] for name in _RESTS}),
        holdout=Holdout(row["holdout_share"], row["holdout_salt"]),
    )


async def lock(tx: Transaction) -> None:
    """Hold the policy against another edit until the transaction ends."""
    await tx.execute("LOCK TABLE policy IN SHARE ROW EXCLUSIVE MODE")


async def save(tx: Transaction, policy: Policy, set_by: str) -> None:
    """Keep a new version."""
    quiet_hours = policy.quiet_hours
    await tx.execute(
        """INSERT INTO policy (version, weekly_budget, quiet_start, quiet_end, working_days, nudge_ttl_days,
                               kpi_sd_hours, interruption_minutes, allowed_formats, salt, set_by, set_at,
                               cool_down_days, already_covered_days, wrong_skill_days, wrong_people_days, bad_timing_days,
                               holdout_share, holdout_salt, mandated_content)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, clock_timestamp(), $12, $13, $14, $15, $16, $17, $18,
                   $19)""",
        policy.version,
        policy.weekly_budget,
        quiet_hours.start if quiet_hours else None,
        quiet_hours.end if quiet_hours else None,
        sorted(policy.working_days),
        policy.nudge_ttl_days,
        policy.worth.kpi_sd_hours,
        policy.worth.interruption_minutes,
        None if policy.worth.allowed_formats is None else sorted(policy.worth.allowed_formats),
        policy.worth.salt,
        set_by,
        *astuple(policy.rests),
        *astuple(policy.holdout),
        sorted(policy.worth.mandated_content),
    )
