"""Which content may be suggested for a gap, and for whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from kinetic.contracts.ids import CompetencyKey, ContentId, PersonId
from kinetic.recommendation.domain.content import Content


@dataclass(frozen=True, slots=True)
class Need:
    """What a gap asks of content: the competency, the level 1..5, and the language to learn in."""

    competency: CompetencyKey
    required_level: int
    language: str

    def reach_of(self, content: Content) -> float:
        """The share of the required level, 0..1, that the content brings a learner to. More than required is no more."""
        return min(1.0, content.level_of(self.competency) / self.required_level)


def eligible(
    need: Need,
    contents: Iterable[Content],
    ruled_out: Set[ContentId],
    formats: Set[str] | None,
    measured: Set[ContentId] = frozenset(),
) -> list[Content]:
    """What teaches the competency in the language, is not retired, not ruled out, and of an allowed format.

    `formats` None allows all; content that tells no format is always allowed. Nothing is tried that lies more than a level
    below what could be reached: most of those concerned would know it already. One level below stays, for a level says
    little about what an item is worth, and what it does not reach counts against its value. Where the effect was `measured`,
    the level is no longer asked: what an item brought says more than what it promises.
    """
    found = [
        content
        for content in contents
        if not content.retired
        and content.content_id not in ruled_out
        and content.level_of(need.competency) > 0
        and _without_region(content.language) == need.language
        and (formats is None or content.format is None or content.format in formats)
    ]
    highest = max((content.level_of(need.competency) for content in found), default=0)
    least = min(need.required_level, highest) - 1
    return [
        content for content in found if content.level_of(need.competency) >= least or content.content_id in measured
    ]


def left_to_take(
    content_id: ContentId, concerned: tuple[PersonId, ...], taken: Mapping[ContentId, Set[PersonId]]
) -> tuple[PersonId, ...]:
    """Those concerned who have neither done the content nor have it assigned."""
    have = taken.get(content_id)
    return tuple(person_id for person_id in concerned if person_id not in have) if have else concerned


def language_of(languages: Sequence[str]) -> str:
    """The language, without its region, that most people work in; the first of the alphabet when two are level."""
    counts = Counter(_without_region(language) for language in languages)
    return min(counts, key=lambda language: (-counts[language], language))


def _without_region(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].lower()
