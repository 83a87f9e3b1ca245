"""Which environments are production, by what they are called."""

from __future__ import annotations

from kinetic.ingestion.connectors.severities import says_outright

_PRODUCTION = frozenset({"production", "prod", "prd", "live", "produktion", "producción", "produção", "本番"})
_NOT = frozenset({"pre", "non", "not", "no"})


def is_production(name: str | None) -> bool:
    """Whether an environment is called production, as ``prod-eu`` is, and ``pre-prod`` and ``non-production`` are not."""
    return name is not None and says_outright(name, _PRODUCTION, _NOT)
