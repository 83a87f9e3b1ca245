"""The settings of recommendation."""

from __future__ import annotations

from kinetic.common.settings import CommonSettings


class Settings(CommonSettings):
    """What every service is told; how often a manager may be interrupted is policy, kept in the database."""
