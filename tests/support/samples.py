"""JSON values that fit a schema, for the part of JSON Schema that event contracts use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st

Schema = Mapping[str, Any]
Values = st.SearchStrategy[Any]


def values_of(schema: Schema) -> Values:
    """A strategy of values that `schema` allows. LookupError for a word it does not know."""
    return _values(schema, schema.get("$defs", {}))


def _values(schema: Schema, definitions: Schema) -> Values:
    if "$ref" in schema:
        return _values(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in schema:
        return st.one_of([_values(choice, definitions) for choice in schema["anyOf"]])
    if "const" in schema or "enum" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    return _BY_TYPE[schema["type"]](schema, definitions)


def _string(schema: Schema, _: Schema) -> Values:
    if schema.get("format") == "date-time":
        return st.datetimes(timezones=st.just(None)).map(lambda moment: f"{moment.isoformat()}Z")
    return st.text(min_size=schema.get("minLength", 0), max_size=schema.get("maxLength", 50))


def _number(schema: Schema, _: Schema) -> Values:
    low, exclusive = schema.get("minimum"), schema.get("exclusiveMinimum")
    return st.floats(
        min_value=low if low is not None else exclusive,
        max_value=schema.get("maximum"),
        exclude_min=exclusive is not None,
        allow_nan=False,
        allow_infinity=False,
    )


def _integer(schema: Schema, _: Schema) -> Values:
    return st.integers(min_value=schema.get("minimum"), max_value=schema.get("maximum", 2**62))


def _array(schema: Schema, definitions: Schema) -> Values:
    return st.lists(_values(schema["items"], definitions), min_size=schema.get("minItems", 0), max_size=3)


def _object(schema: Schema, definitions: Schema) -> Values:
    if "properties" not in schema:
        return st.dictionaries(st.text(max_size=10), _values(schema["additionalProperties"], definitions), max_size=3)
    properties = {name: _values(value, definitions) for name, value in schema["properties"].items()}
    required = set(schema.get("required", ()))
    return st.fixed_dictionaries(
        {name: values for name, values in properties.items() if name in required},
        optional={name: values for name, values in properties.items() if name not in required},
    )


_BY_TYPE: Mapping[str, Callable[[Schema, Schema], Values]] = {
    "string": _string,
    "number": _number,
    "integer": _integer,
    "boolean": lambda _, __: st.booleans(),
    "null": lambda _, __: st.none(),
    "array": _array,
    "object": _object,
}
