"""The simple types of xAPI (Data 2.4.1, 4): identifiers, language tags, times and durations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationInfo

from kinetic.contracts.fields import refuse_unstorable

STRICTER: Final = (2, 0)
"""The version since which some advice of 1.0.3 is a rule."""

_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20\x7f<>\"{}|\\^`]+")
_LOCATOR: Final = re.compile(r"(?!https?:)[^:]+:.*|https?://[^/?#]+.*", re.IGNORECASE)
_LANGUAGE: Final = re.compile(
    r"""(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})  # language
        (?:-[a-z]{4})?                               # script
        (?:-(?:[a-z]{2}|[0-9]{3}))?                  # region
        (?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*     # variants
        (?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*         # extensions
        (?:-x(?:-[a-z0-9]{1,8})+)?                   # private use
        |x(?:-[a-z0-9]{1,8})+
        |i-[a-z]{3,8}|en-gb-oed|sgn-be-(?:fr|nl)|sgn-ch-de""",
    re.IGNORECASE | re.VERBOSE,
)
_NUMBER: Final = r"[0-9]+(?:[.,][0-9]+)?"
_DURATION: Final = re.compile(
    rf"P(?=[0-9T])(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}D)?"
    rf"(?:T(?=[0-9])(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?|P{_NUMBER}W"
)
_FRACTION_BEFORE_THE_END: Final = re.compile(r"[.,][0-9]+[A-Z]+[0-9]")
_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?P<zone>Z|[+-][0-9]{2}(?::?[0-9]{2})?)?",
    re.IGNORECASE,
)
_NEGATIVE_ZERO: Final = frozenset({"-00", "-0000", "-00:00"})


class Part(BaseModel):
    """A piece of a statement. Names are taken in the case that the standard gives them, and no others (Data 2.2)."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


def is_stricter(info: ValidationInfo) -> bool:
    """Whether the request speaks xAPI 2.0 or later."""
    context: Mapping[str, Any] = info.context or {}
    return bool(context.get("version", (1, 0)) >= STRICTER)


def refuse_other_than_iri(text: str) -> str:
    """Return `text`; ValueError when it is no absolute IRI."""
    if not _IRI.fullmatch(text):
        raise ValueError("must be an IRI with its scheme")
    return text


def refuse_other_than_irl(text: str) -> str:
    """Return `text`; ValueError when nothing can be found there."""
    if not _LOCATOR.fullmatch(refuse_other_than_iri(text)):
        raise ValueError("must be an IRL, e.g. https://lms.example")
    return text


def refuse_other_than_language(tag: str) -> str:
    """Return `tag`; ValueError when it is not well-formed by RFC 5646."""
    if not _LANGUAGE.fullmatch(tag):
        raise ValueError("must be a language tag of RFC 5646")
    return tag


def refuse_other_than_duration(text: str) -> str:
    """Return `text`; ValueError when it is no duration of ISO 8601, 4.4.3.2: only the last number may have a fraction."""
    if not _DURATION.fullmatch(text) or _FRACTION_BEFORE_THE_END.search(text):
        raise ValueError("must be a duration of ISO 8601, e.g. PT1H30M")
    return text


def refuse_other_than_time(text: str, info: ValidationInfo) -> str:
    """Return `text`; ValueError when it is no time of ISO 8601, or its zone is a negative zero (Data 4.5).

    Since 2.0 it is a time of RFC 3339, with its zone.
    """
    matched = _TIME.fullmatch(text)
    if matched is None or (is_stricter(info) and not matched["zone"]):
        raise ValueError("must be a time of ISO 8601 with its zone, e.g. 2026-05-04T09:30:00Z")
    if matched["zone"] in _NEGATIVE_ZERO:
        raise ValueError("must not have a negative zero as its zone")
    try:
        moment_of(text)
    except (ValueError, OverflowError):
        raise ValueError("must be a time that exists") from None
    return text


def moment_of(text: str) -> datetime:
    """The moment of a valid time, in UTC. A time without a zone is taken as UTC."""
    moment = datetime.fromisoformat(text.upper().replace(",", "."))
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


Text = Annotated[str, AfterValidator(refuse_unstorable)]
Iri = Annotated[str, AfterValidator(refuse_other_than_iri)]
Irl = Annotated[str, AfterValidator(refuse_other_than_irl)]
Uuid = Annotated[
    str,
    StringConstraints(
        pattern=r"^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$", to_lower=True
    ),
]
"""In the standard text form, taken in any case and kept in lower case."""

LanguageTag = Annotated[str, AfterValidator(refuse_other_than_language)]
LanguageMap = dict[LanguageTag, str]
Extensions = dict[Iri, Any]
"""Anything at all under an IRI, null as well (Data 4.1)."""

Duration = Annotated[str, AfterValidator(refuse_other_than_duration)]
Timestamp = Annotated[str, AfterValidator(refuse_other_than_time)]
