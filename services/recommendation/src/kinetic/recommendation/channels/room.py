"""A message in the longest form for which a channel has room."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import orjson

Form = TypeVar("Form")


def first_with_room(forms: Iterable[Form], most_bytes: int) -> Form:
    """The first of the forms, at least one, that is at most so long as JSON; the last when none is."""
    for form in forms:
        last = form
        if len(orjson.dumps(form)) <= most_bytes:
            break
    return last
