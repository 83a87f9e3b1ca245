"""What the sender of a directory or a catalogue writes, and how mistakes in it are named."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from kinetic.contracts.fields import Days, Level, Minutes, ShortText, Slug, Time, Url
from kinetic.ingestion.fields import Email

Path = tuple[str | int, ...]
T = TypeVar("T", bound=Hashable)

_ZONES = available_timezones()


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong and the path to it in the document. With `also`, the sentence ends in another place."""

    path: Path
    detail: str
    also: Path | None = None

    def sentence(self, name: Callable[[Path], str]) -> str:
        """What is wrong, in words; `name` says how the sender calls a place."""
        return f"{self.detail} {name(self.also)}" if self.also else self.detail


def refuse_unknown_zone(name: str) -> str:
    """Return `name`; ValueError when it is no IANA time zone."""
    if name not in _ZONES:
        raise ValueError("must be an IANA time zone such as Europe/Berlin")
    return name


TimeZone = Annotated[ShortText, AfterValidator(refuse_unknown_zone)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$", max_length=35)]
Format = Literal["course", "article", "video", "workshop", "practice"]
ExternalIds = Annotated[dict[Slug, ShortText], Field(max_length=20)]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TeamEntry(_Entry):
    """A team as an organisation writes it. `manager` is the address of whom nudges about the team go to."""

    slug: Slug
    name: ShortText
    unit: ShortText
    manager: Email | None = None
    removed: bool = False


class PersonEntry(_Entry):
    """A person as an organisation writes them. `manager` is the reporting line.

    Team, manager and role hold from `effective_from` on, or from now. `former_email` says that the directory knows
    this person under another address until now: without it, a new address is a new person.
    """

    email: Email
    former_email: Email | None = None
    name: ShortText
    role: Slug
    team: Slug | None = None
    manager: Email | None = None
    time_zone: TimeZone
    language: Language = "en"
    effective_from: Time | None = None
    external_ids: ExternalIds = Field(default_factory=dict)
    active: bool = True


class DirectoryDocument(_Entry):
    """Teams and people to be added or changed. Whoever is not named stays as they are."""

    teams: tuple[TeamEntry, ...] = Field(default=(), max_length=50_000)
    people: tuple[PersonEntry, ...] = Field(default=(), max_length=200_000)


class TeachesEntry(_Entry):
    """A competency and the level to which a content item brings a learner."""

    competency: Slug
    level: Level


class ContentEntry(_Entry):
    """A content item as a learning platform offers it."""

    external_ids: Annotated[ExternalIds, Field(min_length=1)]
    title: ShortText
    url: Url
    teaches: tuple[TeachesEntry, ...] = Field(default=(), max_length=100)
    effort_minutes: Minutes
    valid_for_days: Days | None = None
    language: Language
    format: Format | None = None
    retired: bool = False


class CatalogueDocument(_Entry):
    """Content to be added or changed. What is not named stays as it is."""

    content: tuple[ContentEntry, ...] = Field(max_length=200_000)


def repeated(claims: Iterable[tuple[T, Path]]) -> Iterator[tuple[Path, Path]]:
    """Pairs of paths that claim the same thing: the first claim and each later one."""
    first: dict[T, Path] = {}
    for claimed, path in claims:
        if claimed in first:
            yield first[claimed], path
        else:
            first[claimed] = path


def named(path: Path) -> str:
    """A path in words, e.g. ``people/3``."""
    return "/".join(str(step) for step in path)
