"""What a statement says, as a digest: two statements of one id are one when these are the same."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

import orjson

from kinetic.ingestion.xapi.fields import moment_of

_NOT_SAID: Final = frozenset({"id", "stored", "authority", "version"})
_WORDING: Final = frozenset({"display", "definition", "description", "attachments"})
"""How a thing is called may change; what is said of it may not (Data 2.3.1)."""

_EXACT: Final = 2.0**53
"""Below it 1 and 1.0 are one number."""


def fingerprint_of(statement: Mapping[str, Any]) -> str:
    """128 bits in the form of a UUID, of all that a statement may not change afterwards (Data 2.3.1).

    Not among it: what a record store adds, the wording and definition of verbs and activities, attachments, the order
    of members, the zone of the time.
    """
    said = {name: value for name, value in statement.items() if name not in _NOT_SAID}
    if "timestamp" in said:
        said["timestamp"] = moment_of(said["timestamp"]).isoformat()
    text = orjson.dumps(_canonical(said), option=orjson.OPT_SORT_KEYS)
    return blake2b(text, digest_size=16).hexdigest()


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _canonical_of(name, inner) for name, inner in value.items() if name not in _WORDING}
    if isinstance(value, list):
        return [_canonical(entry) for entry in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT else value


def _canonical_of(name: str, value: Any) -> Any:
    if name == "extensions":
        return value
    canonical = _canonical(value)
    if name == "member":
        return sorted(canonical, key=lambda member: orjson.dumps(member, option=orjson.OPT_SORT_KEYS))
    if name in {"parent", "grouping", "category", "other"} and isinstance(canonical, dict):
        return [canonical]
    return canonical
