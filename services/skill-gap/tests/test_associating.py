"""How KPIs go with competencies: from the doors over the weeks to what callers see; against real Postgres."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import timedelta
from importlib.resources import files
from typing import Any

import httpx
import pytest
from fluent.syntax import ast, parse

from kinetic.common.database import Database
from kinetic.common.events import Envelope, new_id
from kinetic.contracts.ids import CompetencyKey, KpiKey, PersonId, TeamId
from kinetic.contracts.ingestion import LearningVerb, MeasurementRecorded
from kinetic.contracts.skill_gap import CapabilitiesPublished, Competency, Direction, Kpi, KpiRule
from kinetic.skill_gap import handlers
from kinetic.skill_gap.association_views import word
from kinetic.skill_gap.domain.association import FEWEST_TEAMS, Association, Estimate
from kinetic.skill_gap.domain.weeks import week_of
from kinetic.skill_gap.store import associations, maps
from kinetic.skill_gap.words import LANGUAGES, phrasebook_of
from tests.support.http import token
from tests.support.skill_gap import NOW, RULES, SKILL, TEAM
from tests.support.skill_gap_company import AIKO, BEN, DANA, hand, learned, person, sealed, team

ERRORS, TICKETS = KpiKey("error-rate"), KpiKey("tickets")
OTHER = CompetencyKey("incident-response")
LENA = token("lena", "learning")
WEEK = timedelta(days=7)


def kpi(key: KpiKey, name: str) -> Kpi:
    return Kpi(key=key, name=name, unit="%", direction=Direction.LOWER_IS_BETTER, target=2, alarm=5)


def link(key: KpiKey, competency: CompetencyKey) -> KpiRule:
    return KpiRule(kpi=key, competency=competency, weight=1.0, half_life_days=14.0)


LINKED = RULES.model_copy(
    update={
        "version": RULES.version + 800,  # no other test has a map of this version, and each is read once
        "competencies": (*RULES.competencies, Competency(key=OTHER, name="Incident response")),
        "kpis": (kpi(ERRORS, "Error rate"), kpi(TICKETS, "Tickets")),
        "kpi_rules": (link(ERRORS, SKILL), link(ERRORS, OTHER), link(TICKETS, SKILL)),
    }
)

FORBIDDEN = {
    "en": r"\bcaus(e|ed|es)\b|because|led to|leads to|due to|thanks to|effect|improve|result|prove[sd]?\b",
    "de": r"verursach|\bwegen\b|\bweil\b|dank |führt|bewirk|Wirkung|verbesser|Ursache|beweis",
    "fr": r"caus[eé]|à cause|parce qu|grâce à|\beffet|entraîn|améliore|prouve",
}


def measured(value: float, weeks_ago: int = 0, team_id: TeamId = TEAM, version: int = 1) -> Envelope[Any]:
    ended = NOW - weeks_ago * WEEK
    return sealed(
        MeasurementRecorded(
            kpi=ERRORS, team_id=team_id, value=value, n=10, period_start=ended - WEEK, period_end=ended, version=version
        )
    )


@pytest.fixture
async def linked(company: Database) -> Database:
    """A map that links KPIs to competencies."""
    await put_in_force(company, LINKED)
    return company


async def put_in_force(database: Database, rules: CapabilitiesPublished) -> None:
    async with database.transaction() as tx:
        await maps.save(tx, rules, "lena")


async def kept(database: Database, table: str) -> list[tuple[Any, ...]]:
    async with database.transaction() as tx:
        rows = await tx.fetch(f"SELECT * FROM {table} ORDER BY 1, 2, 3")
    return [tuple(row)[2:] for row in rows]


async def fill_weeks(database: Database, teams: int, weeks: int = 30, effect: float = 2.0) -> list[TeamId]:
    """Weeks of teams that came to hold the skill at different times, and whose error rate went with it."""
    chance = random.Random(teams)
    found = [TeamId(new_id()) for _ in range(teams)]
    rows = [
        (team_id, week_of(NOW) - weeks + week, share, 5 + chance.gauss(0, 1) - effect * share)
        for team_id in found
        for learns_at in [chance.randrange(5, weeks - 5)]
        for week in range(weeks)
        for share in [0.9 if week >= learns_at else 0.1]
    ]
    async with database.transaction() as tx:
        await tx.execute_many(
            "INSERT INTO kpi_week (kpi, team_id, week, total, cases) VALUES ($1, $2, $3, $4, 10)",
            [(ERRORS, team_id, week, value * 10) for team_id, week, _, value in rows],
        )
        await tx.execute_many(
            "INSERT INTO coverage_week (competency, team_id, week, share) VALUES ($1, $2, $3, $4)",
            [(SKILL, team_id, week, share) for team_id, week, share, _ in rows],
        )
    return found


async def reckon_all(database: Database) -> int:
    """Let the timer come round until nothing is due; how often it had something to do."""
    *_, timer = handlers.timers()
    rounds = 0
    while True:
        async with database.transaction() as tx:
            if not await timer.fire(tx):
                return rounds
        rounds += 1


async def seen_by(http: httpx.AsyncClient, headers: dict[str, str]) -> dict[tuple[str, str], dict[str, Any]]:
    answer = await http.get("/associations", headers=headers)
    assert answer.status_code == 200, answer.text
    return {(one["kpi"], one["competency"]): one for one in answer.json()}


async def test_measurements_and_their_corrections_are_kept_as_weeks(linked: Database) -> None:
    await hand(linked, handlers.on_measurements, measured(4.0), measured(3.0, 1))
    await hand(linked, handlers.on_measurements, measured(2.0, version=2), measured(4.0))
    assert sorted(total for _, total, _ in await kept(linked, "kpi_week")) == [20.0, 30.0]


async def test_what_is_held_is_kept_with_a_measurement_and_again_when_somebody_learns(linked: Database) -> None:
    await hand(linked, handlers.on_learning, learned(AIKO, LearningVerb.COMPLETED, NOW))
    await hand(linked, handlers.on_measurements, measured(4.0))
    assert await kept(linked, "coverage_week") == [(week_of(NOW), 0.5)]
    async with linked.transaction() as tx:
        await tx.execute(
            """INSERT INTO assessment (team_id, competency, pressure, as_of, standing, version, evidence, due_at)
               VALUES ($1, $2, '{}', $3, 'quiet', 0, '[]', $3)""",
            *(TEAM, SKILL, NOW),
        )
    await hand(linked, handlers.on_learning, learned(BEN, LearningVerb.COMPLETED, NOW))
    assert await kept(linked, "coverage_week") == [(week_of(NOW), 1.0)]


async def test_what_one_person_alone_holds_is_no_figure_of_a_team(linked: Database) -> None:
    await hand(linked, handlers.on_directory_changed, person(BEN, 2, team_id=None))
    await hand(linked, handlers.on_learning, learned(AIKO, LearningVerb.COMPLETED, NOW))
    await hand(linked, handlers.on_measurements, measured(4.0))
    assert await kept(linked, "coverage_week") == []


async def test_an_association_is_reckoned_once_a_day(linked: Database, http: httpx.AsyncClient) -> None:
    await fill_weeks(linked, teams=12)
    assert await reckon_all(linked) == len(LINKED.kpi_rules)
    assert await reckon_all(linked) == 0
    found = (await seen_by(http, LENA))[ERRORS, SKILL]
    assert (found["finding"], found["teams"], found["weeks"]) == ("together", 12, 30)
    assert 0 < found["low"] < found["estimate"] < found["high"]
    assert found["sentence"].startswith("Error rate goes together with Release engineering")
    async with linked.transaction() as tx:
        await tx.execute("UPDATE association SET due_at = due_at - $1::interval", associations.RECKONED_EVERY)
    assert await reckon_all(linked) == len(LINKED.kpi_rules)


async def test_two_replicas_reckon_different_pairs(linked: Database) -> None:
    async with linked.transaction() as first:
        await associations.prepare(first, LINKED)
    async with linked.transaction() as first, linked.transaction() as second:
        assert await associations.claim(first) != await associations.claim(second)


async def test_fewer_teams_than_five_are_told_as_too_few(linked: Database, http: httpx.AsyncClient) -> None:
    await fill_weeks(linked, teams=FEWEST_TEAMS - 1)
    await reckon_all(linked)
    found = (await seen_by(http, LENA))[ERRORS, SKILL]
    assert (found["finding"], found["teams"]) == ("too_little", FEWEST_TEAMS - 1)
    assert (found["estimate"], found["low"], found["high"]) == (None, None, None)
    assert "4 teams" in found["sentence"]


async def test_the_week_that_is_not_over_is_left_out(linked: Database, http: httpx.AsyncClient) -> None:
    teams = await fill_weeks(linked, teams=6)
    async with linked.transaction() as tx:
        for table in ("kpi_week", "coverage_week"):
            await tx.execute(f"UPDATE {table} SET week = $1 WHERE week = $1 - 1", week_of(NOW))
    await reckon_all(linked)
    assert len(teams) == 6
    assert (await seen_by(http, LENA))[ERRORS, SKILL]["weeks"] == 29


async def test_a_manager_sees_what_is_measured_in_their_teams_in_their_language(
    linked: Database, http: httpx.AsyncClient
) -> None:
    await fill_weeks(linked, teams=12)
    await reckon_all(linked)
    german = sealed(person(DANA).data.model_copy(update={"language": "de-AT"}))
    await hand(linked, handlers.on_directory_changed, person(AIKO, 2, DANA), german)
    dana = token("dana", "manager")
    assert await seen_by(http, dana) == {}
    await hand(linked, handlers.on_measurements, measured(4.0))
    assert set(await seen_by(http, dana)) == {(ERRORS, SKILL), (ERRORS, OTHER)}
    assert "geht mit Release engineering einher" in (await seen_by(http, dana))[ERRORS, SKILL]["sentence"]
    assert len(await seen_by(http, LENA)) == len(LINKED.kpi_rules)
    assert (await http.get("/associations", headers=token("ben", ""))).status_code == 403
    assert (await http.get("/associations")).status_code == 401


async def test_it_stands_next_to_the_kpi_of_a_team(linked: Database, http: httpx.AsyncClient) -> None:
    await fill_weeks(linked, teams=12)
    await reckon_all(linked)
    await hand(linked, handlers.on_measurements, *(measured(9.0, ago) for ago in range(4, -1, -1)))
    series = (await http.get(f"/teams/{TEAM}/kpis/{ERRORS}", headers=LENA)).json()
    assert [(one["competency"], one["finding"]) for one in series["associations"]] == [
        (SKILL, "together"),
        (OTHER, "too_little"),
    ]
    (cell,) = (await http.get(f"/teams/{TEAM}/diagnosis", headers=LENA)).json()["cells"]
    assert cell["why"]["kpi"] == ERRORS
    assert cell["why"]["kpi_association"] == series["associations"][0]


async def test_what_the_map_links_no_more_is_forgotten(linked: Database) -> None:
    await reckon_all(linked)
    fewer = LINKED.model_copy(update={"version": LINKED.version + 1, "kpi_rules": (link(ERRORS, SKILL),)})
    await put_in_force(linked, fewer)
    assert await reckon_all(linked) == 0
    async with linked.transaction() as tx:
        assert set(await associations.load(tx)) == {(ERRORS, SKILL)}


async def test_weeks_are_forgotten_after_400_days(linked: Database) -> None:
    await hand(linked, handlers.on_directory_changed, team(TeamId(new_id())), person(PersonId(new_id())))
    await fill_weeks(linked, teams=1, weeks=70)
    async with linked.transaction() as tx:
        await handlers.sweep(tx)
        for table in ("kpi_week", "coverage_week"):
            oldest = await tx.fetch_value(f"SELECT min(week) FROM {table}")
            assert oldest == week_of(NOW - timedelta(days=400))


def messages(language: str) -> Iterator[str]:
    for entry in parse(files("kinetic.skill_gap.words").joinpath(f"{language}.ftl").read_text("utf-8")).body:
        assert not isinstance(entry, ast.Junk), entry.content
        if isinstance(entry, ast.Message):
            yield entry.id.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_words_every_finding_and_names_no_cause(language: str) -> None:
    findings = [None, Estimate(0.5, 0.2, 0.8), Estimate(-0.5, -0.8, -0.2), Estimate(0.1, -0.3, 0.5)]
    said = [
        word(Association(7, 20, one), phrasebook_of(language), kpi="Error rate", competency="Testing")
        for one in findings
    ]
    assert len(set(said)) == len(set(messages(language))) == len(findings)
    assert re.findall(FORBIDDEN[language], " ".join(said), re.IGNORECASE) == []
    assert "-" not in said[2]


def test_a_sentence_says_what_the_figures_say() -> None:
    english = phrasebook_of("en")
    said = word(Association(7, 20, Estimate(-0.5, -0.8, -0.2)), english, kpi="Error rate", competency="Testing")
    assert said == (
        "Error rate goes against Testing: where a team holds all of it instead of none, it stands 0.5 standard deviations worse, "
        "likely between 0.2 and 0.8. 7 teams, 20 weeks; a pattern, not proof."
    )
