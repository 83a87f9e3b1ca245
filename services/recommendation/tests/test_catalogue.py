"""The catalogue: complete in every language, used in full, and free of words that Kinetic does not say."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest
from fluent.syntax import ast, parse
from fluent.syntax.visitor import Visitor

import kinetic.recommendation
from kinetic.common import phrasebook
from kinetic.contracts.assignment import BlockedReason, RefusalReason
from kinetic.contracts.recommendation import DismissalReason, NoticeEnding, SnoozeUntil, WithdrawalReason
from kinetic.recommendation.words import LANGUAGES, phrasebook_of

SOURCES = [
    Path(phrasebook.__file__).read_text(),
    *(
        path.read_text()
        for root in kinetic.recommendation.__path__
        for path in Path(root).rglob("*")
        if path.suffix in {".py", ".jinja"}
    ),
]

FORBIDDEN = {
    "en": r"\bmust\b|overdue|only \{? ?\$?\w+ ?\}? days|days left|hurry|last chance|failed to|\bfault\b|blame|caus(e|ed|es)\b"
    r"|because|led to|thanks to|should have|too late|behind on|deadline|neglect|prove[sd]?\b",
    "de": r"\bmuss|müssen|überfällig|nur noch|letzte Chance|versäum|Schuld|verursach|\bwegen\b|\bweil\b|dank |zu spät|Frist"
    r"|Versagen|beweist|bewiesen|hätte",
    "fr": r"\bdoit\b|devez|en retard sur|plus que|dernière chance|\bfaute\b|coupable|caus[eé]|à cause|parce qu|grâce à"
    r"|trop tard|échéance|auriez dû|négligé|prouve|dépêch",
}
ALLOWED = {"en": "", "de": "", "fr": "en demande plus que"}


class Variables(Visitor):
    """Collects the variables of a message."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: ast.VariableReference) -> None:  # noqa: N802
        self.names.add(node.id.name)


def text_of(language: str) -> str:
    return files("kinetic.recommendation.words").joinpath(f"{language}.ftl").read_text("utf-8")


def messages_of(language: str) -> dict[str, set[str]]:
    """The variables of each message."""
    found: dict[str, set[str]] = {}
    for entry in parse(text_of(language)).body:
        assert not isinstance(entry, ast.Junk), entry.content
        if isinstance(entry, ast.Message):
            assert entry.id.name not in found, f"{entry.id.name} stands twice"
            variables = Variables()
            variables.visit(entry)
            found[entry.id.name] = variables.names
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_message_with_the_same_variables(language: str) -> None:
    assert messages_of(language) == messages_of("en")


def test_no_message_is_unused_and_none_is_missing() -> None:
    kinds = {message for message in messages_of("en") if message.startswith("kind-")}
    composed = {
        *kinds,
        *(f"snooze-{until}" for until in SnoozeUntil),
        *(f"age-{unit}" for unit in ("days", "hours", "minutes")),
        *(f"dismissal-{reason}" for reason in DismissalReason),
        *(f"withdrawal-{reason}" for reason in WithdrawalReason),
        *(f"notice-{ending}" for ending in NoticeEnding),
        *(f"left-out-{reason}" for reason in (*RefusalReason, *BlockedReason)),
    }
    said = {found for source in SOURCES for found in re.findall(r"[\"']([a-z]+(?:-[a-z]+)*)[\"']", source)}
    assert set(messages_of("en")) - said == composed - said
    assert composed <= set(messages_of("en"))


@pytest.mark.parametrize(
    ("language", "read"), [("de-AT", "de"), ("fr_CA", "fr"), ("EN-us", "en"), ("pt-BR", "en"), ("", "en")]
)
def test_a_language_falls_back_to_its_base_and_then_to_english(language: str, read: str) -> None:
    assert phrasebook_of(language).language == read


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_guilt_no_countdown_and_no_cause(language: str) -> None:
    text = text_of(language)
    for allowed in filter(None, [ALLOWED[language]]):
        text = text.replace(allowed, "")
    assert re.findall(FORBIDDEN[language], text, re.IGNORECASE) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_has_a_place_for_a_name(language: str) -> None:
    variables = set().union(*messages_of(language).values())
    assert not variables & {"name", "person", "who", "manager", "employee"}


def test_an_unknown_message_and_a_missing_argument_raise() -> None:
    with pytest.raises(KeyError):
        phrasebook_of("en").say("no-such-message")
    with pytest.raises(ValueError, match="effort-one"):
        phrasebook_of("en").say("effort-one")


def test_large_numbers_are_written_as_the_language_does() -> None:
    written = [phrasebook_of(language).say("effort-one", minutes=12_000) for language in LANGUAGES]
    assert written == ["12,000 minutes", "12.000 Minuten", "12\u202f000 minutes"]


def test_an_argument_of_any_length_is_said_and_cut() -> None:
    assert len(phrasebook_of("en").say("teaches", content="x" * 100_000)) < 700
