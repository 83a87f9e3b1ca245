"""JSON schemas of bodies that FastAPI does not read itself, for the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter

_DEFINITION = "#/$defs/"


def schema_of(described: type[BaseModel] | TypeAdapter[Any]) -> dict[str, Any]:
    """The schema with every definition put in its place: in OpenAPI, references point elsewhere."""
    schema = described.json_schema() if isinstance(described, TypeAdapter) else described.model_json_schema()
    definitions = schema.pop("$defs", {})
    inlined: dict[str, Any] = _inline(schema, definitions)
    return inlined


def _inline(value: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_inline(entry, definitions) for entry in value]
    if not isinstance(value, dict):
        return value
    reference = value.get("$ref")
    if isinstance(reference, str):
        return _inline(definitions[reference.removeprefix(_DEFINITION)], definitions)
    return {name: _inline(entry, definitions) for name, entry in value.items() if name != "discriminator"}
