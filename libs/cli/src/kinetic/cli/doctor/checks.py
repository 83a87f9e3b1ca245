"""Checks run side by side, each within its time: one that fails hides no other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from kinetic.cli.doctor.finding import Finding, wrong
from kinetic.cli.errors import CommandFailed

WITHIN_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Check:
    """Something to find out. `remedy` is told when it cannot be found out at all."""

    name: str
    run: Callable[[], Awaitable[list[Finding]]]
    remedy: str
    within_seconds: float = WITHIN_SECONDS


async def run_checks(checks: Sequence[Check]) -> list[Finding]:
    """The findings of all checks, in their order. A check that fails or takes too long is itself a finding."""
    outcomes = await asyncio.gather(*(_bounded(check) for check in checks), return_exceptions=True)
    return [finding for check, outcome in zip(checks, outcomes, strict=True) for finding in _found(check, outcome)]


async def _bounded(check: Check) -> list[Finding]:
    async with asyncio.timeout(check.within_seconds):
        return await check.run()


def _found(check: Check, outcome: list[Finding] | BaseException) -> list[Finding]:
    if isinstance(outcome, TimeoutError):
        return [wrong(check.name, f"no answer within {check.within_seconds:.0f} s", check.remedy)]
    if isinstance(outcome, CommandFailed):
        return [wrong(check.name, str(outcome), check.remedy)]
    if isinstance(outcome, Exception):
        return [wrong(check.name, f"could not be checked: {type(outcome).__name__}: {outcome}", check.remedy)]
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome
