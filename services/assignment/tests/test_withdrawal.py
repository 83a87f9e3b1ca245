"""What can be taken back, and whether the LMS must hear of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kinetic.assignment.domain.assignment import NOT_ASKED, OPEN, State, Step
from kinetic.assignment.domain.withdrawal import TooLate, decide_withdrawal
from kinetic.contracts.assignment import AssignmentWithdrawn
from services.assignment.tests.company import LEE
from services.assignment.tests.test_progress import assignment

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize("state", sorted(NOT_ASKED | OPEN))
def test_the_lms_hears_of_a_withdrawal_only_after_it_was_asked(state: State) -> None:
    step = decide_withdrawal(assignment(state), LEE, NOW)
    assert isinstance(step, Step)
    assert isinstance(step.emission.data, AssignmentWithdrawn)
    assert step.emission.data.was_requested is (state in OPEN)
    assert step.emission.data.withdrawn_by == LEE
    assert step.assignment.state is State.WITHDRAWN


@pytest.mark.parametrize("state", [State.COMPLETED, State.REFUSED])
def test_what_is_over_cannot_be_withdrawn(state: State) -> None:
    assert decide_withdrawal(assignment(state), LEE, NOW) == TooLate(state)


def test_a_second_withdrawal_changes_nothing() -> None:
    assert decide_withdrawal(assignment(State.WITHDRAWN), LEE, NOW) is None
