"""Whatever is asked of an installation, in whatever order: nothing acknowledged is lost, doubled or made up.

`KINETIC_HISTORIES=500` tries so many histories, others each time, instead of the few of every test run, and shortens what fails.
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

from services.ingestion.tests.history import Installation, Opened
from tests.support.databases import Templates

IS_LONG = "KINETIC_HISTORIES" in os.environ
HISTORIES = int(os.environ.get("KINETIC_HISTORIES", "10"))
STEPS = 40
TEAMS = ("payments", "checkout", "search")
PEOPLE = ("dana@x.example", "eve@x.example")
COURSES = ("C-1", "C-2")
KPIS = ("lead-time", "error-rate")
PERIOD = {"period_start": "2026-01-01T00:00:00Z", "period_end": "2026-01-08T00:00:00Z"}
DOORS = (
    *(("POST", "/events"), ("POST", "/measurements"), ("PUT", "/directory"), ("PUT", "/catalogue")),
    *(
        ("POST", "/integrations"),
        ("POST", "/catalogue/import"),
        ("POST", "/directory/import"),
        ("POST", "/xapi/statements"),
    ),
    *(("POST", "/scim/v2/Users"), ("POST", "/oauth/token"), ("POST", "/webhooks/x"), ("POST", "/catalogue/feeds")),
)
MEDIA = ("application/json", "application/yaml", "text/csv", "application/cloudevents-batch+json", "x")

teams, people, courses, kpis = map(st.sampled_from, (TEAMS, PEOPLE, COURSES, KPIS))
numbers = st.integers(0, 3)


class History(RuleBasedStateMachine):
    """The rules are what administrators and tools do; the fields are what they know."""

    integrations = Bundle("integrations")

    def __init__(self, templates: Templates) -> None:
        super().__init__()
        self.installation = Installation(templates)
        self.opened: list[Opened] = []
        self.events: dict[tuple[str, int], list[str]] = {}
        self.measured: dict[tuple[str, str], dict[int, list[str]]] = {}
        self.acknowledged: list[str] = []
        self.maps = 0

    def teardown(self) -> None:
        self.installation.close()

    @rule(target=integrations, team=teams)
    def open_integration(self, team: str) -> Opened:
        body = {"tool": "github", "name": f"name-{len(self.opened)}", "rules": [{"match": {}, "team": team}]}
        made = self.installation.ok("POST", "/integrations", json=body)
        self.opened.append(Opened(made["integration_id"], made["path"], made["secret"]))
        return self.opened[-1]

    @rule(opened=integrations)
    def rotate(self, opened: Opened) -> None:
        answer = self._administer(opened, "POST", "/rotate")
        if not opened.is_deleted:
            opened.former, opened.is_former_valid = opened.secret, True
            opened.secret = answer["secret"]

    @rule()
    def let_hours_pass(self) -> None:
        self.installation.let_former_secrets_expire()
        for opened in self.opened:
            opened.is_former_valid = False

    @rule(opened=integrations, is_paused=st.booleans())
    def pause_or_resume(self, opened: Opened, is_paused: bool) -> None:
        self._administer(opened, "POST", "/pause" if is_paused else "/resume")
        opened.is_paused = is_paused

    @rule(opened=integrations, team=teams)
    def replace_rules(self, opened: Opened, team: str) -> None:
        self._administer(opened, "PUT", "/rules", json={"rules": [{"match": {}, "team": team}]})

    @rule(opened=consumes(integrations))
    def delete_integration(self, opened: Opened) -> None:
        self._administer(opened, "DELETE", "")
        opened.is_deleted = True

    @rule(opened=integrations, number=numbers, secret=st.sampled_from(["secret", "former", "wrong"]))
    def deliver(self, opened: Opened, number: int, secret: str) -> None:
        key = {"secret": opened.secret, "former": opened.former}.get(secret) or "wrong"

        answer = self.installation.deliver(opened, key, number)

        if not opened.believes(key):
            assert answer.status_code == 401
        elif opened.is_paused:
            assert (answer.status_code, answer.json()["status"]) == (202, "ignored")
        else:
            assert answer.status_code == 202
            opened.sent[number] = self._taken(answer.json(), opened.sent.get(number))

    @rule(number=numbers, team=teams, kpi=kpis)
    def report_measurement(self, number: int, team: str, kpi: str) -> None:
        self._report("measurement", number, {"kpi": kpi, "team": team, "value": 1, "n": 1, **PERIOD})

    @rule(number=numbers, person=people, course=courses)
    def report_learning(self, number: int, person: str, course: str) -> None:
        content = {"system": "lms", "id": course}
        told = {"person": {"email": person.upper()}, "content": content, "verb": "completed"}
        self._report("learning", number, {**told, "occurred_at": PERIOD["period_end"]})

    @rule(team=teams, kpi=kpis, version=st.integers(1, 4))
    def measure(self, team: str, kpi: str, version: int) -> None:
        row = {"kpi": kpi, "team": team, "value": version, "n": 1, "version": version, **PERIOD}
        taken = self.installation.ok("POST", "/measurements", json=[row])["results"][0]["taken"]
        known = self.measured.setdefault((team, kpi), {})
        if version not in known and version < max(known, default=0):
            assert (taken["status"], taken["event_ids"]) == ("superseded", [])
        else:
            known[version] = self._taken(taken, known.get(version))

    @rule(team=teams, is_removed=st.booleans())
    def state_team(self, team: str, is_removed: bool) -> None:
        self._load_directory(teams=[{"slug": team, "name": team, "unit": "unit", "removed": is_removed}])

    @rule(person=people)
    def state_person(self, person: str) -> None:
        self._load_directory(people=[_person(person)])

    @rule(course=courses)
    def state_course(self, course: str) -> None:
        self.installation.ok("PUT", "/catalogue", json={"content": [_course(course)]})

    @rule(kpi=kpis)
    def publish_map(self, kpi: str) -> None:
        self.maps += 1
        self.installation.publish_map(self.maps, kpi)

    @rule()
    def release(self) -> None:
        self.installation.release()

    @rule(door=st.sampled_from(DOORS), media_type=st.sampled_from(MEDIA), body=st.binary(max_size=30))
    def send_rubbish(self, door: tuple[str, str], media_type: str, body: bytes) -> None:
        self.installation.ask(*door, content=body, headers={"content-type": media_type})

    @rule()
    def look_around(self) -> None:
        for path in (
            "/integrations",
            "/directory",
            "/catalogue",
            "/catalogue/feeds",
            "/scim/v2/Users",
            "/dead-letters",
        ):
            self.installation.ok("GET", path)
        for opened in self.opened:
            self._administer(opened, "GET", "/deliveries")

    @rule()
    def make_everything_known(self) -> None:
        """Then nothing has a reason to wait."""
        self._load_directory(teams=[{"slug": team, "name": team, "unit": "unit"} for team in TEAMS])
        self._load_directory(people=[_person(person) for person in PEOPLE])
        self.installation.ok("PUT", "/catalogue", json={"content": [_course(course) for course in COURSES]})
        self.maps += 1
        self.installation.publish_map(self.maps, *KPIS)
        self.installation.release()
        assert self.installation.parked() == []

    @invariant()
    def what_is_acknowledged_is_told_or_parked_once(self) -> None:
        kept = self.installation.told() + self.installation.parked()
        assert sorted(kept) == sorted(self.acknowledged)

    @invariant()
    def door_of_a_deleted_integration_is_shut(self) -> None:
        for opened in [opened for opened in self.opened if opened.is_deleted][-2:]:
            assert self.installation.deliver(opened, opened.secret, 0).status_code == 404

    def _administer(self, opened: Opened, method: str, what: str, **request: Any) -> Any:
        answer = self.installation.ask(method, f"/integrations/{opened.integration_id}{what}", **request)
        assert (answer.status_code == 404) == opened.is_deleted, answer.text
        return answer.json() if answer.content else None

    def _load_directory(self, **document: Any) -> None:
        self.installation.ok("PUT", "/directory", json=document)

    def _report(self, kind: str, number: int, data: dict[str, Any]) -> None:
        taken = self.installation.report(kind, number, data)
        self.events[kind, number] = self._taken(taken, self.events.get((kind, number)))

    def _taken(self, taken: dict[str, Any], known: list[str] | None) -> list[str]:
        """The ids under which it was taken: the known ones again for a repetition, else new ones."""
        event_ids: list[str] = taken["event_ids"]
        if known is not None:
            assert (taken["status"], event_ids) == ("repeated", known)
        else:
            assert taken["status"] in ("accepted", "parked")
            assert event_ids
            self.acknowledged += event_ids
        return event_ids


def _person(email: str) -> dict[str, Any]:
    return {"email": email, "name": "N", "role": "engineer", "time_zone": "UTC", "team": None}


def _course(course: str) -> dict[str, Any]:
    address = f"https://learn.example/{course}"
    return {"external_ids": {"lms": course}, "title": "T", "url": address, "effort_minutes": 20, "language": "en"}


def test_no_history_loses_doubles_or_makes_up_anything(templates: Templates) -> None:
    class Beginning(History):
        def __init__(self) -> None:
            super().__init__(templates)

    run_state_machine_as_test(
        Beginning,
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not IS_LONG,
            phases=[Phase.generate, Phase.shrink] if IS_LONG else [Phase.generate],
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
