"""Measurements of a KPI that no capability map defines are parked, and told when one does."""

from __future__ import annotations

from typing import Any

from kinetic.contracts import topics
from services.ingestion.tests.maps import tell_map
from services.ingestion.tests.test_parking import measurement, release, report


def of(kpi: str, event_id: str) -> dict[str, Any]:
    event = measurement(event_id, "payments")
    return {**event, "data": {**event["data"], "kpi": kpi}}


async def test_unknown_kpi_is_parked_with_its_reason(admin: Any, sender: Any, company: Any, ledger: Any) -> None:
    await report(sender, of("error-rate", "1"))

    assert await ledger.told_ids(topics.MEASUREMENTS) == []
    (parked,) = (await admin.get("/parked")).json()
    assert parked["waits_for"] == "kpi/error-rate"
    assert "error-rate" in parked["reason"]


async def test_measurements_are_told_in_order_when_a_map_defines_their_kpi(
    sender: Any, company: Any, ledger: Any, database: Any
) -> None:
    ids = await report(sender, *(of("error-rate", str(number)) for number in range(5)))
    await tell_map(database, "error-rate", version=2)
    late = await report(sender, of("error-rate", "late"))

    await release(database)

    assert await ledger.told_ids(topics.MEASUREMENTS) == ids + late
    assert (await ledger.count("parked"), await ledger.count("parking_lane")) == (0, 0)


async def test_map_that_does_not_define_the_kpi_tells_nothing(
    sender: Any, company: Any, ledger: Any, database: Any
) -> None:
    await report(sender, of("error-rate", "1"))

    await tell_map(database, "lead-time", "change-rate", version=2)
    await release(database)

    assert await ledger.told_ids(topics.MEASUREMENTS) == []


async def test_kpi_that_a_newer_map_dropped_is_unknown(sender: Any, company: Any, ledger: Any, database: Any) -> None:
    await tell_map(database, "error-rate", version=2)

    await report(sender, of("lead-time", "1"))

    assert await ledger.count("parked") == 1


async def test_older_map_that_comes_later_changes_nothing(
    sender: Any, company: Any, ledger: Any, database: Any
) -> None:
    await tell_map(database, "error-rate", version=3)
    await tell_map(database, "lead-time", version=2)

    (known,) = await report(sender, of("error-rate", "1"))
    await report(sender, of("lead-time", "2"))

    assert await ledger.told_ids(topics.MEASUREMENTS) == [known]
