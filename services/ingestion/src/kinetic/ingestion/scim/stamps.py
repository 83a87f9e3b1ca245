"""`id` and `meta` of a resource: when it was made and changed, and the version that its ETag tells."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, TypeVar
from uuid import UUID

import orjson
from scim2_models import Meta, NotFoundException, Resource

R = TypeVar("R", bound=Resource[Any])


def stamp(resource: R, resource_id: str, kind: str, changed_at: datetime, version: str | None) -> R:
    """Give a resource its id and its meta. `created` is the time within the id, which is a UUIDv7."""
    created = datetime.fromtimestamp((UUID(resource_id).int >> 80) / 1000, UTC)
    resource.id = resource_id
    resource.meta = Meta(resource_type=kind, created=created, last_modified=max(created, changed_at), version=version)
    return resource


def version_of(*parts: object) -> str:
    """A weak entity tag that changes whenever one of `parts` does."""
    return f'W/"{blake2b(orjson.dumps(parts), digest_size=9).hexdigest()}"'


def checked_id(resource_id: str) -> str:
    """The id, which is a UUID. NotFoundException when nothing can have it."""
    try:
        return str(UUID(resource_id))
    except ValueError:
        raise NotFoundException(detail="No resource has this id") from None
