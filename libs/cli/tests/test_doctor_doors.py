"""What the doctor says about services, the issuer, integrations and what the installation works with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from kinetic.cli.doctor.finding import State
from kinetic.cli.doctor.gathering.http import measured_in, shown
from kinetic.cli.doctor.gathering.tokens import read_published_keys
from kinetic.cli.doctor.judgements.integrations import (
    Delivered,
    Feed,
    Integration,
    judge_doors,
    judge_feeds,
    judge_integrations,
)
from kinetic.cli.doctor.judgements.issuer import (
    PublishedKey,
    TokenState,
    judge_access,
    judge_discovery,
    judge_keys,
    judge_token,
)
from kinetic.cli.doctor.judgements.services import Measured, ServiceState, judge_clocks, judge_services
from kinetic.cli.doctor.judgements.setup import (
    Published,
    judge_projections,
    judge_published,
    judge_secret_keys,
)
from kinetic.cli.errors import Refused, Unreachable

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
WELL = Measured("feedback", "1.0")
ALGORITHMS = ("RS256", "ES256")


def test_service_that_is_well_is_told_in_one_line() -> None:
    (finding,) = judge_services([ServiceState("feedback", measured=WELL)], "1.0")
    assert (finding.name, finding.state, finding.detail) == ("feedback", State.OK, "live and ready, version 1.0")


@pytest.mark.parametrize(
    ("state", "name", "told", "remedy"),
    [
        (ServiceState("feedback", silence="no answer"), "feedback", "no answer", "KINETIC_FEEDBACK_URL"),
        (ServiceState("skill-gap", silence="no answer"), "skill-gap", "no answer", "KINETIC_SKILL_GAP_URL"),
        (ServiceState("feedback", stuck=("relay",), measured=WELL), "feedback is live", "relay", "Restart"),
        (
            ServiceState("feedback", missing=("migrated", "bootstrapped"), measured=WELL),
            "feedback is ready",
            "migrated, bootstrapped",
            "python -m kinetic.feedback migrate",
        ),
        (ServiceState("feedback", measured=Measured("assignment", "1.0")), "feedback", "assignment answers", "URL"),
        (
            ServiceState("feedback", measured=Measured("feedback", "1.0", stopped=("kinetic.nudges",))),
            "feedback reads",
            "kinetic.nudges",
            "log",
        ),
        (
            ServiceState("feedback", measured=Measured("feedback", "1.0", outbox_seconds=61.0)),
            "outbox of feedback",
            "61 s",
            "kinetic_relay_shards_held",
        ),
    ],
)
def test_service_that_does_not_work_is_wrong(state: ServiceState, name: str, told: str, remedy: str) -> None:
    (finding,) = judge_services([state], "1.0")
    assert (finding.name, finding.state) == (name, State.WRONG)
    assert told in finding.detail
    assert remedy in finding.remedy


def test_other_version_and_hidden_metrics_are_warnings() -> None:
    other = ServiceState("feedback", measured=Measured("feedback", "0.9"))
    assert [f.state for f in judge_services([other, ServiceState("assignment")], "1.0")] == [State.WARNING] * 2


def test_metrics_are_read_from_their_text() -> None:
    text = (
        '# TYPE kinetic_build_info gauge\nkinetic_build_info{service="feedback",version="2.0"} 1.0\n'
        '# TYPE kinetic_consumer_stopped gauge\nkinetic_consumer_stopped{topic="a"} 1.0\n'
        'kinetic_consumer_stopped{topic="b"} 0.0\n'
        "# TYPE kinetic_outbox_oldest_seconds gauge\nkinetic_outbox_oldest_seconds 3.5\n"
    )
    assert measured_in(text) == Measured("feedback", "2.0", ("a",), 3.5)
    assert measured_in("") == Measured(None, None)


@pytest.mark.parametrize(("ahead", "expected"), [(4.0, State.OK), (6.0, State.WRONG), (-6.0, State.WRONG)])
def test_clock_that_differs_by_some_seconds_is_wrong(ahead: float, expected: State) -> None:
    (finding,) = judge_clocks("clocks", {"feedback": ahead, "assignment": 0.1})
    assert finding.state is expected
    assert (f"feedback by {ahead:+.0f} s" in finding.detail) == (expected is State.WRONG)


def test_issuer_must_publish_a_key_of_an_algorithm_that_services_take() -> None:
    good, other = PublishedKey("a", "ES256", True), PublishedKey("b", "PS512", True)
    assert judge_keys([good, other], ALGORITHMS)[0].state is State.OK
    for keys in ([], [other], [PublishedKey(None, "RS256", False)]):
        (finding,) = judge_keys(keys, ALGORITHMS)
        assert (finding.name, finding.state) == ("issuer keys", State.WRONG)


@pytest.mark.parametrize(
    ("token", "expected", "told"),
    [
        (TokenState("https://i", ("kinetic",), None), State.OK, "https://i"),
        (TokenState("https://i/", ("kinetic",), "the token is not valid here"), State.WRONG, "`iss` is https://i/"),
        (TokenState("https://i", ("else",), "the token is not valid here"), State.WRONG, "`aud` is else"),
        (TokenState("https://i", (), "the token is not valid here"), State.WRONG, "`aud` is missing"),
        (TokenState("https://i", ("kinetic",), "the token has expired"), State.WRONG, "expired"),
        (TokenState("https://j", ("kinetic",), None, is_judged=False), State.SKIPPED, "could not be had"),
    ],
)
def test_token_is_told_by_what_is_wrong_with_it(token: TokenState, expected: State, told: str) -> None:
    (finding,) = judge_token(token, "https://i", "kinetic")
    assert finding.state is expected
    assert told in finding.detail


def test_services_that_refuse_a_valid_token_were_told_another_issuer() -> None:
    answers = {"feedback": (200, ""), "assignment": (401, "401 Not authenticated"), "ingestion": (403, "403")}
    refused, lacking = judge_access(answers, is_valid=True)
    assert (refused.state, refused.detail) == (State.WRONG, "assignment answered 401 Not authenticated")
    assert "KINETIC_ISSUER" in refused.remedy
    assert (lacking.state, "admin" in lacking.remedy) == (State.SKIPPED, True)
    assert "KINETIC_ISSUER" not in judge_access(answers, is_valid=False)[0].remedy


def test_issuer_that_calls_itself_otherwise_is_a_warning() -> None:
    assert judge_discovery("https://i/", "https://i")[0].state is State.WARNING
    assert judge_discovery("https://i", "https://i") == judge_discovery(None, "https://i") == []


async def test_issuer_that_answers_anything_else_is_told_with_its_address_alone() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "away":
            raise httpx.ConnectError("refused")
        return httpx.Response(200, text="<html>")

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        with pytest.raises(Refused, match=r"^https://there/jwks answers 200 and no JWK set$"):
            await read_published_keys(client, "https://user:secret@there/jwks")
        with pytest.raises(Unreachable, match=r"^no answer from https://away/jwks \(ConnectError\)$"):
            await read_published_keys(client, "https://away/jwks")
    assert shown("http://user:secret@a.example:1/x") == "http://a.example:1/x"


def integration(*outcomes: str, days: float = 0, made_days: float = 10, paused: bool = False) -> Integration:
    at = NOW - timedelta(days=days)
    deliveries = tuple(Delivered(at, outcome, f"because {outcome}") for outcome in outcomes)
    return Integration("gh", "github", NOW - timedelta(days=made_days), paused, deliveries)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (integration("mapped", "refused"), State.OK),
        (integration("ignored"), State.OK),
        (integration("refused", "refused"), State.WRONG),
        (integration("test", "refused"), State.WRONG),
        (integration("refused", paused=True), State.OK),
        (integration(), State.WARNING),
        (integration("test"), State.WARNING),
        (integration(made_days=0.5), State.OK),
        (integration("mapped", days=8), State.WARNING),
        (integration("mapped", days=6), State.OK),
    ],
)
def test_integration_must_deliver_and_be_believed(one: Integration, expected: State) -> None:
    (finding,) = judge_integrations([one], NOW)
    assert finding.state is expected
    assert ("gh" in finding.name) == (expected is not State.OK)
    if expected is State.WRONG:
        assert "because refused" in finding.detail


def test_secrets_that_cannot_be_opened_are_wrong() -> None:
    shut = Integration("gh", "github", NOW, False, (), door=503)
    (finding,) = judge_doors([shut, Integration("gl", "gitlab", NOW, False, (), door=204)])
    assert (finding.state, "gh" in finding.detail, "gl" in finding.detail) == (State.WRONG, True, False)


def test_feed_that_cannot_be_read_is_named_with_its_error() -> None:
    (finding,) = judge_feeds([Feed("moodle", 3, "404"), Feed("other", 0, None)])
    assert (finding.name, finding.state) == ("feed of moodle", State.WARNING)
    assert "3 times in a row: 404" in finding.detail


def test_ingestion_without_keys_for_secrets_is_wrong() -> None:
    (finding,) = judge_secret_keys("503 Unavailable")
    assert (finding.state, "KINETIC_SECRET_KEYS" in finding.remedy) == (State.WRONG, True)
    assert judge_secret_keys(None)[0].state is State.OK


def published(seconds: float = 3, version: int | None = 4, has: bool = True) -> Published:
    return Published(has, version, NOW - timedelta(seconds=seconds), has, has)


def test_installation_with_everything_it_works_with_is_fine() -> None:
    assert [f.state for f in judge_published(published(), NOW)] == [State.OK] * 3
    empty = judge_published(published(has=False), NOW)
    assert [(f.name, f.state) for f in empty] == [
        (name, State.WRONG) for name in ("directory", "catalogue", "capability map")
    ]


def test_directory_must_be_confirmed_and_hold_somebody() -> None:
    def judged(told: Published) -> State:
        return judge_published(told, NOW)[0].state

    assert judged(published(seconds=61)) is State.WRONG
    assert judged(published(version=0)) is State.WRONG
    assert judged(Published(True, None, None, True, True)) is State.WARNING


def test_service_that_has_not_heard_the_directory_is_named() -> None:
    (finding,) = judge_projections({"feedback": None, "assignment": 90.0, "skill-gap": 2.0})
    assert finding.state is State.WRONG
    assert "feedback (never), assignment (90 s)" in finding.detail
    assert judge_projections({"feedback": 2.0})[0].state is State.OK
