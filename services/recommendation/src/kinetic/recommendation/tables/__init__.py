"""The rows of recommendation."""

from __future__ import annotations

from kinetic.recommendation.tables import attention, messages, suggestions
from kinetic.recommendation.tables.base import metadata

__all__ = ["attention", "messages", "metadata", "suggestions"]
