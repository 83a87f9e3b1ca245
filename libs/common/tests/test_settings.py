"""What every service is told from outside is refused where it would break a promise."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from kinetic.common import dead_letters, waiting
from kinetic.common.settings import CommonSettings
from kinetic.contracts import topics

LONGEST_DAYS = max(topics.KEPT_DAYS, waiting.LIMIT_HOURS // 24 + dead_letters.RETENTION_DAYS)


def test_the_inbox_remembers_longer_than_an_event_can_come_again() -> None:
    """From its topic, or by the replay of a dead letter that had waited."""
    assert CommonSettings(inbox_retention_days=LONGEST_DAYS + 1).inbox_retention_days == LONGEST_DAYS + 1
    with pytest.raises(ValidationError):
        CommonSettings(inbox_retention_days=LONGEST_DAYS)
