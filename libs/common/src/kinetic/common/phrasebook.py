"""One language of a service's catalogue: messages by id, and days, moments and ages as its readers write them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime
from fluent.runtime import FluentBundle, FluentResource

LANGUAGES: Final = ("en", "de", "fr")
ENGLISH: Final = "en"
LONGEST_ARGUMENT: Final = 600
"""Fluent refuses arguments of more than 1,000 characters; tools and catalogues write longer ones."""

_LOCALES: Final = {"en": "en_GB", "de": "de_DE", "fr": "fr_FR"}


@dataclass(frozen=True, slots=True, eq=False)
class Phrasebook:
    """The messages of one language. A message that is missing or lacks an argument raises: the tests know them all."""

    catalogue: str
    language: str
    bundle: FluentBundle

    def has(self, message_id: str) -> bool:
        """Whether there is such a message."""
        return self.bundle.has_message(message_id)

    def say(self, message_id: str, **arguments: str | float) -> str:
        """A message with its arguments filled in, numbers as the language writes them.

        KeyError when it is unknown, ValueError when an argument is missing.
        """
        return _said(self.catalogue, self.language, message_id, tuple(arguments.items()))

    def day(self, moment: datetime, zone: ZoneInfo) -> str:
        """A day on the reader's calendar, e.g. ``23 Nov``."""
        day = moment.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        return _written(self.catalogue, self.language, "pattern-day", day)

    def moment(self, moment: datetime, zone: ZoneInfo) -> str:
        """A point in time on the reader's clock, e.g. ``23 Nov 10:00``."""
        return _written(
            self.catalogue, self.language, "pattern-moment", moment.astimezone(zone).replace(second=0, microsecond=0)
        )

    def age(self, observed_at: datetime, now: datetime) -> str:
        """How long ago something was seen, in its largest whole unit."""
        minutes = int((now - observed_at).total_seconds() // 60)
        for length, unit in ((1440, "days"), (60, "hours"), (1, "minutes")):
            if minutes >= length:
                return self.say(f"age-{unit}", count=minutes // length)
        return self.say("age-now")


@lru_cache(maxsize=4096)
def _written(catalogue: str, language: str, pattern_id: str, moment: datetime) -> str:
    """Kept, because days repeat."""
    return format_datetime(moment, _said(catalogue, language, pattern_id, ()), locale=_locale(language))


@lru_cache(maxsize=len(LANGUAGES))
def _locale(language: str) -> Locale:
    return Locale.parse(_LOCALES[language])


def _cut(argument: str | float) -> str | float:
    is_long = isinstance(argument, str) and len(argument) > LONGEST_ARGUMENT
    return f"{str(argument)[: LONGEST_ARGUMENT - 1]}…" if is_long else argument


@lru_cache(maxsize=4096)
def _said(catalogue: str, language: str, message_id: str, arguments: tuple[tuple[str, str | float], ...]) -> str:
    """Kept, because counts and names repeat, and writing one number takes as long as weighing a candidate."""
    bundle = _read(catalogue, language).bundle
    pattern = bundle.get_message(message_id).value if bundle.has_message(message_id) else None
    if pattern is None:
        raise KeyError(message_id)
    text, errors = bundle.format_pattern(pattern, {name: _cut(value) for name, value in arguments})
    if errors:
        raise ValueError(f"{language}: {message_id}: {errors[0]}")
    return str(text)


def phrasebook_of(catalogue: str, language: str) -> Phrasebook:
    """The phrasebook for a language tag: ``de-AT`` reads German, what nobody translated yet reads English.

    `catalogue` is the package beside whose code the messages lie, one `.ftl` file for each language.
    """
    base = language.replace("_", "-").partition("-")[0].lower()
    return _read(catalogue, base if base in LANGUAGES else ENGLISH)


@lru_cache(maxsize=2 * len(LANGUAGES))
def _read(catalogue: str, language: str) -> Phrasebook:
    # marks that isolate arguments would show in plain-text subjects and on buttons
    bundle = FluentBundle([_LOCALES[language]], use_isolating=False)
    bundle.add_resource(FluentResource(files(catalogue).joinpath(f"{language}.ftl").read_text("utf-8")))
    return Phrasebook(catalogue, language, bundle)
