"""A sender that does not give up at once: the same request again while the far side says 503 or does not answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Final

import httpx

PATIENCE_SECONDS: Final = 60.0
_LONGEST_PAUSE_SECONDS: Final = 2.0
_TRY_AGAIN: Final = frozenset({429, 502, 503, 504})


async def post_patiently(
    http: httpx.AsyncClient,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    patience_seconds: float = PATIENCE_SECONDS,
) -> httpx.Response:
    """The final answer. The body and its ids are the same in every try, so that the receiver can tell a repetition.

    httpx.TransportError when nobody answered within the patience; a 503 that lasts is returned like any other answer.
    """
    give_up_at = time.monotonic() + patience_seconds
    pause = 0.1
    while True:
        is_last = time.monotonic() >= give_up_at
        try:
            answer = await http.post(url, content=body, headers=headers)
            if answer.status_code not in _TRY_AGAIN or is_last:
                return answer
        except httpx.TransportError:
            if is_last:
                raise
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
