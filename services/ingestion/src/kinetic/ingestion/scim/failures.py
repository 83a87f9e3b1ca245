"""What is said no to, in SCIM's form (RFC 7644, section 3.12)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from scim2_models import InvalidValueException, SCIMException, UniquenessException

from kinetic.ingestion.domain.documents import Mistake, Path

M = TypeVar("M", bound=BaseModel)

_CLAIMS = frozenset({"email", "slug", "external_ids"})


def refused(mistakes: Sequence[Mistake]) -> SCIMException:
    """The decision about the directory said no: 409 when somebody else has what was claimed, otherwise 400."""
    detail = "; ".join(mistake.sentence(_name) for mistake in mistakes)
    is_claimed = any(_CLAIMS.intersection(map(str, mistake.path)) for mistake in mistakes)
    return UniquenessException(detail=detail) if is_claimed else InvalidValueException(detail=detail)


def checked(kind: type[M], **fields: Any) -> M:
    """An entry of the directory with these fields. InvalidValueException names the first that cannot stand in it."""
    try:
        return kind(**fields)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(step) for step in wrong["loc"])
        raise InvalidValueException(detail=f"{place}: {wrong['msg'].removeprefix('Value error, ')}") from error


def _name(_: Path) -> str:
    return "another entry of the request"
