"""What the files of a company say about each other."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tools.simulator.capabilities import CapabilityMap
from tools.simulator.files.shapes import MeasurementShape, SignalShape, TruthShape
from tools.simulator.files.texts import Mistake, Place
from tools.simulator.policy import Company
from tools.simulator.records import Person, Team


def check_map(path: Path, rules: CapabilityMap) -> None:
    """Rules and requirements name what the map has."""
    competencies, kpis = {c.key for c in rules.competencies}, {kpi.key for kpi in rules.kpis}
    for name, named in (
        ("requirements", [r.competency for r in rules.requirements]),
        ("signal_rules", [r.competency for r in rules.signal_rules]),
        ("kpi_rules", [r.competency for r in rules.kpi_rules]),
    ):
        for at, competency in enumerate(named):
            if competency not in competencies:
                raise Place(path).mistake(f"{name}.{at}.competency", f"{competency!r} is no competency of the map")
    for at, rule in enumerate(rules.kpi_rules):
        if rule.kpi not in kpis:
            raise Place(path).mistake(f"kpi_rules.{at}.kpi", f"{rule.kpi!r} is no KPI of the map")


def check_teams(path: Path, states: Iterable[Team | Person]) -> None:
    """There is a team at the start."""
    if not any(isinstance(state, Team) for state in states):
        raise Mistake(f"{path}: there is no team at the start; leave `known_on` away for what is known then")


def check_signals(place: Place, line: SignalShape, teams: set[str]) -> None:
    """The team of a signal is in the directory, and nothing is known before it happened."""
    if line.team_id not in teams:
        raise place.mistake("team_id", f"{line.team_id!r} is not in directory.jsonl")
    if line.received_at and line.received_at < line.occurred_at:
        raise place.mistake("received_at", "is before occurred_at")


def check_measurements(place: Place, line: MeasurementShape, teams: set[str], kpis: set[str]) -> None:
    """Team and KPI are known, and the period ends after it began and before the value is known."""
    if line.team_id not in teams:
        raise place.mistake("team_id", f"{line.team_id!r} is not in directory.jsonl")
    if line.kpi not in kpis:
        raise place.mistake("kpi", f"{line.kpi!r} is no KPI of capabilities.json")
    if line.period_end <= line.period_start:
        raise place.mistake("period_end", "is not after period_start")
    if line.received_at and line.received_at < line.period_end:
        raise place.mistake("received_at", "is before period_end")


def check_episodes(place: Place, truth: TruthShape, company: Company, teams: set[str]) -> None:
    """Episodes are about teams and competencies that there are, and end after they began."""
    competencies = {competency.key for competency in company.capabilities.competencies}
    kpis = {kpi.key for kpi in company.capabilities.kpis}
    for at, episode in enumerate(truth.episodes):
        if episode.team_id not in teams:
            raise place.mistake(f"episodes.{at}.team_id", f"{episode.team_id!r} is not in directory.jsonl")
        if episode.competency not in competencies:
            raise place.mistake(f"episodes.{at}.competency", f"{episode.competency!r} is not in capabilities.json")
        if unknown := sorted(set(episode.kpis) - kpis):
            raise place.mistake(f"episodes.{at}.kpis", f"{unknown[0]!r} is no KPI of capabilities.json")
        if episode.ends is not None and episode.ends < episode.begins:
            raise place.mistake(f"episodes.{at}.to", "is before from")
