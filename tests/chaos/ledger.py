"""What is left of a run, held against what was acknowledged: nothing lost, nothing twice, every key in order."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.chaos.observe import Told

OPENS_FOR_SURE = 1.1
"""A pressure well above the one at which skill-gap opens a gap."""


@dataclass
class Findings:
    """Counts of what was found, and in words every breach of a promise."""

    acknowledged: int = 0
    delivered: int = 0
    lost: int = 0
    duplicated: int = 0
    reordered: int = 0
    repeats_on_topics: int = 0
    breaches: list[str] = field(default_factory=list)

    def breach(self, text: str) -> None:
        """Note a broken promise."""
        self.breaches.append(text)


@dataclass(frozen=True)
class Traces:
    """What a run left on the topics and in the state of skill-gap."""

    signals: Sequence[Told]
    gaps: Sequence[Told]
    nudges: Sequence[Told]
    assignments: Sequence[Told]
    pressures: Mapping[str, float]
    dead_letters: int
    is_whole: bool = True


def check(acknowledged: Mapping[str, tuple[str, int]], traces: Traces, severity: float) -> Findings:
    """Compare `acknowledged` (event id → team, number) with `traces`. `severity` is what each event pressed with."""
    findings = Findings(acknowledged=len(acknowledged))
    signals = _first_of_each(traces.signals, findings)
    _check_signals(acknowledged, signals, findings)
    _check_pressure(signals, traces.pressures, severity, findings)
    gaps = _first_of_each(traces.gaps, findings)
    _check_gaps(gaps, findings)
    if traces.is_whole:
        _check_every_loop_closed(signals, gaps, severity, findings)
    nudges = _first_of_each(traces.nudges, findings)
    assignments = _first_of_each(traces.assignments, findings)
    _check_nudges(nudges, findings)
    _check_assignments([event for event in assignments if "assignment_id" in event.data], findings)
    _check_reinforcements(assignments, nudges, findings)
    if traces.dead_letters:
        findings.breach(f"{traces.dead_letters} events were dead-lettered")
    return findings


def _first_of_each(told: Sequence[Told], findings: Findings) -> list[Told]:
    """What a reader sees that knows repeats by their id, as every reader must."""
    first: dict[str, Told] = {}
    for event in told:
        first.setdefault(event.id, event)
    findings.repeats_on_topics += len(told) - len(first)
    return list(first.values())


def _check_signals(acknowledged: Mapping[str, tuple[str, int]], signals: Sequence[Told], findings: Findings) -> None:
    told = {event.id for event in signals}
    findings.delivered = len(told & acknowledged.keys())
    findings.lost = len(acknowledged.keys() - told)
    findings.duplicated += len(told - acknowledged.keys())
    numbers: dict[str, list[int]] = defaultdict(list)
    for event in signals:
        if event.id in acknowledged:
            numbers[event.data["team_id"]].append(acknowledged[event.id][1])
    findings.reordered += sum(_steps_back(of_team) for of_team in numbers.values())
    if findings.lost:
        findings.breach(f"{findings.lost} acknowledged events were lost")
    if findings.reordered:
        findings.breach(f"{findings.reordered} events of a team came before an earlier one")
    if findings.duplicated:
        findings.breach(f"{findings.duplicated} events were told that nobody was given an acknowledgement for")


def _check_pressure(
    signals: Sequence[Told], pressures: Mapping[str, float], severity: float, findings: Findings
) -> None:
    """Under a rule that never fades the pressure of a team is severity × events: an exact count of effects."""
    sent = Counter(event.data["team_id"] for event in signals)
    for team_id, events in sent.items():
        effects = round(pressures.get(team_id, 0.0) / severity)
        if effects < events:
            findings.lost += events - effects
            findings.breach(f"team {team_id}: {events - effects} events had no effect")
        if effects > events:
            findings.duplicated += effects - events
            findings.breach(f"team {team_id}: {effects - events} events took effect twice")


def _check_gaps(gaps: Sequence[Told], findings: Findings) -> None:
    opened = [event.data["team_id"] for event in gaps if event.type.startswith("kinetic.gap.opened")]
    closed = [event.data["gap_id"] for event in gaps if event.type.startswith("kinetic.gap.closed")]
    _once_each(opened, "gap opened for team", findings)
    _once_each(closed, "gap closed", findings)
    _ascending((e for e in gaps if "gap_id" in e.data), "gap_id", findings)


def _check_every_loop_closed(
    signals: Sequence[Told], gaps: Sequence[Told], severity: float, findings: Findings
) -> None:
    """A team under enough pressure has had its gap opened, and closed again by what its people learned."""
    sent = Counter(event.data["team_id"] for event in signals)
    pressed = {team_id for team_id, events in sent.items() if events * severity >= OPENS_FOR_SURE}
    for step in ("opened", "closed"):
        reached = {event.data["team_id"] for event in gaps if event.type.startswith(f"kinetic.gap.{step}")}
        if missing := len(pressed - reached):
            findings.lost += missing
            findings.breach(f"the gaps of {missing} teams never {step}")


def _check_nudges(nudges: Sequence[Told], findings: Findings) -> None:
    accepted = [event.data["nudge_id"] for event in nudges if event.type.startswith("kinetic.nudge.accepted")]
    _once_each(accepted, "nudge accepted", findings)
    _once_each(
        [(e.data["nudge_id"], e.data["version"]) for e in nudges if "nudge_id" in e.data], "nudge change", findings
    )
    composed = [e for e in nudges if e.type.startswith("kinetic.nudge.composed") and e.data["version"] == 1]
    _once_each([event.data["gap_id"] for event in composed], "first nudge about gap", findings)
    _ascending((e for e in nudges if "nudge_id" in e.data), "nudge_id", findings)


def _check_assignments(assignments: Sequence[Told], findings: Findings) -> None:
    held = [event for event in assignments if event.type.startswith("kinetic.assignment.held")]
    _once_each([(e.data["nudge_id"], e.data["person_id"]) for e in held], "assignment of a nudge to a person", findings)
    _once_each([(e.data["assignment_id"], e.type) for e in assignments], "assignment change", findings)
    _ascending(assignments, "assignment_id", findings)
    completed = {e.data["assignment_id"] for e in assignments if e.type.startswith("kinetic.assignment.completed")}
    requested = {e.data["assignment_id"] for e in assignments if e.type.startswith("kinetic.assignment.requested")}
    if requested != completed:
        findings.lost += len(requested - completed)
        findings.breach(f"{len(requested - completed)} requested assignments did not come back completed")


def _check_reinforcements(assignments: Sequence[Told], nudges: Sequence[Told], findings: Findings) -> None:
    """A click whose people have all completed is brought up once, and stands before its manager once."""
    completed = {e.data["assignment_id"] for e in assignments if e.type.startswith("kinetic.assignment.completed")}
    held = [event.data for event in assignments if event.type.startswith("kinetic.assignment.held")]
    under_way = {one["nudge_id"] for one in held if one["assignment_id"] not in completed}
    requests = [event for event in assignments if event.type.startswith("kinetic.reinforcement.requested")]
    composed = [e.data["request_id"] for e in nudges if e.type.startswith("kinetic.notice.composed")]
    _once_each([event.data["nudge_id"] for event in requests], "reinforcement of nudge", findings)
    _once_each(composed, "notice of request", findings)
    missing = {one["nudge_id"] for one in held} - under_way - {event.data["nudge_id"] for event in requests}
    unsaid = {event.id for event in requests} - set(composed)
    if missing or unsaid:
        findings.lost += len(missing) + len(unsaid)
        findings.breach(
            f"{len(missing)} completed clicks were not brought up, {len(unsaid)} requests reached no manager"
        )


def _once_each(keys: Sequence[object], what: str, findings: Findings) -> None:
    for key, times in Counter(keys).items():
        if times > 1:
            findings.duplicated += times - 1
            findings.breach(f"{what} {key} happened {times} times")


def _ascending(events: Iterable[Told], subject: str, findings: Findings) -> None:
    versions: dict[str, list[int]] = defaultdict(list)
    for event in events:
        versions[event.data[subject]].append(event.data["version"])
    for name, seen in versions.items():
        if steps := _steps_back(seen):
            findings.reordered += steps
            findings.breach(f"{subject} {name} was told out of order: {seen}")


def _steps_back(numbers: Sequence[int]) -> int:
    return sum(later < earlier for earlier, later in itertools.pairwise(numbers))
