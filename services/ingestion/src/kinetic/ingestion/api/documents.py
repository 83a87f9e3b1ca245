"""Documents that people write, in YAML or JSON: read strictly, with every mistake named by a JSON pointer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from json import JSONDecodeError
from typing import Any, TypeVar

import yaml
from fastapi import Request
from pydantic import BaseModel, ValidationError

from kinetic.common.problems import MAX_ERRORS, Fault, Problem
from kinetic.common.web import read_json
from kinetic.ingestion.api.schemas import schema_of
from kinetic.ingestion.domain.documents import Mistake, named

MAX_NESTING = 20

M = TypeVar("M", bound=BaseModel)


async def read_document(request: Request, model: type[M]) -> M:
    """The body as a `model`. Problem 400 for no YAML or JSON, 422 naming every wrong place."""
    body = await request.body()
    is_json = request.headers.get("content-type", "").partition(";")[0].strip().lower().endswith("json")
    # A large document takes seconds to read, in which others want answers.
    return await asyncio.to_thread(_parse, body, is_json, model)


def document_body(model: type[BaseModel]) -> dict[str, Any]:
    """The OpenAPI description of such a body."""
    schema = schema_of(model)
    content = {media: {"schema": schema} for media in ("application/json", "application/yaml")}
    return {"requestBody": {"required": True, "content": content}}


def mistakes_found(mistakes: Sequence[Mistake]) -> Problem:
    """Nothing was applied, and why."""
    faults = [Fault(_pointer(mistake.path), mistake.sentence(named)) for mistake in mistakes[:MAX_ERRORS]]
    detail = "One place is wrong." if len(mistakes) == 1 else f"{len(mistakes)} places are wrong."
    return Problem(422, "The document has mistakes; nothing was applied", detail, errors=faults)


def _parse(body: bytes, is_json: bool, model: type[M]) -> M:
    value = _read_json(body) if is_json else _read_yaml(body)
    try:
        return model.model_validate(value)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        mistakes = [Mistake(fault["loc"], fault["msg"].removeprefix("Value error, ")) for fault in faults]
        raise mistakes_found(mistakes) from error


def _read_json(body: bytes) -> Any:
    try:
        return read_json(body)
    except JSONDecodeError as error:
        raise Problem(400, "The body is not JSON", error.msg) from error


def _read_yaml(body: bytes) -> Any:
    try:
        _refuse_bombs(yaml.parse(body, Loader=yaml.CSafeLoader))
        return yaml.load(body, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise Problem(400, "The body is not YAML", f"{line}{error.problem}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Problem(400, "The body is not YAML", "It cannot be read.") from error


def _refuse_bombs(events: Iterable[yaml.Event]) -> None:
    """Aliases grow without bound, and so may nesting."""
    depth = 0
    for event in events:
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise _not_taken(event, "aliases are not allowed here")
        if depth > MAX_NESTING:
            raise _not_taken(event, "nested too deeply")


def _not_taken(event: yaml.Event, detail: str) -> Problem:
    line = event.start_mark.line + 1 if event.start_mark else 0
    return Problem(400, "The body is not taken", f"line {line}: {detail}")


def _pointer(path: Iterable[str | int]) -> str:
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in path if step != "[key]")
    return "#" + "".join(f"/{step}" for step in steps)
