"""The settings of assignment."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from kinetic.common.settings import CommonSettings
from kinetic.contracts.fields import ShortText


class Settings(CommonSettings):
    """What every service is told, and how long a click can be undone, and in which LMS people learn."""

    undo_window_seconds: Annotated[int, Field(ge=0, le=86_400)] = Field(
        default=600, description="How long an assignment is held before the LMS is asked."
    )
    lms: ShortText = Field(
        default="example-lms",
        description="The system in `external_ids` under which people and content are known there.",
    )

    @property
    def undo_window(self) -> timedelta:
        """How long an assignment is held."""
        return timedelta(seconds=self.undo_window_seconds)
