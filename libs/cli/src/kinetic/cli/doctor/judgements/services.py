"""Does every service run, take work and agree about the time?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kinetic.cli.doctor.finding import Finding, doubtful, fine, listed, wrong
from kinetic.cli.doctor.judgements.database import OUTBOX_SECONDS, outbox_stands

SKEWED_SECONDS: Final = 5.0
_WHY: Final[Mapping[str, str]] = {
    "migrated": "Run `python -m kinetic.{module} migrate`, and see that Postgres answers.",
    "bootstrapped": "It reads the compacted topics first: see that Kafka answers and that its consumer groups come forward.",
    "not draining": "It is being stopped: wait, or look who stops it.",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """What a service's metrics say. `name` and `version` are None for one that does not expose them."""

    name: str | None
    version: str | None
    stopped: tuple[str, ...] = ()
    outbox_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class ServiceState:
    """How a service answers. `silence` says why nothing could be had of it; None when it answered.

    `stuck` are what its /livez misses, `missing` what its /readyz misses; `ahead_seconds` is by how much its clock
    is ahead of this machine's.
    """

    service: str
    silence: str | None = None
    stuck: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    measured: Measured | None = None
    ahead_seconds: float | None = None


def judge_services(services: Sequence[ServiceState], version: str) -> list[Finding]:
    """What is the matter with each service; one line for one that is well. `version` is that of this command."""
    findings: list[Finding] = []
    for state in services:
        faults = list(_faults(state, version))
        findings += faults or [fine(state.service, _well(state))]
    return findings


def judge_clocks(name: str, ahead_seconds: Mapping[str, float]) -> list[Finding]:
    """`ahead_seconds` is by how much each clock is ahead of this machine's; signatures and tokens bear a few seconds."""
    skewed = {name: ahead for name, ahead in ahead_seconds.items() if abs(ahead) > SKEWED_SECONDS}
    if not skewed:
        told = f"within {SKEWED_SECONDS:.0f} s of this machine: {listed(ahead_seconds, 10)}"
        return [fine(name, told if ahead_seconds else "nobody to compare with")]
    told = listed(f"{name} by {ahead:+.0f} s" for name, ahead in skewed.items())
    remedy = (
        "Let NTP set the clocks of these machines, and of this one: times of signatures and tokens are judged by them."
    )
    return [wrong(name, f"differ from this machine's: {told}", remedy)]


def _well(state: ServiceState) -> str:
    version = state.measured.version if state.measured else None
    return f"live and ready{f', version {version}' if version else ''}"


def _faults(state: ServiceState, version: str) -> Iterator[Finding]:
    name = state.service
    if state.silence is not None:
        remedy = f"Start {name}, or say where it answers: KINETIC_{name.upper().replace('-', '_')}_URL."
        yield wrong(name, state.silence, remedy)
        return
    if state.stuck:
        remedy = "Restart this replica; its log says what ended or hangs."
        yield wrong(f"{name} is live", f"makes no progress: {listed(state.stuck)}", remedy)
    if state.missing:
        yield wrong(f"{name} is ready", f"not ready: lacks {listed(state.missing)}", _remedy(name, state.missing[0]))
    yield from _measured(name, state.measured, version)


def _remedy(service: str, missing: str) -> str:
    told = _WHY.get(missing, "Its log says why it is not ready.")
    return told.format(module=service.replace("-", "_"))


def _measured(name: str, measured: Measured | None, version: str) -> Iterator[Finding]:
    if measured is None:
        remedy = f"Let whoever watches {name} reach GET /metrics from the cluster's own network."
        yield doubtful(f"{name} is measured", "its metrics cannot be read from here", remedy)
        return
    if measured.name not in (None, name):
        remedy = f"Correct KINETIC_{name.upper().replace('-', '_')}_URL."
        yield wrong(name, f"{measured.name} answers there", remedy)
        return
    if measured.version not in (None, version):
        remedy = "Bring all services and this command to one version; migrate first."
        yield doubtful(f"{name} version", f"is {measured.version}, this command {version}", remedy)
    if measured.stopped:
        remedy = "Read the loop's last error in the log; roll back or mend, it goes on by itself."
        yield wrong(f"{name} reads", f"stands still because everything failed: {listed(measured.stopped)}", remedy)
    if measured.outbox_seconds > OUTBOX_SECONDS:
        yield outbox_stands(name, measured.outbox_seconds)
