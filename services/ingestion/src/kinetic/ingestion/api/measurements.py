"""`POST /measurements`: KPIs in bulk, as JSON or as CSV from a spreadsheet."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from kinetic.common.auth import Principal, Role, require
from kinetic.common.problems import Problem
from kinetic.common.telemetry import current_traceparent
from kinetic.ingestion.api.batches import Results, take_batch
from kinetic.ingestion.api.receipts import TOO_MANY
from kinetic.ingestion.api.schemas import schema_of
from kinetic.ingestion.domain.documents import TimeZone
from kinetic.ingestion.domain.intake import Origin
from kinetic.ingestion.measurements import COLUMNS, OPTIONAL, read_csv_rows, read_json_rows
from kinetic.ingestion.reports import MeasurementReport

router = APIRouter(tags=["measurements"])

Sender = Annotated[Principal, Depends(require(Role.SERVICE, Role.LEARNING, Role.ADMIN))]

_DOOR = "measurements"
_MOMENT = {
    "type": "string",
    "anyOf": [{"format": "date-time"}, {"format": "date"}],
    "description": "A moment with its zone, or a date, which means the whole day in `time_zone`.",
}


def _row_schema() -> dict[str, Any]:
    schema = schema_of(MeasurementReport)
    zone = {"type": "string", "description": "IANA name, e.g. `Europe/Berlin`."}
    schema["properties"] |= {"period_start": _MOMENT, "period_end": _MOMENT, "time_zone": zone}
    return schema


_CSV = {
    "type": "string",
    "description": f"The first line names the columns: {', '.join(COLUMNS)}, and if wanted {', '.join(OPTIONAL)}.",
}
_DOCUMENT = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "array", "items": _row_schema()}},
            "text/csv": {"schema": _CSV},
        },
    }
}


@router.post(
    "/measurements",
    status_code=202,
    response_model=Results,
    openapi_extra=_DOCUMENT,
    responses={207: {"model": Results}, **TOO_MANY},
)
async def take_measurements(
    request: Request,
    sender: Sender,
    time_zone: Annotated[TimeZone | None, Query(description="Of the dates of rows that name none.")] = None,
) -> Response:
    """Take measurements. The answer comes when they are committed, with one result per row.

    202 when all are taken, 207 when some are, 422 when none is. Of several for one KPI, team and period the newest version
    counts; a row without a version is the first. What is not newer is answered `repeated` or `superseded`.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body, origin = await request.body(), Origin(f"principal/{sender.subject}", current_traceparent())
    if media_type == "text/csv":
        return await take_batch(request, read_csv_rows(body, time_zone, origin), _DOOR)
    if media_type == "application/json":
        return await take_batch(request, read_json_rows(body, time_zone, origin), _DOOR)
    raise Problem(415, "Only JSON and CSV are taken here", "Send application/json or text/csv.")
