"""The catalogue: every sentence that callers read of how things go together. It never says why they do."""

from __future__ import annotations

from functools import partial

from kinetic.common import phrasebook
from kinetic.common.phrasebook import ENGLISH, LANGUAGES, Phrasebook

__all__ = ["ENGLISH", "LANGUAGES", "Phrasebook", "phrasebook_of"]

phrasebook_of = partial(phrasebook.phrasebook_of, __name__)
