"""The catalogue as this service needs it, and what became of its items."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import asyncpg

from kinetic.common.database import Transaction
from kinetic.contracts.feedback import ContentAppraised
from kinetic.contracts.ids import CompetencyKey, ContentId
from kinetic.contracts.ingestion import ContentChanged, Teaches
from kinetic.recommendation.domain.content import Appraisal, Content
from kinetic.recommendation.domain.effect import MeasuredEffect


async def save(tx: Transaction, contents: Sequence[ContentChanged]) -> None:
    """Keep the newest version of each content item."""
    await tx.execute_many(
        """INSERT INTO content (content_id, version, title, url, language, effort_minutes, teaches, competencies, retired, format)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
           ON CONFLICT (content_id) DO UPDATE SET
               version = excluded.version, title = excluded.title, url = excluded.url, language = excluded.language,
               effort_minutes = excluded.effort_minutes, teaches = excluded.teaches,
               competencies = excluded.competencies, retired = excluded.retired, format = excluded.format
           WHERE content.version < excluded.version""",
        [
            (
                c.content_id,
                c.version,
                c.title,
                c.url,
                c.language,
                c.effort_minutes,
                [taught.model_dump(mode="json") for taught in c.teaches],
                sorted({taught.competency for taught in c.teaches}),
                c.retired,
                c.format,
            )
            for c in contents
        ],
    )


async def titles(tx: Transaction, content_ids: Iterable[ContentId]) -> dict[ContentId, str]:
    """What those of `content_ids` that the catalogue has ever told of are called."""
    rows = await tx.fetch("SELECT content_id, title FROM content WHERE content_id = ANY($1::uuid[])", list(content_ids))
    return {row["content_id"]: row["title"] for row in rows}


async def load(
    tx: Transaction, competencies: Iterable[CompetencyKey], content_ids: Iterable[ContentId]
) -> tuple[dict[ContentId, Content], dict[ContentId, Appraisal]]:
    """What teaches one of `competencies`, and `content_ids` whatever they teach by now; what became of it, if anything did."""
    rows = await tx.fetch(
        """SELECT content_id, content.version, title, url, language, effort_minutes, teaches, retired, format,
                  appraisal.version AS appraised, accepted, dismissed, expired, requested, completed, effect
           FROM content LEFT JOIN appraisal USING (content_id)
           WHERE competencies && $1::text[] OR content_id = ANY($2::uuid[])""",
        list(competencies),
        list(content_ids),
    )
    contents = {row["content_id"]: _content(row) for row in rows}
    return contents, {row["content_id"]: _appraisal(row) for row in rows if row["appraised"] is not None}


async def appraisals(tx: Transaction, content_ids: Iterable[ContentId]) -> dict[ContentId, Appraisal]:
    """What became of those items of which anything is known."""
    rows = await tx.fetch("SELECT * FROM appraisal WHERE content_id = ANY($1::uuid[])", list(content_ids))
    return {row["content_id"]: _appraisal(row) for row in rows}


async def save_appraisals(tx: Transaction, appraised: Sequence[ContentAppraised]) -> None:
    """Keep the newest appraisal of each content item."""
    await tx.execute_many(
        """INSERT INTO appraisal (content_id, version, accepted, dismissed, expired, requested, completed, effect)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
           ON CONFLICT (content_id) DO UPDATE SET
               version = excluded.version, accepted = excluded.accepted, dismissed = excluded.dismissed,
               expired = excluded.expired, requested = excluded.requested, completed = excluded.completed,
               effect = excluded.effect
           WHERE appraisal.version < excluded.version""",
        [
            (
                a.content_id,
                a.version,
                a.nudges_accepted,
                a.nudges_dismissed,
                a.nudges_expired,
                a.assignments_requested,
                a.assignments_completed,
                a.effect.model_dump(mode="json") if a.effect else None,
            )
            for a in sorted(appraised, key=lambda a: (a.content_id, a.version))
        ],
    )


def _appraisal(row: asyncpg.Record) -> Appraisal:
    return Appraisal(
        accepted=row["accepted"],
        dismissed=row["dismissed"],
        expired=row["expired"],
        requested=row["requested"],
        completed=row["completed"],
        effect=MeasuredEffect(**row["effect"]) if row["effect"] else None,
    )


def _content(row: asyncpg.Record) -> Content:
    return Content(
        content_id=ContentId(row["content_id"]),
        version=row["version"],
        title=row["title"],
        url=row["url"],
        language=row["language"],
        effort_minutes=row["effort_minutes"],
        teaches=tuple(Teaches.model_validate(item) for item in row["teaches"]),
        retired=row["retired"],
        format=row["format"],
    )
