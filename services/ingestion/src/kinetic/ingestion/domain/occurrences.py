"""What came in at a door, in the sender's own handles: slugs, addresses, ids of other systems.

An occurrence becomes an event when every handle has been found in the directory or the catalogue. Until then it is
parked in its *lane*, in which order is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from kinetic.contracts.ingestion import LearningVerb


@dataclass(frozen=True, slots=True)
class TeamPlace:
    """A team that the sender or a rule names by its slug."""

    slug: str


@dataclass(frozen=True, slots=True)
class MemberPlace:
    """The team in which the person with this address works."""

    email: str


@dataclass(frozen=True, slots=True)
class UnruledPlace:
    """No rule of the integration says yet which team these facts belong to."""

    integration_id: str
    facts: Mapping[str, str]


Place = TeamPlace | MemberPlace | UnruledPlace


@dataclass(frozen=True, slots=True)
class Handle:
    """A person or content item as another system names it. A person's e-mail address has the system ``email``."""

    system: str
    id: str


EMAIL = "email"
EMAIL_SHA1 = "email:sha1"
"""Names a person by the SHA-1 of ``mailto:`` and their address, as xAPI does. No sender's system can have this name."""


@dataclass(frozen=True, slots=True)
class Signal:
    """Something happened at work."""

    place: Place
    source: str
    kind: str
    severity: float
    summary: str
    url: str | None
    occurred_at: datetime
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measurement:
    """A KPI was measured. With a `version`, only one newer than all before it for the same period counts."""

    place: TeamPlace
    kpi: str
    value: float
    n: int
    period_start: datetime
    period_end: datetime
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Learning:
    """A person learned."""

    person: Handle
    content: Handle
    verb: LearningVerb
    score: float | None
    registration: str | None
    source: str
    occurred_at: datetime


Occurrence = Signal | Measurement | Learning
