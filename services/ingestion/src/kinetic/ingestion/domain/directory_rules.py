"""What can be wrong with a directory document, in itself and together with the directory that it changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha1

from kinetic.contracts.ingestion import PersonChanged, TeamChanged
from kinetic.ingestion.domain.documents import DirectoryDocument, Mistake, Path, PersonEntry, repeated
from kinetic.ingestion.domain.occurrences import EMAIL, EMAIL_SHA1
from kinetic.ingestion.domain.reporting_lines import find_circles

Teams = Mapping[str, TeamChanged]
People = Mapping[str, PersonChanged]
Claim = tuple[str, str]
"""A system and the id by which it names a person."""


ALIAS = "email-alias"
"""The system, or how its name begins, under which an external id is one more e-mail address of a person."""


def find_mistakes(document: DirectoryDocument, teams: Teams, people: People) -> tuple[Mistake, ...]:
    """Every mistake but circles, which show only when all else is right."""
    return (
        *_repetitions(document),
        *_unknown_teams(document, teams),
        *_unknown_managers(document, people),
        *_wrong_renames(document, people),
        *_claimed_handles(document, people),
    )


def address_before(person: PersonEntry, people: People) -> str:
    """The address under which the directory knows somebody: the former one, until it has the new one."""
    former = person.former_email
    return former if former is not None and former in people else person.email


def claims_of(person: PersonChanged | PersonEntry) -> Iterator[Claim]:
    """Every (system, id) that names a person: their address, their aliases, and their ids in other systems."""
    yield EMAIL, person.email
    for system, external_id in person.external_ids.items():
        if not is_alias(system):
            yield system, external_id
        elif external_id.lower() != person.email:
            yield EMAIL, external_id.lower()


def is_alias(system: str) -> bool:
    """Whether ids of `system` are e-mail addresses of the person."""
    return system == ALIAS or system.startswith(f"{ALIAS}-")


def _repetitions(document: DirectoryDocument) -> Iterator[Mistake]:
    slugs = ((team.slug, ("teams", index, "slug")) for index, team in enumerate(document.teams))
    for first, again in repeated(slugs):
        yield Mistake(again, "is already the slug of", also=first[:2])
    for first, again in repeated(_addresses(document)):
        yield Mistake(again, "is, whatever its case, already the address of", also=first[:2])


def _addresses(document: DirectoryDocument) -> Iterator[tuple[str, Path]]:
    for index, person in enumerate(document.people):
        yield person.email, ("people", index, "email")
        if person.former_email not in (None, person.email):
            yield person.former_email or "", ("people", index, "former_email")


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


def _wrong_renames(document: DirectoryDocument, people: People) -> Iterator[Mistake]:
    for index, person in enumerate(document.people):
        former = person.former_email
        if former is None or former == person.email:
            continue
        if former not in people and person.email not in people:
            yield Mistake(("people", index, "former_email"), f"the person {former} is not in the directory")
        if former in people and person.email in people:
            yield Mistake(("people", index, "email"), f"{person.email} and {former} are two people in the directory")


def _claimed_handles(document: DirectoryDocument, people: People) -> Iterator[Mistake]:
    """Two people with one address or external id: an error, never a guess. Both are named."""
    stated = {address_before(person, people) for person in document.people}
    others = (person for email, person in people.items() if email not in stated)
    owners = {claim: person.email for person in others for claim in claims_of(person)}
    for person in document.people:
        owners.setdefault((EMAIL, person.email), person.email)
    for index, person in enumerate(document.people):
        for path, claim in _claims_in(person):
            owner = owners.setdefault(claim, person.email)
            if owner != person.email:
                detail = f"this id in {claim[0]} is claimed by {owner} and by {person.email}"
                yield Mistake(("people", index, *path), detail)


def _claims_in(person: PersonEntry) -> Iterator[tuple[Path, Claim]]:
    yield ("email",), (EMAIL, person.email)
    for system, external_id in person.external_ids.items():
        claim = (EMAIL, external_id.lower()) if is_alias(system) else (system, external_id)
        yield ("external_ids", system), claim


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
