"""The platform's file: what was taken is kept, and taking it again changes nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from examples.lms.learners import Milestone
from examples.lms.requests import EnrolmentRequested, EnrolmentWithdrawn, Request
from examples.lms.store import Store

PATH = (Milestone("enrolled", 0.0), Milestone("started", 1.0), Milestone("completed", 2.0, 0.9))
REQUEST = EnrolmentRequested("e-1", "a-1", "L-1", "NW-1")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "lms.sqlite3"


@pytest.fixture
def store(file: Path) -> Iterator[Store]:
    opened = Store(file)
    yield opened
    opened.close()


def take(store: Store, *requests: Request, now: float = 100.0, rejected: str | None = None) -> None:
    store.take(requests, now, lambda request: rejected, lambda assignment_id: PATH)


def verbs_due(store: Store, now: float) -> list[str]:
    return [report.verb for report in store.due(now, 100)]


def test_a_report_is_due_when_it_has_happened(store: Store) -> None:
    take(store, REQUEST)
    assert verbs_due(store, 100.0) == ["enrolled"]
    assert verbs_due(store, 101.5) == ["enrolled", "started"]
    assert verbs_due(store, 102.0) == ["enrolled", "started", "completed"]


def test_an_answered_report_is_not_due_again(store: Store) -> None:
    take(store, REQUEST)
    store.settle("a-1/enrolled", 202, 100.1)
    assert verbs_due(store, 102.0) == ["started", "completed"]
    assert store.next_due_at() == 101.0


def test_the_same_event_again_changes_nothing(store: Store) -> None:
    take(store, REQUEST, REQUEST)
    take(store, REQUEST, now=500.0)
    assert [report.occurred_at for report in store.due(1000.0, 100)] == [100.0, 101.0, 102.0]


def test_another_event_about_the_same_assignment_enrols_nobody_twice(store: Store) -> None:
    take(store, REQUEST, EnrolmentRequested("e-2", "a-1", "L-1", "NW-1"))
    assert len(store.enrolments(100.0)) == 1
    assert len(store.due(1000.0, 100)) == 3


def test_after_a_withdrawal_only_what_happened_before_is_reported(store: Store) -> None:
    take(store, REQUEST)
    take(store, EnrolmentWithdrawn("e-2", "a-1"), now=101.5)
    assert verbs_due(store, 1000.0) == ["enrolled", "started"]
    assert store.enrolments(102.0)[0]["withdrawn_at"] == 101.5


def test_a_request_read_again_after_the_withdrawal_enrols_nobody(store: Store) -> None:
    take(store, EnrolmentWithdrawn("e-2", "a-1"))
    take(store, REQUEST)
    assert store.due(1000.0, 100) == []


def test_a_rejected_enrolment_is_visible_and_reports_nothing(store: Store) -> None:
    take(store, REQUEST, rejected="no such account")
    assert store.enrolments(100.0)[0]["rejected"] == "no such account"
    assert store.next_due_at() is None


def test_an_enrolment_shows_what_the_learner_has_reached(store: Store) -> None:
    take(store, REQUEST, EnrolmentRequested("e-2", "a-2", "L-2", "NW-1"))
    store.settle("a-1/enrolled", 202, 100.1)
    (enrolment,) = store.enrolments(101.0, "L-1")
    assert (enrolment["reached"], enrolment["unanswered"]) == ("started", 2)


def test_a_batch_is_taken_whole_or_not_at_all(store: Store) -> None:
    def fail_on_second(request: EnrolmentRequested) -> str | None:
        if request.assignment_id == "a-2":
            raise RuntimeError("power cut")
        return None

    batch = [REQUEST, EnrolmentRequested("e-2", "a-2", "L-2", "NW-1")]
    with pytest.raises(RuntimeError):
        store.take(batch, 100.0, fail_on_second, lambda assignment_id: PATH)
    assert store.enrolments(100.0) == []
    take(store, *batch)
    assert len(store.enrolments(100.0)) == 2


DIE = """
import os, signal, sys
from pathlib import Path
from examples.lms.requests import EnrolmentRequested
from examples.tests.test_lms_store import PATH
from examples.lms.store import Store

store = Store(Path(sys.argv[1]))
requests = [EnrolmentRequested("e-1", "a-1", "L-1", "NW-1"), EnrolmentRequested("e-2", "a-2", "L-2", "NW-1")]

def path_of(assignment_id):
    if assignment_id == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
    return PATH

store.take(requests, 100.0, lambda request: None, path_of)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(("killed_at", "kept"), [("a-2", 0), ("never", 2)])
def test_a_killed_process_leaves_the_whole_batch_or_nothing(file: Path, killed_at: str, kept: int) -> None:
    root = Path(__file__).parent.parent.parent
    died = subprocess.run([sys.executable, "-c", DIE, str(file), killed_at], cwd=root, check=False)
    assert died.returncode == -9
    store = Store(file)
    assert len(store.enrolments(100.0)) == kept
    take(store, REQUEST, EnrolmentRequested("e-2", "a-2", "L-2", "NW-1"))
    assert len(store.due(1000.0, 100)) == 6
    store.close()
