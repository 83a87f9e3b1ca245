"""The settings of skill-gap."""

from __future__ import annotations

from kinetic.common.settings import CommonSettings


class Settings(CommonSettings):
    """What every service is told; skill-gap needs nothing more."""
