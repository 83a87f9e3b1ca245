"""What statements mean, what two of them have in common, and the simple types of the standard."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from kinetic.common.problems import Problem
from kinetic.contracts.ingestion import LearningVerb
from kinetic.ingestion.domain.occurrences import Handle, Learning
from kinetic.ingestion.xapi.fields import (
    refuse_other_than_duration,
    refuse_other_than_iri,
    refuse_other_than_irl,
    refuse_other_than_language,
)
from kinetic.ingestion.xapi.fingerprints import fingerprint_of
from kinetic.ingestion.xapi.meaning import CMI5, MOVE_ON, Meaning, Nothing, Voiding, meaning_of
from kinetic.ingestion.xapi.parts import Body
from kinetic.ingestion.xapi.reading import read_statements
from kinetic.ingestion.xapi.statements import Statement
from services.ingestion.tests.xapi_statements import COURSE, statement, voiding

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def meaning(verb: str = "completed", **fields: Any) -> Meaning:
    said = Statement.model_validate(statement(verb, **fields), context={"version": (2, 0)})
    return meaning_of(said, "lms", NOW)


def learning(verb: str = "completed", **fields: Any) -> Learning:
    meant = meaning(verb, **fields)
    assert isinstance(meant, Learning)
    return meant


@pytest.mark.parametrize(
    ("verb", "meant"),
    [
        ("registered", LearningVerb.ENROLLED),
        ("launched", LearningVerb.STARTED),
        ("initialized", LearningVerb.STARTED),
        ("attempted", LearningVerb.STARTED),
        ("progressed", LearningVerb.PROGRESSED),
        ("completed", LearningVerb.COMPLETED),
        ("passed", LearningVerb.PASSED),
        ("failed", LearningVerb.FAILED),
        (f"{CMI5}/satisfied", LearningVerb.COMPLETED),
    ],
)
def test_verbs_that_are_followed(verb: str, meant: LearningVerb) -> None:
    assert learning(verb).verb is meant


@pytest.mark.parametrize(
    "verb", [f"{CMI5}/waived", f"{CMI5}/abandoned", "terminated", "answered", "https://x.example/v"]
)
def test_other_verbs_mean_nothing(verb: str) -> None:
    assert isinstance(meaning(verb), Nothing)


@pytest.mark.parametrize(
    ("result", "meant"),
    [
        ({"success": True, "completion": True}, LearningVerb.PASSED),
        ({"completion": True}, LearningVerb.COMPLETED),
        ({"success": False, "completion": True}, LearningVerb.FAILED),
    ],
)
def test_what_decides_to_move_on_means_what_its_result_says(result: Any, meant: LearningVerb) -> None:
    around = {"contextActivities": {"category": {"id": MOVE_ON}}}
    assert learning(f"{CMI5}/waived", result=result, context=around).verb is meant
    assert isinstance(meaning(f"{CMI5}/waived", result=result), Nothing)
    assert isinstance(meaning(f"{CMI5}/waived", context=around), Nothing)


def test_completion_without_success_is_a_failure_and_without_completion_progress() -> None:
    assert learning(result={"success": False}).verb is LearningVerb.FAILED
    assert learning(result={"completion": False}).verb is LearningVerb.PROGRESSED


@pytest.mark.parametrize(
    ("score", "share"),
    [
        ({"scaled": 0.75, "raw": 1, "max": 10}, 0.75),
        ({"scaled": -0.5}, 0.0),
        ({"raw": 80, "min": 0, "max": 100}, 0.8),
        ({"raw": 15, "min": 10, "max": 20}, 0.5),
        ({"raw": 80, "max": 100}, 0.8),
        ({"raw": -5, "max": 100}, None),
        ({"raw": 80}, None),
        ({"raw": 1.7e308, "min": -1.7e308, "max": 1.7e308}, None),
        ({}, None),
    ],
)
def test_score_is_a_share(score: Any, share: float | None) -> None:
    assert learning("passed", result={"score": score}).score == share


@pytest.mark.parametrize(
    ("time", "moment"),
    [
        ("2026-05-04T09:30:00.5+02:00", datetime(2026, 5, 4, 7, 30, 0, 500_000, tzinfo=UTC)),
        ("2026-05-04T09:30:00-0930", datetime(2026, 5, 4, 19, 0, tzinfo=UTC)),
        ("2026-05-04t09:30:00z", datetime(2026, 5, 4, 9, 30, tzinfo=UTC)),
        ("2050-01-01T00:00:00Z", NOW),
        (None, NOW),
    ],
)
def test_time_is_taken_in_any_zone_and_never_lies_ahead(time: str | None, moment: datetime) -> None:
    assert learning(timestamp=time).occurred_at == moment


def test_time_without_a_zone_is_utc_until_version_2() -> None:
    body = Body(json.dumps(statement(timestamp="2026-05-04T09:30:00")).encode())
    (read,) = read_statements(body, (1, 0))
    meant = meaning_of(read.statement, "lms", NOW)
    assert isinstance(meant, Learning)
    assert meant.occurred_at == datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
    with pytest.raises(Problem):
        read_statements(body, (2, 0))


def test_agents_of_the_context_belong_to_version_2() -> None:
    around = {"contextAgents": [{"objectType": "contextAgent", "agent": {"mbox": "mailto:a@x.example"}}]}
    body = Body(json.dumps(statement(context=around)).encode())
    assert read_statements(body, (2, 0))
    with pytest.raises(Problem):
        read_statements(body, (1, 0))


@pytest.mark.parametrize(
    "fields",
    [
        {"actor": {"objectType": "Group", "mbox": "mailto:team@x.example"}},
        {"actor": {"openid": "https://id.example/dana"}},
        {"actor": {"account": {"homePage": "https://x.example", "name": "n" * 201}}},
        {"object": {"id": "urn:" + "o" * 200}},
        {"object": {"objectType": "Agent", "mbox": "mailto:boss@x.example"}},
        {"object": {"id": COURSE, "definition": {"type": "http://adlnet.gov/expapi/activities/cmi.interaction"}}},
        {"timestamp": "1969-12-31T23:59:59Z"},
    ],
)
def test_what_can_be_about_nobody_or_nothing_here_means_nothing(fields: Any) -> None:
    assert isinstance(meaning(**fields), Nothing)


def test_learner_is_a_handle_and_nothing_else_of_the_actor_is_kept() -> None:
    meant = learning(actor={"name": "Dana D.", "account": {"homePage": "https://lms.example", "name": "L-1"}})
    assert meant.person == Handle("lms", "L-1")
    assert "Dana" not in repr(meant)


def test_voiding_names_the_other_statement_in_lower_case() -> None:
    said = Statement.model_validate(voiding("ABCDEF00-0000-4000-8000-000000000000"))
    assert meaning_of(said, "lms", NOW) == Voiding("abcdef00-0000-4000-8000-000000000000")


SAID = statement(
    actor={"objectType": "Group", "member": [{"mbox": "mailto:a@x.example"}, {"mbox": "mailto:b@x.example"}]},
    context={"contextActivities": {"parent": {"id": COURSE}}, "extensions": {"urn:x": {"display": 1}}},
    result={"score": {"raw": 1}},
)


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "other", "stored": "2026-05-04T09:30:00Z", "version": "1.0.0", "authority": {}},
        {"timestamp": "2026-05-04T07:30:00Z"},
        {"verb": {**SAID["verb"], "display": {"en": "completed"}}},
        {"object": {**SAID["object"], "definition": {"name": {"en": "Course"}}}},
        {"actor": {"member": SAID["actor"]["member"][::-1], "objectType": "Group"}},
        {"context": {**SAID["context"], "contextActivities": {"parent": [{"id": COURSE}]}}},
        {"result": {"score": {"raw": 1.0}}},
    ],
)
def test_statement_says_the_same_in_other_words(changed: Any) -> None:
    assert fingerprint_of({**SAID, **changed}) == fingerprint_of(SAID)


@pytest.mark.parametrize(
    "changed",
    [
        {"timestamp": "2026-05-04T09:30:00Z"},
        {"verb": {"id": "https://x.example/v"}},
        {"object": {"id": COURSE + "0"}},
        {"context": {**SAID["context"], "extensions": {"urn:x": {"display": 2}}}},
        {"result": {"score": {"raw": 1.5}}},
    ],
)
def test_statement_that_says_something_else_is_another(changed: Any) -> None:
    assert fingerprint_of({**SAID, **changed}) != fingerprint_of(SAID)


GOOD_AND_BAD = [
    (
        refuse_other_than_iri,
        ["urn:a", "https://ü.example/ä?q#f", "mailto:a"],
        ["", "a", "//x", "a b:c", "urn:", "urn:a b"],
    ),
    (refuse_other_than_irl, ["https://x.example", "HTTP://x", "ftp://x"], ["https://", "http:/x", "https:x", "x"]),
    (
        refuse_other_than_language,
        ["en", "en-US", "zh-Hant-TW", "sl-rozaj-biske", "de-1996", "x-a", "i-klingon", "en-a-bb-x-c", "es-419", "tlh"],
        ["", "e", "en_US", "en-", "en-US-", "123", "abcdefghi", "en-x", "de-a", "en-Latn-Latn"],
    ),
    (
        refuse_other_than_duration,
        ["P1Y", "PT1S", "PT0.5S", "P1Y2M3DT4H5M6,7S", "P2W", "PT1.5H"],
        ["P", "PT", "P1YT", "1Y", "PT1.5H1S", "P1W1D", "P-1D", "PT1S1H", ""],
    ),
]


@pytest.mark.parametrize(("refuse", "good", "bad"), GOOD_AND_BAD, ids=["IRI", "IRL", "language", "duration"])
def test_simple_types_are_taken_and_refused(refuse: Any, good: list[str], bad: list[str]) -> None:
    for text in good:
        assert refuse(text) == text
    for text in bad:
        with pytest.raises(ValueError, match="must be"):
            refuse(text)
