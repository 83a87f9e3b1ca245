"""The settings of feedback."""

from __future__ import annotations

from kinetic.common.settings import CommonSettings


class Settings(CommonSettings):
    """What every service is told; feedback needs nothing more."""
