"""Whether a nudge kept the rules of attention that its company states."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tools.simulator.directory import Directory
from tools.simulator.policy import Attention, Nudge
from tools.simulator.records import Answer

CONTENT_NOT_REFUSED: Final = frozenset({"bad_timing", "wrong_people"})
"""Dismissals for which the content is not to blame. It may come again, but not before `RESTS`."""
RESTS: Final = timedelta(days=14)


class Breach(StrEnum):
    """What a nudge did that it must not."""

    BUDGET = "budget"
    QUIET_HOURS = "quiet_hours"
    IN_THE_PAST = "in_the_past"
    NOT_THE_MANAGER = "not_the_manager"
    NOT_IN_THE_TEAM = "not_in_the_team"
    DISMISSED_BEFORE = "dismissed_before"


class Watch:
    """All nudges of a company."""

    def __init__(self, attention: Attention) -> None:
        self._attention = attention
        self._refused: set[tuple[str, str, str, str]] = set()
        self._rests_until: dict[tuple[str, str, str, str], datetime] = {}
        self._sent: dict[str, Nudge] = {}
        self.by_week: Counter[tuple[str, int, int]] = Counter()
        self.breaches: Counter[Breach] = Counter()

    def hear(self, answers: tuple[Answer, ...]) -> None:
        """Remember what was dismissed."""
        for answer in answers:
            if answer.answer == "dismissed" and (nudge := self._sent.get(answer.nudge_id)):
                self._rests_until[_same(nudge)] = answer.occurred_at + RESTS
                if answer.reason not in CONTENT_NOT_REFUSED:
                    self._refused.add(_same(nudge))

    def see(self, nudge: Nudge, now: datetime, directory: Directory) -> None:
        """Count what is wrong with a nudge."""
        local = nudge.sent_at.astimezone(zone_of(directory.zone(nudge.manager_id)))
        year, week, weekday = local.isocalendar()
        self._sent[nudge.nudge_id] = nudge
        self.by_week[nudge.manager_id, year, week] += 1
        if self.by_week[nudge.manager_id, year, week] > self._attention.weekly_budget:
            self.breaches[Breach.BUDGET] += 1
        if weekday not in self._attention.working_days or self._is_quiet(local):
            self.breaches[Breach.QUIET_HOURS] += 1
        if nudge.sent_at < now:
            self.breaches[Breach.IN_THE_PAST] += 1
        if directory.manager(nudge.team_id) != nudge.manager_id:
            self.breaches[Breach.NOT_THE_MANAGER] += 1
        if not {p.person_id for p in directory.members(nudge.team_id)}.issuperset(nudge.person_ids):
            self.breaches[Breach.NOT_IN_THE_TEAM] += 1
        rests_until = self._rests_until.get(_same(nudge))
        if _same(nudge) in self._refused or (rests_until and nudge.sent_at < rests_until):
            self.breaches[Breach.DISMISSED_BEFORE] += 1

    def _is_quiet(self, local: datetime) -> bool:
        begins, ends, at = self._attention.quiet_from, self._attention.quiet_until, local.time()
        if begins == ends:
            return False
        return begins <= at < ends if begins < ends else at >= begins or at < ends


def _same(nudge: Nudge) -> tuple[str, str, str, str]:
    return nudge.manager_id, nudge.team_id, nudge.competency, nudge.content_id


@cache
def zone_of(name: str) -> ZoneInfo:
    """The zone of an IANA name; UTC when there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
