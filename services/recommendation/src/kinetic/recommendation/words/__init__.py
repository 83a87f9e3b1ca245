"""The catalogue: every sentence that a manager reads, in English, German and French, with the plural rules of each."""

from __future__ import annotations

from functools import partial

from kinetic.common import phrasebook
from kinetic.common.phrasebook import ENGLISH, LANGUAGES, Phrasebook

__all__ = ["ENGLISH", "LANGUAGES", "Phrasebook", "phrasebook_of"]

phrasebook_of = partial(phrasebook.phrasebook_of, __name__)
