"""Requests to the services' HTTP APIs, with their problems told readably."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from kinetic.cli.errors import Refused, Unreachable

_TIMEOUT_SECONDS = 30.0


def ask(
    method: str, url: str, token: str | None = None, *, extra_headers: Mapping[str, str] | None = None, **content: Any
) -> Any:
    """The JSON answer to a request. Refused with the problem's text, Unreachable when nobody answers.

    `content` is what httpx takes: `json`, `content`, `params`.
    """
    headers = {**bearer(token), **(extra_headers or {})}
    try:
        answer = httpx.request(method, url, headers=headers, timeout=_TIMEOUT_SECONDS, **content)
    except httpx.TransportError as error:
        raise unreachable(url, error) from error
    return read_answer(answer)


def bearer(token: str | None) -> dict[str, str]:
    """The header that shows a token."""
    return {"Authorization": f"Bearer {token}"} if token else {}


def unreachable(url: str, error: httpx.TransportError) -> Unreachable:
    """Nobody answers at `url`."""
    return Unreachable(f"no answer from {url} ({type(error).__name__}): is it running? `make run` starts the example")


def read_answer(answer: httpx.Response) -> Any:
    """The JSON body of a good answer. Refused with the problem's text for any other."""
    if answer.is_success:
        return answer.json() if answer.content else None
    raise Refused(f"{answer.request.method} {answer.request.url}: {told_problem(answer)}", answer.status_code)


def told_problem(answer: httpx.Response) -> str:
    """The text of a refusal: the problem document when there is one, else the beginning of the body."""
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    if isinstance(problem, dict) and "title" in problem:
        return tell_problem(problem)
    return f"{answer.status_code} {answer.reason_phrase} {answer.text[:200]}".strip()


def tell_problem(problem: Mapping[str, Any]) -> str:
    """An RFC 9457 problem as text: status, title and detail in the first line, then each wrong place in a line of its own."""
    first = f"{problem.get('status', '')} {problem['title']}".strip()
    if detail := problem.get("detail"):
        first = f"{first}: {detail}"
    places = [f"  {_place(error)}: {error.get('detail', '')}" for error in problem.get("errors") or []]
    if trace_id := problem.get("trace_id"):
        places.append(f"  trace {trace_id}")
    return "\n".join([first, *places])


def _place(error: Mapping[str, Any]) -> str:
    part, pointer = error.get("in", "body"), error.get("pointer", "")
    return str(pointer) if part == "body" and pointer else f"{part} {pointer}".strip()
