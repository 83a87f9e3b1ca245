"""The only wiring of the doctor: all checks, side by side."""

from __future__ import annotations

from collections.abc import Iterable

from kinetic.cli.doctor.checks import Check, run_checks
from kinetic.cli.doctor.door_checks import door_checks
from kinetic.cli.doctor.finding import Finding, skipped, without_secrets, wrong
from kinetic.cli.doctor.gathering.code import load_services
from kinetic.cli.doctor.kafka_checks import kafka_check
from kinetic.cli.doctor.postgres_checks import postgres_check
from kinetic.cli.doctor.target import Target
from kinetic.cli.errors import Misused
from kinetic.common.service import Service
from kinetic.common.settings import CommonSettings


async def examine(target: Target) -> list[Finding]:
    """Everything that was found out about an installation, without a secret in it. It does not raise."""
    services, findings = _loaded()
    told = services[0].settings if services else CommonSettings.model_construct()
    checks: list[Check] = [kafka_check(target.addresses.kafka, services, told.topic_replication)]
    if target.postgres is not None:
        checks.append(postgres_check(target.postgres, services, told))
    else:
        remedy = "Say in KINETIC_POSTGRES where it answers."
        findings.append(
            skipped("Postgres", "its address is not known, so schemas and outboxes were not checked", remedy)
        )
    found = await run_checks([*checks, *door_checks(target)])
    return without_secrets(told_once([*findings, *found]), target.secrets)


def _loaded() -> tuple[list[Service], list[Finding]]:
    try:
        return load_services(), []
    except Misused as error:
        remedy = "Correct it here, and where the services run."
        return [], [wrong("environment", str(error), remedy)]


def told_once(findings: Iterable[Finding]) -> list[Finding]:
    """What two checks found out about the same thing, such as an outbox by metrics and by table, is told once."""
    first: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        first.setdefault((finding.name, finding.remedy or finding.detail), finding)
    return list(first.values())
