"""The bones of a company, before anything happens in it: map, teams, people, what is measured where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from tools.simulator.capabilities import CapabilityMap, Competency, Goal, Kpi, KpiRule, Requirement, SignalRule
from tools.simulator.draws import chance, some, stream
from tools.simulator.records import Person, Position, Team
from tools.simulator.trades import LOWER, THROUGHPUT, TRADES, Trade

ZONES = (
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "Australia/Sydney",
)
MANAGER = "manager"
HEAD = "person-head"


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What a KPI usually is in a company, and how much it varies from day to day."""

    trade: Trade
    base: float
    sd: float
    n: int


@dataclass(frozen=True, slots=True)
class Bones:
    """What a company is made of at its start. `measured` tells which KPIs each team has."""

    name: str
    start: date
    weeks: int
    time_zone: str
    trades: tuple[Trade, ...]
    yardsticks: Mapping[str, Yardstick]
    capabilities: CapabilityMap
    teams: tuple[Team, ...]
    people: tuple[Person, ...]
    measured: Mapping[str, tuple[str, ...]]

    @property
    def days(self) -> int:
        """How long the company is watched."""
        return self.weeks * 7

    def members(self, team_id: str) -> list[Person]:
        """Who works in a team at the start, its manager not counted."""
        return [p for p in self.people if p.team_id == team_id and p.position.role != MANAGER]

    def required(self, team_id: str, competency: str) -> list[Person]:
        """The members whose role needs a competency."""
        return [p for p in self.members(team_id) if self.capabilities.level(p.position.role, competency)]


def make_bones(name: str, *seed: object) -> Bones:
    """A company of 6 to 12 teams of 4 to 12 people over 26 to 52 weeks, with 3 to 6 competencies and 3 to 6 KPIs."""
    rng = stream(*seed, "bones")
    start = date(2024, 1, 1) + timedelta(weeks=rng.randrange(52))
    trades = tuple(some(rng, TRADES, 3, 6))
    measured_trades = _measured_trades(rng, trades)
    yardsticks = {trade.kpi: _yardstick(rng, trade) for trade in measured_trades}
    roles = [f"role-{n}" for n in range(1, rng.randint(3, 5) + 1)]
    capabilities = _capabilities(rng, trades, yardsticks, roles)
    zone = rng.choice(ZONES)
    teams, people = _staff(rng, datetime.combine(start, time(0), UTC), roles, zone)
    measured = {team.team_id: _measured(rng, team.team_id, people, capabilities, yardsticks) for team in teams}
    return Bones(name, start, rng.randint(26, 52), zone, trades, yardsticks, capabilities, teams, people, measured)


def _measured_trades(rng: Random, trades: tuple[Trade, ...]) -> list[Trade]:
    """Most competencies have a KPI, at least two do; often there is one KPI that asks for no competency."""
    kept = [trade for at, trade in enumerate(trades) if at < 2 or chance(rng, 0.85)]
    return [*kept, THROUGHPUT] if len(kept) < 3 or (len(kept) < 6 and chance(rng, 0.6)) else kept


def _yardstick(rng: Random, trade: Trade) -> Yardstick:
    if trade.shape == "count":
        base, dispersion = rng.uniform(4, 24), rng.uniform(10, 60)
        return Yardstick(trade, base, (base + base * base / dispersion) ** 0.5, rng.randint(1, 3))
    if trade.shape == "share":
        base = rng.uniform(8, 25) if trade.direction == LOWER else rng.uniform(65, 85)
        n = rng.randint(25, 200)
        return Yardstick(trade, base, rng.uniform(1.0, 1.6) * (base * (100 - base) / n) ** 0.5, n)
    base = rng.uniform(20, 300)
    return Yardstick(
        trade, base, base * rng.uniform(0.1, 0.3 if trade.direction == LOWER else 0.22), rng.randint(3, 40)
    )


