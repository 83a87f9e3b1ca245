"""Whose is it? Rules find the team of a webhook; the directory and the catalogue find the ids behind handles."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import translate
from functools import lru_cache
from hashlib import blake2b
from typing import Final, assert_never

from kinetic.contracts.event import Event
from kinetic.contracts.ids import ContentId, KpiKey, PersonId, TeamId
from kinetic.contracts.ingestion import LearningRecorded, MeasurementRecorded, SignalObserved
from kinetic.ingestion.domain.occurrences import (
    EMAIL,
    Handle,
    Learning,
    Measurement,
    MemberPlace,
    Occurrence,
    Place,
    Signal,
    TeamPlace,
    UnruledPlace,
)

PERSON_FACT = "person"

_GLOBS_KEPT: Final = 32_768


_Matches = Callable[[str], object]


@lru_cache(maxsize=_GLOBS_KEPT)
def _matches(glob: str) -> _Matches:
    """What tells whether a text fits `glob`. Remembered, because rules are read again every few seconds."""
    return re.compile(translate(glob)).match


@dataclass(frozen=True, slots=True)
class Rule:
    """Facts that match every glob of `match` belong to the team with the slug `team`. Case does not matter."""

    match: Mapping[str, str]
    team: str
    _globs: tuple[tuple[str, _Matches], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        globs = tuple((name, _matches(glob.lower())) for name, glob in self.match.items())
        object.__setattr__(self, "_globs", globs)

    def fits(self, facts: Mapping[str, str]) -> bool:
        """Whether every glob matches `facts`, which are in lower case. A rule without globs fits everything."""
        for name, matches in self._globs:
            fact = facts.get(name)
            if fact is None or not matches(fact):
                return False
        return True


def place_of(facts: Mapping[str, str], rules: Sequence[Rule], integration_id: str) -> Place:
    """Where something belongs: the first rule that fits decides; without one, the team of the person concerned."""
    lower = {name: fact.lower() for name, fact in facts.items()}
    for rule in rules:
        if rule.fits(lower):
            return TeamPlace(rule.team)
    email = facts.get(PERSON_FACT)
    return MemberPlace(email.lower()) if email else UnruledPlace(integration_id, facts)


@dataclass(frozen=True, slots=True)
class Known:
    """What the directory, the catalogue and the capability map know of the handles in question, now."""

    teams: Mapping[str, TeamId] = field(default_factory=dict)
    people: Mapping[Handle, PersonId] = field(default_factory=dict)
    current_teams: Mapping[PersonId, TeamId] = field(default_factory=dict)
    content: Mapping[Handle, ContentId] = field(default_factory=dict)
    kpis: Collection[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Missing:
    """Why an occurrence cannot be told yet. `waits_for` is the name whose arrival may change that."""

    waits_for: str
    reason: str


def team_name(slug: str) -> str:
    """The name of a team to wait for."""
    return f"team/{slug}"


def person_name(handle: Handle) -> str:
    """The name of a person to wait for."""
    return f"person/{handle.system}/{handle.id}"


def content_name(handle: Handle) -> str:
    """The name of a content item to wait for."""
    return f"content/{handle.system}/{handle.id}"


def kpi_name(key: str) -> str:
    """The name of a KPI to wait for."""
    return f"kpi/{key}"


def rules_name(integration_id: str) -> str:
    """The name of an integration's rules to wait for."""
    return f"rules/{integration_id}"


def lane_of(occurrence: Occurrence) -> str:
    """Occurrences of one lane are told in the order in which they came.

    They are those of one person who learns, or of one team. Each KPI of a team has a lane of its own: one that nobody
    has defined holds up nothing else of the team.
    """
    if isinstance(occurrence, Learning):
        return person_name(occurrence.person)
    if isinstance(occurrence, Measurement):
        return f"{team_name(occurrence.place.slug)}/{kpi_name(occurrence.kpi)}"
    place = occurrence.place
    if isinstance(place, TeamPlace):
        return team_name(place.slug)
    if isinstance(place, MemberPlace):
        return f"member/{place.email}"
    return f"{rules_name(place.integration_id)}/{_digest(place.facts)}"


def _digest(facts: Mapping[str, str]) -> str:
    text = "\n".join(f"{name}={facts[name]}" for name in sorted(facts))
    return blake2b(text.encode(), digest_size=8).hexdigest()


def attribute(occurrence: Occurrence, known: Known) -> Event | Missing:
    """The event that an occurrence is, or what it has to wait for."""
    if isinstance(occurrence, Learning):
        return _attribute_learning(occurrence, known)
    team_id = _team_of(occurrence.place, known)
    if isinstance(team_id, Missing):
        return team_id
    if isinstance(occurrence, Signal):
        return _signal(occurrence, team_id)
    if occurrence.kpi not in known.kpis:
        return Missing(kpi_name(occurrence.kpi), f"the capability map has no KPI {occurrence.kpi}")
    return _measurement(occurrence, team_id)


def named(facts: Mapping[str, str]) -> str:
    """Facts in one line, for those who write rules: ``project SHOP, team checkout``."""
    return ", ".join(f"{name} {facts[name]}" for name in sorted(facts)) or "without facts"


def _team_of(place: Place, known: Known) -> TeamId | Missing:
    if isinstance(place, TeamPlace):
        team_id = known.teams.get(place.slug)
        return team_id or Missing(team_name(place.slug), f"the directory has no team {place.slug}")
    if isinstance(place, MemberPlace):
        return _team_of_member(Handle(EMAIL, place.email), known)
    if isinstance(place, UnruledPlace):
        reason = f"no rule of the integration fits: {named(place.facts)}"
        return Missing(rules_name(place.integration_id), reason)
    assert_never(place)


def _team_of_member(handle: Handle, known: Known) -> TeamId | Missing:
    person_id = known.people.get(handle)
    if person_id is None:
        return Missing(person_name(handle), "no rule fits, and the directory does not know the person concerned")
    team_id = known.current_teams.get(person_id)
    return team_id or Missing(person_name(handle), "no rule fits, and the person concerned works in no team")


def _attribute_learning(learning: Learning, known: Known) -> Event | Missing:
    person_id = known.people.get(learning.person)
    if person_id is None:
        return Missing(person_name(learning.person), "the directory does not know the learner")
    content_id = known.content.get(learning.content)
    if content_id is None:
        name = f"{learning.content.id} of {learning.content.system}"
        return Missing(content_name(learning.content), f"the catalogue has no content {name}")
    return LearningRecorded(
        person_id=person_id,
        content_id=content_id,
        verb=learning.verb,
        score=learning.score,
        registration=learning.registration,
        source=learning.source,
        occurred_at=learning.occurred_at,
    )


def _signal(signal: Signal, team_id: TeamId) -> Event:
    return SignalObserved(
        source=signal.source,
        kind=signal.kind,
        team_id=team_id,
        severity=signal.severity,
        summary=signal.summary,
        url=signal.url,
        occurred_at=signal.occurred_at,
        attributes=dict(signal.attributes),
    )


def _measurement(measurement: Measurement, team_id: TeamId) -> Event:
    return MeasurementRecorded(
        kpi=KpiKey(measurement.kpi),
        team_id=team_id,
        value=measurement.value,
        n=measurement.n,
        period_start=measurement.period_start,
        period_end=measurement.period_end,
        version=measurement.version or 1,
    )
