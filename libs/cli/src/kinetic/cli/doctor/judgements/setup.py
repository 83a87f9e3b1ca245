"""Has the installation what it works with: directory, catalogue, capability map, and keys for secrets?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kinetic.cli.doctor.finding import Finding, doubtful, fine, lasting, listed, wrong

STALE_AFTER_SECONDS: Final = 60.0
"""A directory whose heartbeat is older stops everybody who acts."""

_INGESTION: Final = "Look at ingestion, its outbox and its log: it confirms the directory every few seconds."
_DIRECTORY: Final = "Load it: `kinetic apply directory FILE`, an HR export or SCIM."


@dataclass(frozen=True, slots=True)
class Published:
    """What the compacted topics hold. Version and time are those of the newest heartbeat among the last records."""

    has_directory: bool
    directory_version: int | None
    directory_confirmed_at: datetime | None
    has_catalogue: bool
    has_map: bool


def judge_published(published: Published, now: datetime) -> list[Finding]:
    """Directory, catalogue and capability map, as every service can read them."""
    return [_directory(published, now), _catalogue(published), _map(published)]


def judge_secret_keys(refusal: str | None) -> list[Finding]:
    """`refusal` is how ingestion answered 503 to whoever needed a secret; None when it did not."""
    if refusal is None:
        return [fine("secret keys", "ingestion has keys for the secrets of integrations")]
    remedy = (
        "Start ingestion with KINETIC_SECRET_KEYS, a Fernet key of 32 bytes in URL-safe base64: "
        "until then webhooks answer 503."
    )
    return [wrong("secret keys", refusal, remedy)]


def judge_projections(ages: Mapping[str, float | None]) -> list[Finding]:
    """`ages` are the seconds since each service heard the directory's heartbeat; None for one that never did."""
    late = {service: age for service, age in ages.items() if age is None or age > STALE_AFTER_SECONDS}
    if not late:
        return [fine("directory in each service", f"confirmed within {STALE_AFTER_SECONDS:.0f} s in {listed(ages)}")]
    told = listed(f"{service} ({'never' if age is None else lasting(age)})" for service, age in late.items())
    remedy = "Look at the consumers of kinetic.directory in these services, and at ingestion, which writes to it."
    return [wrong("directory in each service", f"not confirmed lately, so acting answers 503: {told}", remedy)]


def _directory(published: Published, now: datetime) -> Finding:
    name, confirmed_at = "directory", published.directory_confirmed_at
    if not published.has_directory:
        return wrong(name, "kinetic.directory is empty", _INGESTION)
    if confirmed_at is None:
        detail = "no heartbeat stands among the last records: it is being loaded, or nobody confirms it"
        return doubtful(name, detail, _INGESTION)
    age = (now - confirmed_at).total_seconds()
    if age > STALE_AFTER_SECONDS:
        return wrong(name, f"was last confirmed {lasting(age)} ago, so acting answers 503", _INGESTION)
    if not published.directory_version:
        return wrong(name, "holds nobody: no signal finds a team, and nobody may act", _DIRECTORY)
    return fine(name, f"version {published.directory_version}, confirmed {lasting(max(age, 0))} ago")


def _catalogue(published: Published) -> Finding:
    if published.has_catalogue:
        return fine("catalogue", "is there")
    remedy = (
        "Load it with `kinetic apply catalogue FILE` or a feed; if it was loaded before, `POST /catalogue/republish`."
    )
    return wrong("catalogue", "kinetic.catalogue is empty: there is nothing to suggest", remedy)


def _map(published: Published) -> Finding:
    if published.has_map:
        return fine("capability map", "is there")
    remedy = "Put one in force: `kinetic apply map FILE`."
    return wrong("capability map", "kinetic.capabilities is empty: signals press on nothing", remedy)
