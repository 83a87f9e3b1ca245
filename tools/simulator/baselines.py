"""The two policies that anything clever is held against, and one that does nothing."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from tools.simulator.attention import zone_of
from tools.simulator.directory import Directory
from tools.simulator.policy import NO_MOVES, Company, Day, Moves, Nudge, Pair
from tools.simulator.records import Content

SEND_AT = time(10)
CALM_AFTER = 5
NUDGE_EVERY_DAYS = 7
LOOKS_BACK_DAYS = 14


class Idle:
    """Does nothing."""

    def __init__(self, company: Company) -> None:
        self._company = company

    def observe(self, day: Day) -> Moves:
        """Nothing."""
        return NO_MOVES


class _Baseline:
    """What both baselines know: who works where, which level everybody proved by a record."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._map = company.capabilities
        self._directory = Directory(company)
        self._contents = {content.content_id: content for content in company.catalogue}
        self._levels: dict[tuple[str, str], int] = {}
        self._needed = company.capabilities.levels()
        self._found_below: dict[tuple[str, str], tuple[str, ...]] = {}
        self._competencies: dict[str, list[str]] = {}
        self._kpis = {kpi.key: kpi for kpi in self._map.kpis}
        self._sent = 0
        for rule in self._map.kpi_rules:
            self._competencies.setdefault(rule.kpi, []).append(rule.competency)
        for record in company.learning:
            self._learn(record.person_id, record.content_id, record.verb)

    def _read(self, day: Day) -> None:
        self._directory.update(day.teams, day.people)
        if day.teams or day.people or day.learning:
            self._found_below.clear()
        for record in day.learning:
            self._learn(record.person_id, record.content_id, record.verb)

    def _learn(self, person_id: str, content_id: str, verb: str) -> None:
        content = self._contents.get(content_id)
        if content and verb in ("completed", "passed"):
            for taught in content.teaches:
                key = (person_id, taught.competency)
                self._levels[key] = max(self._levels.get(key, 0), taught.level)

    def _below(self, team_id: str, competency: str) -> tuple[str, ...]:
        """The members who proved less than their role needs."""
        key, levels, needed = (team_id, competency), self._levels, self._needed
        if key not in self._found_below:
            self._found_below[key] = tuple(
                person.person_id
                for person in self._directory.members(team_id)
                if levels.get((person.person_id, competency), 0) < needed.get((person.position.role, competency), 0)
            )
        return self._found_below[key]

    def _nudge(self, day: Day, team_id: str, competency: str) -> Nudge | None:
        manager, people = self._directory.manager(team_id), self._below(team_id, competency)
        content = self._highest(competency)
        if manager is None or content is None or not people:
            return None
        self._sent += 1
        at = _next_morning(day.now, self._directory.zone(manager))
        return Nudge(f"nudge-{self._sent}", manager, team_id, competency, content.content_id, people, at)

    def _highest(self, competency: str) -> Content | None:
        """What claims the highest level, the shortest first."""
        return min(
            (
                content
                for content in self._company.catalogue
                if content.level_of(competency) and not content.retired and content.language == self._company.language
            ),
            key=lambda content: (-content.level_of(competency), content.effort_minutes, content.content_id),
            default=None,
        )


class AlertOnThreshold(_Baseline):
    """Opens a gap when a KPI passes the alarm value of the map and somebody is below; closes after five good measurements.

    Nudges once for each opening, on the next morning, without minding any budget.
    """

    def __init__(self, company: Company) -> None:
        super().__init__(company)
        self._good: dict[tuple[str, str], int] = {}

    def observe(self, day: Day) -> Moves:
        """One measurement beyond the alarm value is enough."""
        self._read(day)
        opened: list[Pair] = []
        closed: list[Pair] = []
        for measured in day.measurements:
            kpi = self._kpis.get(measured.kpi)
            for competency in self._competencies.get(measured.kpi, ()) if kpi else ():
                key = (measured.team_id, competency)
                if kpi and kpi.is_beyond(measured.value, kpi.alarm):
                    if key not in self._good and self._below(*key):
                        opened.append(Pair(*key))
                    if key in self._good or self._below(*key):
                        self._good[key] = 0
                elif key in self._good:
                    self._good[key] += 1
                    if self._good[key] >= CALM_AFTER:
                        del self._good[key]
                        closed.append(Pair(*key))
        nudges = [self._nudge(day, pair.team_id, pair.competency) for pair in opened]
        return Moves(tuple(opened), tuple(closed), (), tuple(nudge for nudge in nudges if nudge))


class NudgeEverything(_Baseline):
    """Opens a gap for every pair in which somebody is below and the work complained, or a KPI missed its target, of late.

    Nudges about each of them every week, and closes those that have been quiet for two weeks.
    """

    def __init__(self, company: Company) -> None:
        super().__init__(company)
        self._seen: dict[tuple[str, str], int] = {}
        self._open: dict[tuple[str, str], int] = {}

    def observe(self, day: Day) -> Moves:
        """Whatever was seen in the last two weeks is worth a nudge."""
        self._read(day)
        today = day.date.toordinal()
        self._look(day, today)
        opened, closed, nudges = [], [], []
        for key in sorted(self._seen):
            is_on = today - self._seen[key] <= LOOKS_BACK_DAYS and bool(self._below(*key))
            if is_on and key not in self._open:
                self._open[key] = today - NUDGE_EVERY_DAYS
                opened.append(Pair(*key))
            if not is_on and self._open.pop(key, None) is not None:
                closed.append(Pair(*key))
            if is_on and today - self._open[key] >= NUDGE_EVERY_DAYS:
                self._open[key] = today
                nudges.append(self._nudge(day, *key))
        return Moves(tuple(opened), tuple(closed), (), tuple(nudge for nudge in nudges if nudge))

    def _look(self, day: Day, today: int) -> None:
        for signal in day.signals:
            for rule in self._map.signal_rules:
                if rule.takes(signal.kind):
                    self._seen[signal.team_id, rule.competency] = today
        for measured in day.measurements:
            kpi = self._kpis.get(measured.kpi)
            if kpi and kpi.is_beyond(measured.value, kpi.target):
                for competency in self._competencies.get(measured.kpi, ()):
                    self._seen[measured.team_id, competency] = today


def _next_morning(now: datetime, zone: str) -> datetime:
    """Ten o'clock of the next working day there."""
    local = now.astimezone(zone_of(zone))
    day = local.date() + timedelta(days=1)
    while day.isoweekday() > 5:
        day += timedelta(days=1)
    return datetime.combine(day, SEND_AT, local.tzinfo)
