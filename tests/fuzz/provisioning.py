"""What happens to the body of a SCIM request before anything is stored, with a small company around it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final, cast

from scim2_server.conditions import Conditions

from kinetic.common.events import new_id
from kinetic.ingestion.domain.directory import Directory, decide_directory
from kinetic.ingestion.domain.documents import DirectoryDocument
from kinetic.ingestion.domain.restating import Surroundings
from kinetic.ingestion.scim.models import Group
from kinetic.ingestion.scim.people import claims_in, entry_of, show_person
from kinetic.ingestion.scim.protocol import DirectoryProtocol
from kinetic.ingestion.scim.provider import UserWithManager
from kinetic.ingestion.scim.searching import claims_asked, looks_at_members, page_of, wants_members
from kinetic.ingestion.scim.stamps import stamp
from kinetic.ingestion.scim.teams import member_ids_of
from tests.fuzz.samples import Sample

NOW: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
_MEDIA_TYPE: Final = "application/scim+json"
_URL: Final = "https://x.example/scim/v2"
_PERSON: Final = {"role": "engineer", "time_zone": "UTC"}
_DOCUMENT: Final = DirectoryDocument.model_validate(
    {
        "teams": [{"slug": slug, "name": slug.title(), "unit": "unit"} for slug in ("payments", "checkout")],
        "people": [
            {
                **_PERSON,
                "email": "dana@x.example",
                "name": "Dana",
                "external_ids": {"hris": "1", "email-alias": "d@x.example"},
            },
            {**_PERSON, "email": "gil@x.example", "name": "Gil", "team": "payments", "manager": "dana@x.example"},
        ],
    }
)


def _company() -> Directory:
    decided = decide_directory(Directory(0, {}, {}), _DOCUMENT, NOW, new_id)
    return Directory(1, {team.slug: team for team in decided.teams}, {one.email: one for one in decided.people})


DIRECTORY: Final = _company()
_AROUND: Final = Surroundings.of(DIRECTORY.teams.values(), DIRECTORY.people.values(), NOW)
_PROTOCOL: Final = DirectoryProtocol()


def provision(sample: Sample) -> None:
    """Read the body as the door does. Raises SCIMException."""
    with _PROTOCOL.provider:
        resource_type = _PROTOCOL.resource_type_at(sample.told["at"])
        match sample.told["do"]:
            case "create":
                _take(_PROTOCOL.read_creation(resource_type, sample.text, _MEDIA_TYPE))
            case "replace":
                replacement = _PROTOCOL.read_replacement(resource_type, sample.text, _MEDIA_TYPE)
                _take(_PROTOCOL.apply_replacement(_users()[0], replacement, Conditions()))
            case "patch":
                operations = _PROTOCOL.read_patch(resource_type, sample.text, _MEDIA_TYPE)
                patched = _PROTOCOL.apply_patch(_users()[0], operations, Conditions())
                _take(patched)
                _PROTOCOL.publish(_URL, patched or _users()[0])
            case _:
                _search(resource_type, sample.text)


def _users() -> list[UserWithManager]:
    return [
        stamp(show_person(person, None, _AROUND), person.person_id, "User", NOW, "1")
        for person in DIRECTORY.people.values()
    ]


def _take(resource: Any) -> None:
    if isinstance(resource, Group):
        member_ids_of(resource)
    elif resource is not None:
        user = cast("UserWithManager", resource)
        claims_in(user)
        entry_of(user, DIRECTORY.people["dana@x.example"], _AROUND)


def _search(resource_type: Any, text: bytes) -> None:
    query = _query(text)
    if query is None:
        request, _ = _PROTOCOL.read_search_body([resource_type], text, _MEDIA_TYPE)
    else:
        request, _ = _PROTOCOL.read_search_query([resource_type], query)
    wants_members(request)
    looks_at_members(request)
    if request.filter is not None:
        claims_asked(request.filter.ast)
    _PROTOCOL.search_response(_URL, [resource_type], page_of(_users(), request), request)


def _query(text: bytes) -> dict[str, str] | None:
    """The parameters of a GET; None for what cannot be some, which is sent by POST."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    is_query = isinstance(value, dict) and all(isinstance(one, str) for one in value.values())
    return value if is_query else None