def _capabilities(
    rng: Random, trades: tuple[Trade, ...], yardsticks: Mapping[str, Yardstick], roles: list[str]
) -> CapabilityMap:
    competencies = tuple(trade.competency for trade in trades)
    return CapabilityMap(
        competencies=tuple(Competency(key, key.replace("-", " ").capitalize()) for key in competencies),
        kpis=tuple(_kpi(rng, yardstick) for yardstick in yardsticks.values()),
        goals=(Goal("goal-1", "Work that holds", tuple(yardsticks), competencies),),
        requirements=_requirements(rng, competencies, roles),
        signal_rules=tuple(
            SignalRule(kind, trade.competency, round(rng.uniform(0.5, 1.5), 1), float(rng.randint(10, 28)))
            for trade in trades
            for kind in trade.kinds
        ),
        kpi_rules=tuple(
            KpiRule(trade.kpi, trade.competency, 1.0, float(rng.randint(10, 28)))
            for trade in trades
            if trade.kpi in yardsticks
        ),
    )


def _kpi(rng: Random, yardstick: Yardstick) -> Kpi:
    """Targets are ambitious by habit, and alarm values are set by hand: somewhere from 1 to 3 sigma."""
    trade, worse = yardstick.trade, 1 if yardstick.trade.direction == LOWER else -1
    target = yardstick.base - worse * rng.uniform(0, 1) * yardstick.sd
    alarm = yardstick.base + worse * rng.uniform(1, 3) * yardstick.sd
    return Kpi(trade.kpi, trade.kpi.replace("-", " "), trade.unit, trade.direction, round(target, 2), round(alarm, 2))


def _requirements(rng: Random, competencies: tuple[str, ...], roles: list[str]) -> tuple[Requirement, ...]:
    """Every role needs some competencies, and every competency is needed by some role."""
    needed = {(role, competency) for role in roles for competency in some(rng, competencies, 2, len(competencies))}
    needed |= {(rng.choice(roles), competency) for competency in competencies}
    return tuple(Requirement(role, competency, rng.randint(2, 4)) for role, competency in sorted(needed))


def _staff(rng: Random, since: datetime, roles: list[str], zone: str) -> tuple[tuple[Team, ...], tuple[Person, ...]]:
    """Teams with a manager each; now and then a manager has two teams."""
    teams: list[Team] = []
    people = [Person(HEAD, "Head", zone, (Position(None, None, "head", since),))]
    managers: list[Person] = []
    for number in range(1, rng.randint(6, 12) + 1):
        team_id = f"team-{number}"
        if not managers or chance(rng, 0.85):
            home = zone if chance(rng, 0.75) else rng.choice(ZONES)
            position = Position(team_id, HEAD, MANAGER, since)
            managers.append(Person(f"manager-{number}", f"Manager {number}", home, (position,)))
        manager_id = managers[-1].person_id
        teams.append(Team(team_id, f"Team {number}", manager_id))
        people += _members(rng, number, manager_id, some(rng, roles, 1, 3), since, zone)
    return tuple(teams), (*people, *managers)


def _members(rng: Random, number: int, manager_id: str, roles: list[str], since: datetime, zone: str) -> list[Person]:
    return [
        Person(
            f"person-{number}-{at}",
            f"Person {number} {at}",
            zone,
            (Position(f"team-{number}", manager_id, rng.choice(roles), since),),
        )
        for at in range(1, rng.randint(4, 12) + 1)
    ]


def _measured(
    rng: Random, team_id: str, people: tuple[Person, ...], rules: CapabilityMap, yardsticks: Mapping[str, Yardstick]
) -> tuple[str, ...]:
    """One to three KPIs, mostly of what the team's roles need."""
    roles = {p.position.role for p in people if p.team_id == team_id}
    fitting = [
        r.kpi for r in rules.kpi_rules if any(rules.level(role, r.competency) for role in roles) or chance(rng, 0.1)
    ]
    kpis = some(rng, fitting or list(yardsticks), 1, 3)
    if THROUGHPUT.kpi in yardsticks and len(kpis) < 3 and chance(rng, 0.7):
        kpis.append(THROUGHPUT.kpi)
    return tuple(kpis)
