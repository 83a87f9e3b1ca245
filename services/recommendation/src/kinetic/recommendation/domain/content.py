"""Which content to suggest for a gap: a plain rule that anybody can check by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from kinetic.contracts.ids import CompetencyKey, ContentId
from kinetic.contracts.ingestion import Teaches

UNRATED = 3.0
"""The middle of the scale 1..5 stands in for a rating that nobody has given."""


@dataclass(frozen=True, slots=True)
class Content:
    """A content item as of a catalogue version."""

    content_id: ContentId
    version: int
    title: str
    url: str
    language: str
    effort_minutes: int
    teaches: tuple[Teaches, ...]
    retired: bool = False

    def level_of(self, competency: CompetencyKey) -> int:
        """The level, 1..5, that it brings a learner to; 0 when it does not teach `competency`."""
        return max((taught.level for taught in self.teaches if taught.competency == competency), default=0)


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What became of a content item so far: counts since the beginning, and the mean rating 1..5."""

    accepted: int = 0
    dismissed: int = 0
    expired: int = 0
    requested: int = 0
    completed: int = 0
    mean_rating: float | None = None

    @property
    def promise(self) -> float:
        """The chance that a suggestion is accepted and then completed, 0..1.

        The product of two posterior means of a binomial share under a uniform Beta(1, 1) prior: Laplace's rule of
        succession, (successes + 1) / (trials + 2); see Gelman et al., *Bayesian Data Analysis*, 3rd ed., section 2.1.
        """
        answered = self.accepted + self.dismissed + self.expired
        return _posterior_mean(self.accepted, answered) * _posterior_mean(self.completed, self.requested)


UNAPPRAISED = Appraisal()


@dataclass(frozen=True, slots=True)
class Need:
    """What a gap asks of content: the competency, the level 1..5, and the language to learn in."""

    competency: CompetencyKey
    required_level: int
    language: str


def choose_content(
    need: Need, contents: Iterable[Content], appraisals: Mapping[ContentId, Appraisal], dismissed: Set[ContentId]
) -> Content | None:
    """The best content for a need, or None.

    In question is what teaches the competency in the language, is not retired, and was not dismissed for this team and
    competency. What reaches the required level goes before what does not, and of the latter the highest. Then the
    greater promise wins, the better rating, the shorter effort, and at last the smaller id.
    """
    return min(
        (content for content in contents if _is_in_question(content, need) and content.content_id not in dismissed),
        key=lambda content: _rank(content, need, appraisals.get(content.content_id, UNAPPRAISED)),
        default=None,
    )


def language_of(languages: Sequence[str]) -> str:
    """The language, without its region, that most people work in; the first of the alphabet when two are level."""
    counts = Counter(_without_region(language) for language in languages)
    return min(counts, key=lambda language: (-counts[language], language))


def _is_in_question(content: Content, need: Need) -> bool:
    return (
        not content.retired
        and content.level_of(need.competency) > 0
        and _without_region(content.language) == need.language
    )


def _rank(content: Content, need: Need, appraisal: Appraisal) -> tuple[float, float, float, int, str]:
    missing_levels = max(0, need.required_level - content.level_of(need.competency))
    rating = UNRATED if appraisal.mean_rating is None else appraisal.mean_rating
    return missing_levels, -appraisal.promise, -rating, content.effort_minutes, content.content_id


def _posterior_mean(successes: int, trials: int) -> float:
    # counts of two topics are not read at one moment: more completions than requests may be known for a while
    return (successes + 1) / (max(successes, trials) + 2)


def _without_region(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].lower()
