"""What connectors share: reading payloads, labels and scales, and observations that belong together."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from kinetic.ingestion.connectors import kinds
from kinetic.ingestion.connectors.labels import facts_of, labels_of
from kinetic.ingestion.connectors.observing import observe, together
from kinetic.ingestion.connectors.payloads import texts, unix_time
from kinetic.ingestion.connectors.protocol import Observation
from kinetic.ingestion.connectors.severities import Scale, Severity, judge, ranks


def observation(**facts: str) -> Observation:
    return observe(
        kinds.SERVICE_INCIDENT,
        Severity(0.5),
        place="checkout",
        state="reported",
        at=None,
        url=None,
        facts=facts,
        attributes={},
    )


@pytest.mark.parametrize(
    ("written", "per_second"),
    [(1406662672, 1), ("1406662672", 1), (1406662672000, 1000), ("1406662672000", 1000), (1406662672 * 10**9, 10**9)],
)
def test_unix_times_are_read_as_numbers_and_as_digits(written: Any, per_second: int) -> None:
    assert unix_time({"at": written}, "at", per_second=per_second) == datetime(2014, 7, 29, 19, 37, 52, tzinfo=UTC)


@pytest.mark.parametrize("written", [None, True, "", "²", "soon", "1e9", -1, 10**30, "9" * 200, [1406662672]])
def test_what_is_no_unix_time_is_none(written: Any) -> None:
    assert unix_time({"at": written}, "at") is None


def test_a_list_of_texts_and_one_text_read_alike() -> None:
    assert texts({"names": ["a", 7, None, " b ", ""]}, "names") == ["a", "b"]
    assert texts({"names": "a"}, "names") == ["a"]
    assert texts({"names": {"a": 1}}, "names") == []
    assert texts(None, "names") == []


def test_labels_become_facts_under_one_name() -> None:
    facts = facts_of({"squad": "payments", "app": "checkout", "env": "prod", "pod": "checkout-7"})

    assert facts == {"team": "payments", "service": "checkout", "environment": "prod"}


def test_the_usual_name_of_a_label_counts_more_than_others() -> None:
    for labels in ({"app": "web", "service": "checkout"}, {"service": "checkout", "app": "web"}):
        assert facts_of(labels)["service"] == "checkout"
    assert facts_of({"service": "", "app": "web"})["service"] == "web"
    assert facts_of(None) == {}


def test_an_owner_with_an_address_is_a_person() -> None:
    assert facts_of({"owner": "payments"}) == {"owner": "payments"}
    assert facts_of({"owner": "dana@northwind.example"}) == {"person": "dana@northwind.example"}


def test_tags_with_a_value_are_labels() -> None:
    assert labels_of(["Team:payments", "team:other", "monitor", "env:", "url:https://a"]) == {
        "team": "payments",
        "url": "https://a",
    }


def test_ranks_go_from_the_worst_to_the_least() -> None:
    assert ranks("p", "sev-")["p1"] == ranks("sev-")["sev-1"] == 1.0
    assert sorted(ranks("p").values(), reverse=True) == list(ranks("p").values())


def test_observations_of_one_payload_keep_the_facts_they_share() -> None:
    mapped = together([observation(team="payments", alert="A"), observation(team="payments", alert="B", job="x")])

    assert [dict(one.attribution) for one in mapped.observations] == [{"team": "payments"}] * 2


@pytest.mark.parametrize(
    ("word", "severity"),
    [("Dringend", 1.0), (" haute ", 0.75), ("média", 0.5), ("低", 0.25), ("gut", None), ("Ärger", None)],
)
def test_priorities_are_known_in_several_languages_where_the_tool_has_them(word: str, severity: float | None) -> None:
    scale = Scale("priority", {"urgent": 1.0, "high": 0.75, "medium": 0.5, "low": 0.25})

    expected = Severity(0.5, (f"priority {word}",)) if severity is None else Severity(severity)
    assert scale.of(word) == judge("priority", word) == expected
