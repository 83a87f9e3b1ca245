"""Slugs, by which documents and rules name teams and roles, made from the names that people gave them."""

from __future__ import annotations

import re
from collections.abc import Container
from hashlib import blake2b
from itertools import count
from unicodedata import normalize

LONGEST = 100
DIGITS = 5


def slug_of(name: str | None) -> str | None:
    """A slug for a name: ``Café Sales (EMEA)`` becomes ``cafe-sales-emea``, and a slug stays as it is. None for none.

    Names in other scripts than Latin get a digest.
    """
    if name is None or not name.strip():
        return None
    plain = normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9._-]+", "-", plain).lstrip("-._").rstrip("-")[:LONGEST]
    return slug or f"x-{blake2b(name.encode(), digest_size=6).hexdigest()}"


def free_slug(name: str, taken: Container[str]) -> str:
    """The slug of `name`, with the first number behind it that makes it a new one."""
    slug = slug_of(name) or "x"
    numbered = (f"{slug[: LONGEST - DIGITS]}-{number}" for number in count(2))
    return slug if slug not in taken else next(candidate for candidate in numbered if candidate not in taken)
