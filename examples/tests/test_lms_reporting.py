"""Every report reaches Kinetic under one id, however often it has to be sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from examples.issuer import client_secret_file
from examples.lms.bearer import Bearer, TokenUnavailable
from examples.lms.learners import path_of
from examples.lms.reporting import NotAccepted, Reporter
from examples.lms.requests import EnrolmentRequested
from examples.lms.store import Store
from examples.tests.doors import RecordingDoor

LONG_AFTER = 1_000_000.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "lms.sqlite3")
    yield opened
    opened.close()


@pytest.fixture
def bearer(issuer_url: str, issuer_folder: Path, http: httpx.AsyncClient) -> Bearer:
    return Bearer(http, issuer_url, client_secret_file(issuer_folder, "example-lms"))


@pytest.fixture
def reporter(store: Store, http: httpx.AsyncClient, door: RecordingDoor, bearer: Bearer) -> Reporter:
    return Reporter(store, http, door.url, bearer, clock=lambda: LONG_AFTER)


def enrol(store: Store, *numbers: int) -> None:
    requests = [EnrolmentRequested(f"e-{n}", f"a-{n}", f"L-{n}", "NW-1") for n in numbers]
    store.take(requests, 100.0, lambda request: None, lambda assignment_id: path_of(assignment_id, 2.0))


def ids(door: RecordingDoor) -> list[str]:
    return [received.headers["ce-id"] for received in door.received]


async def test_a_report_is_a_binary_cloud_event_about_the_assignment(
    store: Store, reporter: Reporter, door: RecordingDoor
) -> None:
    enrol(store, 1)
    await reporter.send_due()
    last = door.received[-1]
    assert last.path == "/events"
    assert last.headers["ce-specversion"] == "1.0"
    assert last.headers["ce-type"] == "kinetic.learning.report.v1"
    assert last.headers["ce-source"] == "/example-lms"
    assert last.headers["content-type"] == "application/json"
    data = json.loads(last.body)
    assert data["person"] == {"system": "example-lms", "id": "L-1"}
    assert data["content"] == {"system": "example-lms", "id": "NW-1"}
    assert (data["verb"], data["registration"]) == ("completed", "a-1")
    assert data["occurred_at"] == last.headers["ce-time"]


async def test_the_reports_of_one_assignment_go_out_in_order(
    store: Store, reporter: Reporter, door: RecordingDoor
) -> None:
    enrol(store, 1, 2)
    await reporter.send_due()
    for number in (1, 2):
        sent = [name for name in ids(door) if name.startswith(f"a-{number}/")]
        assert sent == [f"a-{number}/{verb}" for verb in ("enrolled", "started", "completed")]


@pytest.mark.parametrize("status", [503, 500, 429, 404, 403])
async def test_a_report_that_is_not_accepted_holds_back_the_later_ones_and_goes_out_again(
    store: Store, reporter: Reporter, door: RecordingDoor, status: int
) -> None:
    enrol(store, 1)
    door.answers.extend([202, status])
    with pytest.raises(NotAccepted):
        await reporter.send_due()
    assert ids(door) == ["a-1/enrolled", "a-1/started"]
    await reporter.send_due()
    assert ids(door)[2:] == ["a-1/started", "a-1/completed"]
    assert door.received[1].body == door.received[2].body
    assert store.next_due_at() is None


async def test_one_assignment_that_must_wait_does_not_hold_back_another(
    store: Store, reporter: Reporter, door: RecordingDoor
) -> None:
    enrol(store, 1, 2)
    door.answers.append(503)
    with pytest.raises(NotAccepted):
        await reporter.send_due()
    assert len(ids(door)) == 4
    assert len(store.due(LONG_AFTER, 100)) == 3


async def test_an_invalid_report_is_put_aside_with_its_answer(
    store: Store, reporter: Reporter, door: RecordingDoor
) -> None:
    enrol(store, 1)
    door.answers.append(422)
    assert await reporter.send_due() == 3
    assert ids(door) == ["a-1/enrolled", "a-1/started", "a-1/completed"]
    assert store.next_due_at() is None


async def test_a_refused_token_is_renewed(store: Store, reporter: Reporter, door: RecordingDoor) -> None:
    enrol(store, 1)
    door.answers.append(401)
    with pytest.raises(NotAccepted):
        await reporter.send_due()
    await reporter.send_due()
    first, second = (received.headers["authorization"] for received in door.received[:2])
    assert first != second


async def test_a_report_whose_answer_was_lost_goes_out_again_under_its_id(
    tmp_path: Path, store: Store, http: httpx.AsyncClient, door: RecordingDoor, bearer: Bearer
) -> None:
    enrol(store, 1)
    store.settle = die  # type: ignore[method-assign]
    with pytest.raises(Killed):
        await Reporter(store, http, door.url, bearer, clock=lambda: LONG_AFTER).send_due()
    restarted = Store(tmp_path / "lms.sqlite3")
    await Reporter(restarted, http, door.url, bearer, clock=lambda: LONG_AFTER).send_due()
    restarted.close()
    assert ids(door) == ["a-1/enrolled", "a-1/enrolled", "a-1/started", "a-1/completed"]
    assert door.received[0].body == door.received[1].body


class Killed(Exception):
    pass


def die(report_id: str, answer: int, now: float) -> None:
    raise Killed


async def test_it_keeps_reporting_while_kinetic_comes_and_goes(
    store: Store, reporter: Reporter, door: RecordingDoor
) -> None:
    door.answers.extend([503, 503, 202, 503])
    running = asyncio.create_task(reporter.run())
    enrol(store, 1)
    reporter.wake()
    await door.has_received(6)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert list(dict.fromkeys(ids(door))) == ["a-1/enrolled", "a-1/started", "a-1/completed"]


async def test_a_token_is_kept_until_shortly_before_it_expires(
    issuer_url: str, issuer_folder: Path, http: httpx.AsyncClient
) -> None:
    moment = [0.0]
    bearer = Bearer(http, issuer_url, client_secret_file(issuer_folder, "example-lms"), clock=lambda: moment[0])
    first = await bearer.token()
    moment[0] = 3500.0
    assert await bearer.token() == first
    moment[0] = 3541.0
    assert await bearer.token() != first


async def test_without_secret_or_issuer_no_token_can_be_had(
    issuer_url: str, tmp_path: Path, http: httpx.AsyncClient
) -> None:
    secret = tmp_path / "missing"
    with pytest.raises(TokenUnavailable):
        await Bearer(http, issuer_url, secret).token()
    secret.write_text("wrong")
    with pytest.raises(TokenUnavailable):
        await Bearer(http, issuer_url, secret).token()
    with pytest.raises(TokenUnavailable):
        await Bearer(http, "http://127.0.0.1:1", secret).token()
