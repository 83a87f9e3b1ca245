"""What can happen to an issue, a card or a work item, whatever the tool calls it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pytest

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.environments import is_production
from kinetic.ingestion.connectors.marks import kind_of
from kinetic.ingestion.connectors.protocol import Ignored, Mapped, Observation
from kinetic.ingestion.connectors.severities import Severity
from kinetic.ingestion.connectors.work_items import (
    WorkItem,
    change_priority,
    day_in,
    end,
    label_fact,
    move_date,
    reopen,
    report,
    told,
)

MONDAY = date(2026, 11, 23)


def item(kind: str | None = None, **changed: str) -> WorkItem:
    return WorkItem("CHK", kind, Severity(0.75), None, None, {"project": "CHK"}, {}, **changed)


def only(observations: Iterable[Observation]) -> Observation:
    (observation,) = observations
    return observation


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["Bug"], kinds.QUALITY_DEFECT),
        (["type::bug", "P1"], kinds.QUALITY_DEFECT),
        ([":bug: Bugfix"], kinds.QUALITY_DEFECT),
        (["[System] Incident"], kinds.SERVICE_INCIDENT),
        (["bug", "incident"], kinds.SERVICE_INCIDENT),
        (["area/security"], kinds.SECURITY_FINDING),
        (["Complaint"], kinds.CUSTOMER_DISSATISFIED),
        (["not a bug"], None),
        (["[System] Post-incident review"], None),
        (["debugging", "Story"], None),
        ([], None),
    ],
)
def test_types_and_labels_mark_trouble(names: list[str], kind: str | None) -> None:
    assert kind_of(names) == kind


def test_only_marked_items_are_reported() -> None:
    assert only(report(item(kinds.QUALITY_DEFECT))).summary == "A defect in CHK was reported"
    assert list(report(item())) == []


def test_what_comes_back_is_trouble_even_without_mark() -> None:
    assert only(reopen(item(kinds.SERVICE_INCIDENT))).kind == kinds.SERVICE_INCIDENT
    assert only(reopen(item())).kind == kinds.QUALITY_DEFECT
    assert only(reopen(item(trouble=kinds.CUSTOMER_DISSATISFIED))).summary == "Work in CHK was reopened"


@pytest.mark.parametrize(("before", "after", "is_sign"), [(0.5, 1.0, True), (1.0, 0.75, False), (None, 0.5, False)])
def test_only_a_raised_priority_is_a_sign(before: float | None, after: float, *, is_sign: bool) -> None:
    assert bool(list(change_priority(item(kinds.QUALITY_DEFECT), before, Severity(after)))) is is_sign


@pytest.mark.parametrize(("day", "severity"), [(24, 0.3), (30, 0.5)])
def test_later_date_is_a_delay_by_its_days(day: int, severity: float) -> None:
    assert only(move_date(item(), MONDAY, date(2026, 11, day))).severity == severity
    assert list(move_date(item(), date(2026, 11, day), MONDAY)) == []
    assert list(move_date(item(), None, MONDAY)) == []


def test_end_after_the_date_is_a_delay_and_on_the_date_is_none() -> None:
    late = only(end(item(), MONDAY, date(2026, 11, 24)))

    assert (late.summary, late.attributes["days"]) == ("Work in CHK was done 1 day late", "1")
    assert list(end(item(), MONDAY, MONDAY)) == []


def test_labels_are_one_fact() -> None:
    assert label_fact(["bug", "team/checkout"]) == "bug, team/checkout"
    assert label_fact([]) is None


@pytest.mark.parametrize(("written", "day"), [("2026-11-23T08:00:00Z", MONDAY), ("2026-11-23", MONDAY), ("soon", None)])
def test_a_time_begins_with_its_day(written: str, day: date | None) -> None:
    assert day_in(written) == day


def test_nothing_observed_is_ignored_for_the_reason_given() -> None:
    assert told([], "no sign") == Ignored("no sign")
    assert isinstance(told(report(item(kinds.QUALITY_DEFECT)), "no sign"), Mapped)


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["[Bug]"], kinds.QUALITY_DEFECT),
        (["\N{LADY BEETLE}bug"], kinds.QUALITY_DEFECT),
        (["type=bug"], kinds.QUALITY_DEFECT),
        (["Error"], kinds.QUALITY_DEFECT),
        (["error handling"], None),
        (["Problème"], kinds.QUALITY_DEFECT),
        (["バグ"], kinds.QUALITY_DEFECT),
        (["Incidente"], kinds.SERVICE_INCIDENT),
        (["Sicherheitslücke"], kinds.SECURITY_FINDING),
        (["Reclamação"], kinds.CUSTOMER_DISSATISFIED),
        (["kein Fehler"], None),
    ],
)
def test_marks_are_known_in_any_brackets_and_in_several_languages(names: list[str], kind: str | None) -> None:
    assert kind_of(names) == kind


def test_complaint_is_called_one() -> None:
    assert only(report(item(kinds.CUSTOMER_DISSATISFIED))).summary == "A complaint in CHK was reported"


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("production", True),
        ("Production: eu", True),
        ("eu-prod", True),
        ("prd", True),
        ("pre-prod", False),
        ("preprod", False),
        ("non-production", False),
        ("Not live", False),
        ("staging", False),
        (None, False),
    ],
)
def test_what_comes_before_production_is_none(name: str | None, is_one: bool) -> None:
    assert is_production(name) is is_one
