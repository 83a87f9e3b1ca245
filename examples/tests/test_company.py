"""The example company keeps the contracts and tells the story that its README promises."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter

from examples.company.player import COMPANY, load_play
from examples.company.reports import learning_reports, measurement_reports
from kinetic.common.retention import KEPT
from kinetic.contracts.fields import Level, Minutes, ShortText, Slug, Url
from kinetic.contracts.ids import CompetencyKey, ContentId
from kinetic.contracts.ingestion import LearningVerb, Teaches
from kinetic.contracts.skill_gap import CapabilitiesPublished
from kinetic.recommendation.domain.candidates import Need, eligible
from kinetic.recommendation.domain.content import Content

NOW = datetime(2030, 5, 6, 7, 8, 9, tzinfo=UTC)


def read(name: str) -> Any:
    return yaml.safe_load((COMPANY / name).read_text())


PEOPLE: list[dict[str, Any]] = read("directory.yaml")["people"]
TEAMS: list[dict[str, Any]] = read("directory.yaml")["teams"]
CONTENT: list[dict[str, Any]] = read("catalogue.yaml")["content"]
CAPABILITIES: dict[str, Any] = read("capabilities.yaml")
LMS_IDS = {p["external_ids"].get("example-lms"): p for p in PEOPLE}
BY_EMAIL = {person["email"]: person for person in PEOPLE}


def test_forty_people_work_in_five_teams() -> None:
    assert (len(BY_EMAIL), len(TEAMS)) == (40, 5)
    assert {person["team"] for person in PEOPLE} == {team["slug"] for team in TEAMS}
    assert {team["manager"] for team in TEAMS} <= set(BY_EMAIL)


def test_every_reporting_line_ends_at_the_head() -> None:
    for person in PEOPLE:
        steps = 0
        while person["manager"] is not None:
            person, steps = BY_EMAIL[person["manager"]], steps + 1
            assert steps < len(PEOPLE)
        assert person["role"] == "head"


def test_somebody_reports_to_dana_through_somebody_else() -> None:
    leads = {p["email"] for p in PEOPLE if p["manager"] == "dana@northwind.example"}
    assert any(person["manager"] in leads for person in PEOPLE)


def test_nobody_shares_an_account_in_the_learning_platform() -> None:
    accounts = [p["external_ids"]["example-lms"] for p in PEOPLE if p["external_ids"]]
    assert len(accounts) == len(set(accounts)) == 39


def test_the_catalogue_fits_the_field_types() -> None:
    assert len({item["external_ids"]["example-lms"] for item in CONTENT}) == 12
    competencies = {competency["key"] for competency in CAPABILITIES["competencies"]}
    for item in CONTENT:
        TypeAdapter(ShortText).validate_python(item["title"])
        TypeAdapter(Url).validate_python(item["url"])
        TypeAdapter(Minutes).validate_python(item["effort_minutes"])
        for taught in item["teaches"]:
            TypeAdapter(Level).validate_python(taught["level"])
            assert taught["competency"] in competencies


def test_the_capability_map_keeps_its_contract() -> None:
    published = CapabilitiesPublished.model_validate({**CAPABILITIES, "version": 1, "published_at": NOW})
    competencies, kpis = {c.key for c in published.competencies}, {k.key for k in published.kpis}
    assert (len(competencies), len(published.goals), len(kpis)) == (6, 4, 5)
    for rules in (published.requirements, published.signal_rules, published.kpi_rules):
        assert {rule.competency for rule in rules} <= competencies
    assert {rule.kpi for rule in published.kpi_rules} == kpis
    assert {c for goal in published.goals for c in goal.competencies} == competencies
    assert {k for goal in published.goals for k in goal.kpis} == kpis
    assert {r.role for r in published.requirements} <= {p["role"] for p in PEOPLE}
    assert all(kpi.replaces for kpi in published.kpis)


def test_a_kpi_alarms_on_the_wrong_side_of_its_target() -> None:
    for kpi in CAPABILITIES["kpis"]:
        worse = kpi["alarm"] - kpi["target"]
        assert worse > 0 if kpi["direction"] == "lower_is_better" else worse < 0


def completed_lately(email: str, competency: str) -> bool:
    """Whether the person completed content that teaches level 3 or more within the last 60 days."""
    teaching = {
        item["external_ids"]["example-lms"]
        for item in CONTENT
        for taught in item["teaches"]
        if taught["competency"] == competency and taught["level"] >= 3
    }
    return any(
        LMS_IDS[report["data"]["person"]["id"]]["email"] == email
        and report["data"]["content"]["id"] in teaching
        and NOW - datetime.fromisoformat(report["time"]) < timedelta(days=60)
        for report in learning_reports(NOW)
    )


def required_of(team: str, competency: str) -> list[str]:
    roles = {r["role"] for r in CAPABILITIES["requirements"] if r["competency"] == competency}
    return [person["email"] for person in PEOPLE if person["team"] == team and person["role"] in roles]


@pytest.mark.parametrize("competency", ["release-engineering", "test-design", "secure-coding"])
def test_payments_holds_what_checkout_lacks(competency: str) -> None:
    checkout, payments = required_of("checkout", competency), required_of("payments", competency)
    assert len(checkout) >= 5
    assert all(completed_lately(email, competency) for email in payments)
    assert sum(completed_lately(email, competency) for email in checkout) <= 1


def test_one_item_alone_can_be_suggested_to_checkout_for_its_gap() -> None:
    """What is drawn among several would be another story each time."""
    need, concerned = (
        Need(CompetencyKey("release-engineering"), 3, "en"),
        required_of("checkout", "release-engineering"),
    )
    found = eligible(need, [content_of(item) for item in CONTENT], frozenset(), None)
    left = {item.title: set(concerned) - done_lately(item.content_id) for item in found}
    assert {title: people for title, people in left.items() if people} == {"Small, reversible releases": set(concerned)}


def content_of(item: dict[str, Any]) -> Content:
    return Content(
        ContentId(item["external_ids"]["example-lms"]),
        version=1,
        teaches=tuple(Teaches(**taught) for taught in item["teaches"]),
        **{name: item[name] for name in ("title", "url", "language", "effort_minutes")},
        retired=item.get("retired", False),
    )


def done_lately(content_id: ContentId) -> set[str]:
    """Who did it within the days for which it is not suggested again."""
    return {
        LMS_IDS[report["data"]["person"]["id"]]["email"]
        for report in learning_reports(NOW)
        if report["data"]["content"]["id"] == content_id and NOW - datetime.fromisoformat(report["time"]) < KEPT
    }


def test_both_teams_report_the_same_failing_number() -> None:
    alarm = next(kpi["alarm"] for kpi in CAPABILITIES["kpis"] if kpi["key"] == "change-failure-rate")
    newest = {
        report["data"]["team"]: report["data"]["value"]
        for report in measurement_reports(NOW)
        if report["data"]["kpi"] == "change-failure-rate"
    }
    assert newest["checkout"] > alarm < newest["payments"]
    assert newest["platform"] < alarm


def test_reports_are_cloud_events_of_the_past_with_ids_of_their_own() -> None:
    reports = [*learning_reports(NOW), *measurement_reports(NOW)]
    assert len({(report["source"], report["id"]) for report in reports}) == len(reports)
    for report in reports:
        assert report["specversion"] == "1.0"
        assert datetime.fromisoformat(report["time"]) <= NOW


def test_learning_history_names_known_learners_and_content() -> None:
    offered = {item["external_ids"]["example-lms"] for item in CONTENT}
    for report in learning_reports(NOW):
        assert report["data"]["person"]["id"] in LMS_IDS
        assert report["data"]["content"]["id"] in offered
        assert LearningVerb(report["data"]["verb"]) is LearningVerb.COMPLETED
        assert 0 <= report["data"]["score"] <= 1


def test_a_week_is_reported_once_however_often_the_day_is_asked() -> None:
    morning, evening = measurement_reports(NOW), measurement_reports(NOW + timedelta(hours=12))
    assert morning == evening
    assert {r["id"] for r in morning}.isdisjoint(r["id"] for r in measurement_reports(NOW + timedelta(days=1)))


def test_every_door_attributes_every_payload_that_is_played_through_it() -> None:
    integrations = {entry["name"]: entry for entry in read("integrations.yaml")["integrations"]}
    for step in load_play().steps:
        door = integrations[step.integration]
        payload = json.loads((COMPANY / "payloads" / step.file).read_text())
        assert door["tool"] == step.tool
        assert team_of(payload, door["rules"]) == step.integration.split("-")[1]


def team_of(payload: dict[str, Any], rules: list[dict[str, Any]]) -> str:
    facts = {
        "repository": payload.get("repository", {}).get("full_name", ""),
        "project": payload.get("issue", {}).get("fields", {}).get("project", {}).get("key", ""),
    }
    matching = (r for r in rules if all(fnmatchcase(facts[name], glob) for name, glob in r["match"].items()))
    return str(next(matching)["team"])


def test_both_teams_are_played_the_same() -> None:
    played = [(s.integration.split("-")[1], s.tool, s.file, s.repeat) for s in load_play().steps]
    parts = {team: [step[1:] for step in played if step[0] == team] for team in ("checkout", "payments")}
    assert parts["checkout"] == parts["payments"]


def test_every_payload_names_its_origin() -> None:
    folder = COMPANY / "payloads"
    listed = (folder / "SOURCE.md").read_text()
    payloads = [path.relative_to(folder).as_posix() for path in folder.rglob("*.json")]
    assert payloads
    assert all(f"`{name}`" in listed for name in payloads)
    assert all(Path(folder / name).exists() for name in ("LICENSE.octokit", "LICENSE.zulip"))


def test_slugs_are_slugs() -> None:
    slug: TypeAdapter[str] = TypeAdapter(Slug)
    for name in [*(t["slug"] for t in TEAMS), *(p["role"] for p in PEOPLE), *(t["unit"] for t in TEAMS)]:
        assert slug.validate_python(name) == name
