"""Does every service read its topics, and does it come forward?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from kinetic.cli.doctor.finding import Finding, counted, doubtful, fine, lasting, listed, wrong

FAR_BEHIND_RECORDS: Final = 10_000


@dataclass(frozen=True, slots=True)
class GroupState:
    """How a service reads a topic: members of its group, records behind, and those of partitions that stood still."""

    service: str
    topic: str
    members: int
    behind: int
    standing: int = 0


def judge_groups(name: str, groups: Sequence[GroupState], looked_seconds: float) -> list[Finding]:
    """One finding for each service that does not read or stands still; one, called `name`, when there is none.

    `looked_seconds` lie between the two looks at the offsets.
    """
    findings = [*_unread(groups), *_standing(groups, looked_seconds), *_far(groups)]
    behind = sum(group.behind for group in groups)
    return findings or [fine(name, f"{counted(len(groups), 'group')} with members, {counted(behind, 'record')} behind")]


def _unread(groups: Iterable[GroupState]) -> Iterable[Finding]:
    for service, unread in _by_service(group for group in groups if group.members == 0).items():
        behind = sum(group.behind for group in unread)
        yield wrong(
            f"{service} reads",
            f"nobody reads {listed(group.topic for group in unread)}; {counted(behind, 'record')} wait",
            f"Start {service}; when it runs, its /readyz and its log say why it does not read.",
        )


def _standing(groups: Iterable[GroupState], looked_seconds: float) -> Iterable[Finding]:
    for service, standing in _by_service(group for group in groups if group.members and group.standing).items():
        topics = listed(f"{group.topic} ({group.standing:,})" for group in standing)
        yield wrong(
            f"{service} reads",
            f"stands still: records wait and none was taken for {lasting(looked_seconds)} in {topics}",
            f"Read the last error in the log of {service}; it goes on by itself when the cause is mended.",
        )


def _far(groups: Iterable[GroupState]) -> Iterable[Finding]:
    for service, far in _by_service(group for group in groups if _is_far(group)).items():
        topics = listed(f"{group.topic} ({group.behind:,})" for group in far)
        yield doubtful(
            f"{service} reads", f"comes forward and is far behind in {topics}", f"Start more replicas of {service}."
        )


def _is_far(group: GroupState) -> bool:
    return bool(group.members) and not group.standing and group.behind > FAR_BEHIND_RECORDS


def _by_service(groups: Iterable[GroupState]) -> dict[str, list[GroupState]]:
    found: dict[str, list[GroupState]] = defaultdict(list)
    for group in groups:
        found[group.service].append(group)
    return found
