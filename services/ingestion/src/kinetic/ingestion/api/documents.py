"""Documents that people write, in YAML or JSON: read strictly, with every mistake named by a JSON pointer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from kinetic.common.problems import MAX_ERRORS, Fault, Problem, pointer_to
from kinetic.common.yaml_texts import NotTaken, read_yaml
from kinetic.ingestion.api.schemas import schema_of
from kinetic.ingestion.domain.documents import Mistake, named
from kinetic.ingestion.json_texts import Faulty, Malformed, read_strictly

M = TypeVar("M", bound=BaseModel)


async def read_document(request: Request, model: type[M]) -> M:
    """The body as a `model`. Problem 400 for no YAML or JSON, 422 naming every wrong place."""
    body = await request.body()
    is_json = request.headers.get("content-type", "").partition(";")[0].strip().lower().endswith("json")
    # A large document takes seconds to read, in which others want answers.
    return await asyncio.to_thread(parse_document, body, is_json, model)


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


def parse_document(body: bytes, is_json: bool, model: type[M]) -> M:
    """The same of a body at hand."""
    value = _read_json(body) if is_json else _read_yaml(body)
    try:
        return model.model_validate(value)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        mistakes = [Mistake(fault["loc"], fault["msg"].removeprefix("Value error, ")) for fault in faults]
        raise mistakes_found(mistakes) from error


def _read_json(body: bytes) -> Any:
    try:
        return read_strictly(body)
    except Faulty as error:
        raise mistakes_found([Mistake(error.path, str(error))]) from error
    except Malformed as error:
        raise Problem(400, "The body is not JSON", str(error)) from error


def _read_yaml(body: bytes) -> Any:
    try:
        return read_yaml(body)
    except NotTaken as error:
        raise Problem(400, "The body is not YAML as it is taken here", str(error)) from error


def _pointer(path: Iterable[str | int]) -> str:
    return pointer_to([step for step in path if step != "[key]"])
