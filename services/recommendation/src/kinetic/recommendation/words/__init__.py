"""The catalogue: every sentence that a manager reads, in English, German and French, with the plural rules of each."""

from __future__ import annotations

from kinetic.recommendation.words.phrasebook import ENGLISH, LANGUAGES, Phrasebook, phrasebook_of

__all__ = ["ENGLISH", "LANGUAGES", "Phrasebook", "phrasebook_of"]
