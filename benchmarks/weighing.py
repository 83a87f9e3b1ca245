"""The pure decisions of skill-gap, without Kafka and Postgres: how many signals a processor core weighs in a second."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any, Final

import orjson

from benchmarks import records
from benchmarks.company import ENGINEER, KPIS, Company, capabilities
from benchmarks.floors.surging import surge_column
from benchmarks.measuring import Row, Say, at_least, at_most
from kinetic.common.events import Envelope, new_id
from kinetic.common.main import spare_the_collector
from kinetic.contracts.event import Event
from kinetic.contracts.ids import EventId, KpiKey, TeamId
from kinetic.contracts.ingestion import MeasurementRecorded, SignalObserved
from kinetic.contracts.skill_gap import CapabilitiesPublished, Detection
from kinetic.skill_gap.domain.assess import Picture, decide_after_demands
from kinetic.skill_gap.domain.assessment import Assessment, AssessmentKey, demands_of_signal
from kinetic.skill_gap.domain.circumstances import NOTICEABLE, Circumstances, Crowd, Staff
from kinetic.skill_gap.domain.coverage import Learner
from kinetic.skill_gap.domain.peers import Others, Peers
from kinetic.skill_gap.domain.readings import Charted, ChartKey, reckon

SIGNALS: Final = "skill-gap, signals of the domain"
STATE: Final = "skill-gap, largest state of a team and competency"
NAMES: Final = (SIGNALS, STATE)
TARGET: Final = 20_000
MOST_BYTES: Final = 1024
TEAMS: Final = 25
"""As many as are looked at to tell what all share."""

READINGS: Final = 60
AT_ONCE: Final = 500


def measure(_: Path, rounds: int, say: Say) -> list[Row]:
    """Signals of teams whose KPIs have a history, each pressed, weighed and decided about under the default detection."""
    company = Company.of(teams=TEAMS)
    rules = capabilities().model_copy(update={"detection": Detection()})
    signals = [sealed(event) for event in records.signals(company, 20_000) if isinstance(event, SignalObserved)]
    charts, taken, known = _history(company, rules), [], dict[AssessmentKey, Assessment]()
    spare_the_collector()
    for _round in range(rounds):
        seconds, known = 0.0, {}
        for begin in range(0, len(signals), AT_ONCE):
            picture = Picture(rules, known, _learners(company), _circumstances(company, charts))
            started = process_time()
            demands = [demand for one in signals[begin : begin + AT_ONCE] for demand in demands_of_signal(one, rules)]
            decision = decide_after_demands(picture, demands, records.NOW, new_id)
            known |= {(one.team_id, one.competency): one for one in decision.assessments}
            seconds += process_time() - started
        taken.append(len(signals) / seconds)
        say(f"  {SIGNALS}: {taken[-1]:,.0f} a second")
    largest = max(len(orjson.dumps(state_of(one))) for one in known.values())
    say(f"  {STATE}: {largest:,} bytes")
    return [
        at_least(SIGNALS, median(taken), TARGET, "signals/s", 1.0),
        at_most(STATE, float(largest), float(MOST_BYTES), "bytes"),
    ]


def sealed(event: Event) -> Envelope[Any]:
    """An event as if it had been read from Kafka."""
    event_id = EventId(new_id())
    return Envelope(event_id, "/kinetic/benchmark", records.NOW, event_id, event)


def state_of(assessment: Assessment) -> dict[str, Any]:
    """What is kept of a pair to decide about it again, without the words of its evidence and of the last verdict."""
    return {
        "pressure": {str(half_life): amount for half_life, amount in assessment.pressure.sums.items()},
        "as_of": assessment.pressure.as_of,
        "surge": surge_column(assessment.surge),
        "standing": assessment.standing,
        "gap_id": assessment.gap_id,
        "version": assessment.version,
        "cause": assessment.cause,
    }


def _learners(company: Company) -> Mapping[TeamId, list[Learner]]:
    return {
        team: [Learner(person, ENGINEER, {}) for person in members]
        for team, members in zip(company.teams, company.members, strict=True)
    }


def _history(company: Company, rules: CapabilitiesPublished) -> Mapping[ChartKey, Charted]:
    """Every team has a history of every KPI."""
    chance = random.Random(records.SEED)
    history = [_measured(chance, team, kpi, day) for team in company.teams for kpi in KPIS for day in range(READINGS)]
    return reckon({}, [sealed(one) for one in history], rules).charts


def _measured(chance: random.Random, team: TeamId, kpi: KpiKey, day: int) -> MeasurementRecorded:
    end = records.NOW - timedelta(days=READINGS - day)
    value = round(chance.gauss(15, 2), 1)
    return MeasurementRecorded(
        kpi=kpi, team_id=team, value=value, n=40, period_start=end - timedelta(days=1), period_end=end
    )


def _circumstances(company: Company, charts: Mapping[ChartKey, Charted]) -> dict[TeamId, Circumstances]:
    """As they are loaded for a batch: all other teams are looked at beside each, and nothing of them is added up yet."""
    peers = {kpi: Peers({team: charts[team, kpi].slip.track for team in company.teams}) for kpi in KPIS}
    slipping = {kpi: sum(charts[team, kpi].slip.score >= NOTICEABLE for team in company.teams) for kpi in KPIS}
    return {
        team: Circumstances(
            slips={kpi: charts[team, kpi].slip for kpi in KPIS},
            by_kpi={kpi: Crowd(TEAMS - 1, slipping[kpi], Others(peers[kpi], team)) for kpi in KPIS},
            staff=Staff(8, 8, 8),
        )
        for team in company.teams
    }
