"""What ends of issues mean in Jira: done late, dropped, taken up again, in whatever language."""

from __future__ import annotations

import pytest

from kinetic.ingestion.connectors.protocol import Ignored
from services.ingestion.tests.test_jira import changed, jira, observed

DONE = {"duedate": "2013-03-20", "status": {"name": "Closed", "statusCategory": {"key": "done"}}}
CLOSED = {"field": "status", "fromString": "Open", "toString": "Closed"}


@pytest.mark.parametrize("resolution", ["Duplicate", "Won't Do", "Cannot Reproduce"])
def test_work_that_nobody_did_is_not_done_late(resolution: str) -> None:
    resolved = {"field": "resolution", "fromString": None, "toString": resolution}

    assert isinstance(jira.read({}, changed({**DONE, "resolution": {"name": resolution}}, CLOSED)), Ignored)
    assert isinstance(jira.read({}, changed(DONE, CLOSED, resolved)), Ignored)


def test_story_that_was_dropped_and_is_taken_up_is_no_trouble_while_a_bug_is() -> None:
    open_again = {"status": {"name": "To Do", "statusCategory": {"key": "new"}}}
    reopened = {"field": "status", "fromString": "Won't Do", "toString": "To Do"}

    assert observed(changed({**open_again, "issuetype": {"name": "Bug"}}, reopened))
    assert isinstance(jira.read({}, changed({**open_again, "issuetype": {"name": "Story"}}, reopened)), Ignored)


@pytest.mark.parametrize("before", ["Erledigt", "Terminé", "Resuelta", "Concluído", "完了"])
def test_work_that_was_done_in_another_language_comes_back(before: str) -> None:
    open_again = {"status": {"name": "Offen", "statusCategory": {"key": "new"}}}

    (observation,) = observed(changed(open_again, {"field": "status", "fromString": before, "toString": "Offen"}))

    assert observation.attributes["state"] == "reopened"
