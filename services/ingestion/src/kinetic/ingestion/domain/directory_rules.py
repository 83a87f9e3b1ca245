"""What can be wrong with a directory document, in itself and together with the directory that it changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha1

from kinetic.contracts.ingestion import PersonChanged, TeamChanged
from kinetic.ingestion.domain.documents import DirectoryDocument, Mistake, Path, named, repeated
from kinetic.ingestion.domain.occurrences import EMAIL, EMAIL_SHA1
from kinetic.ingestion.domain.reporting_lines import find_circles

Teams = Mapping[str, TeamChanged]
People = Mapping[str, PersonChanged]


def find_mistakes(document: DirectoryDocument, teams: Teams, people: People) -> tuple[Mistake, ...]:
    """Every mistake but circles, which show only when all else is right."""
    return (
        *_repetitions(document),
        *_unknown_teams(document, teams),
        *_unknown_managers(document, people),
        *_claimed_external_ids(document, people),
    )


def _repetitions(document: DirectoryDocument) -> Iterator[Mistake]:
    slugs = ((team.slug, ("teams", index, "slug")) for index, team in enumerate(document.teams))
    emails = ((person.email, ("people", index, "email")) for index, person in enumerate(document.people))
    for first, again in repeated(slugs):
        yield Mistake(again, f"is the slug of {named(first[:2])} and of {named(again[:2])}")
    for first, again in repeated(emails):
        yield Mistake(again, f"is the address of {named(first[:2])} and of {named(again[:2])}; case does not matter")


def _unknown_teams(document: DirectoryDocument, teams: Teams) -> Iterator[Mistake]:
    removed = {slug: team.removed for slug, team in teams.items()}
    removed.update({team.slug: team.removed for team in document.teams})
    for index, person in enumerate(document.people):
        if person.team is not None and removed.get(person.team, True):
            state = "was removed" if person.team in removed else "is neither in the document nor in the directory"
            yield Mistake(("people", index, "team"), f"the team {person.team} {state}")


def _unknown_managers(document: DirectoryDocument, people: People) -> Iterator[Mistake]:
    known = people.keys() | {person.email for person in document.people}
    references: list[tuple[Path, str | None]] = [
        *((("teams", index, "manager"), team.manager) for index, team in enumerate(document.teams)),
        *((("people", index, "manager"), person.manager) for index, person in enumerate(document.people)),
    ]
    for path, manager in references:
        if manager is not None and manager not in known:
            yield Mistake(path, f"the person {manager} is neither in the document nor in the directory")


def _claimed_external_ids(document: DirectoryDocument, people: People) -> Iterator[Mistake]:
    """Two people with one external id: an error, never a guess. Both are named."""
    stated = {person.email for person in document.people}
    others = (person for email, person in people.items() if email not in stated)
    owners = {claim: person.email for person in others for claim in claims_of(person)}
    owners.update({(EMAIL, person.email): person.email for person in document.people})
    for index, person in enumerate(document.people):
        for system, external_id in person.external_ids.items():
            owner = owners.setdefault((system, external_id), person.email)
            if owner != person.email:
                path = ("people", index, "external_ids", system)
                yield Mistake(path, f"this id in {system} is claimed by {owner} and by {person.email}")


def claims_of(person: PersonChanged) -> Iterator[tuple[str, str]]:
    """Every (system, id) that names a person: their address, and their ids in other systems."""
    yield EMAIL, person.email
    yield from person.external_ids.items()


def handles_of(person: PersonChanged) -> Iterator[tuple[str, str]]:
    """Every (system, id) by which a person is found: what names them, and the digests of their addresses."""
    for system, external_id in claims_of(person):
        yield system, external_id
        if system == EMAIL:
            yield EMAIL_SHA1, mailbox_sha1(external_id)


def mailbox_sha1(email: str) -> str:
    """What xAPI calls `mbox_sha1sum`."""
    return sha1(f"mailto:{email}".encode(), usedforsecurity=False).hexdigest()


def find_circle_mistakes(
    document: DirectoryDocument, decided: Mapping[str, PersonChanged], now: datetime
) -> tuple[Mistake, ...]:
    """Circles in the reporting lines that would hold (`decided` by address), now or from a planned date on."""
    emails = {person.person_id: email for email, person in decided.items()}
    places = {person.email: index for index, person in enumerate(document.people)}
    mistakes: dict[frozenset[str], Mistake] = {}
    for circle in find_circles(list(decided.values()), now):
        members = [emails[person_id] for person_id in circle]
        index = next((places[email] for email in members if email in places), 0)
        chain = " reports to ".join((*members, members[0]))
        mistakes.setdefault(frozenset(members), Mistake(("people", index, "manager"), f"goes in a circle: {chain}"))
    return tuple(mistakes.values())
