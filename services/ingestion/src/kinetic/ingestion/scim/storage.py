"""The directory as the storage of a SCIM server. One transaction is one request."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from scim2_models import Resource, ResourceType, ResponseParameters, SearchRequest, TooManyException
from scim2_server.storage import AsyncScimStorage, SearchPage

from kinetic.common.database import Transaction
from kinetic.contracts.ids import TeamId
from kinetic.ingestion.scim import groups, users
from kinetic.ingestion.scim.models import Group
from kinetic.ingestion.scim.provider import UserWithManager
from kinetic.ingestion.scim.searching import claims_asked, looks_at_members, page_of, wants_members
from kinetic.ingestion.store import scim as store
from kinetic.ingestion.store.scim import KnownPerson

MOST_SCANNED = 20_000
"""How many people a search may look at one by one. Those by `userName` and `externalId` look at one."""


class DirectoryStorage(AsyncScimStorage):
    """Users are people, groups are teams.

    Whoever writes holds the directory from the beginning, so no version can change between being read and `update`:
    `expected_version` is what the resource still has.
    """

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        """One user or group. NotFoundException when there is none."""
        if _is_user(resource_type):
            known = await users.find_person(self._tx, resource_id)
            return users.as_user(known, await users.surroundings(self._tx))
        team = await groups.find_team(self._tx, resource_id)
        (group,) = await groups.as_groups(self._tx, [team], with_members=wants_members(response_parameters))
        return group

    async def search(
        self, resource_types: list[ResourceType], search_request: SearchRequest[Any], *, position: Any = None
    ) -> SearchPage:
        """A page of what matches. TooManyException when that cannot be found without looking at everybody."""
        if search_request.filter is None and search_request.sort_by is None and all(map(_is_user, resource_types)):
            return await self._page_of_users(search_request)
        found: list[Resource[Any]] = []
        for resource_type in resource_types:
            found += await (self._users if _is_user(resource_type) else self._groups)(search_request)
        page = await asyncio.to_thread(page_of, found, search_request)
        if wants_members(search_request) and not looks_at_members(search_request):
            page.resources = await self._with_members(page.resources)
        return page

    async def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        """A new user or group, or one that is back."""
        if _is_user(resource_type):
            return await self.get(resource_type, await users.create_user(self._tx, cast("UserWithManager", resource)))
        return await self.get(resource_type, await groups.create_group(self._tx, cast("Group", resource)))

    async def update(
        self, resource_type: ResourceType, resource: Resource[Any], *, expected_version: str | None = None
    ) -> Resource[Any]:
        """The whole new state of a user or group."""
        if _is_user(resource_type):
            await users.update_user(self._tx, cast("UserWithManager", resource))
        else:
            await groups.update_group(self._tx, cast("Group", resource))
        return await self.get(resource_type, resource.id or "")

    async def delete(
        self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None
    ) -> None:
        """Take a user or group out of the directory."""
        if _is_user(resource_type):
            await users.delete_user(self._tx, resource_id)
        else:
            await groups.delete_group(self._tx, resource_id)

    async def _page_of_users(self, request: SearchRequest[Any]) -> SearchPage:
        total = await store.count_people(self._tx)
        people = await store.people_from(self._tx, request.start_index_0 or 0, request.count)
        return SearchPage(total, list(await self._as_users(people)))

    async def _users(self, request: SearchRequest[Any]) -> list[Resource[Any]]:
        claims = claims_asked(request.filter.ast) if request.filter is not None else None
        if claims is not None:
            named = await store.people_by_claim(self._tx, claims)
            return await self._as_users([known for known in named.values() if not known.deleted])
        if await store.count_people(self._tx) > MOST_SCANNED:
            raise TooManyException(detail=f"Of more than {MOST_SCANNED} users, search by userName or externalId")
        return await self._as_users(await store.people_from(self._tx, 0, None))

    async def _as_users(self, people: list[KnownPerson]) -> list[Resource[Any]]:
        around = await users.surroundings(self._tx)
        return await asyncio.to_thread(lambda: [users.as_user(known, around) for known in people])

    async def _groups(self, request: SearchRequest[Any]) -> list[Resource[Any]]:
        teams = [known for known in (await store.teams(self._tx)).values() if not known.team.removed]
        return list(await groups.as_groups(self._tx, teams, with_members=looks_at_members(request)))

    async def _with_members(self, resources: list[Resource[Any]]) -> list[Resource[Any]]:
        teams = await store.teams(self._tx)
        shown = [known for one in resources if isinstance(one, Group) and (known := teams.get(TeamId(one.id or "")))]
        full = {one.id: one for one in await groups.as_groups(self._tx, shown, with_members=True)}
        return [full.get(one.id, one) for one in resources]


def _is_user(resource_type: ResourceType) -> bool:
    return resource_type.name == "User"
