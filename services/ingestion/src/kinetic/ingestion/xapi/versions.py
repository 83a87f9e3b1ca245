"""`X-Experience-API-Version` (Communication 3.3): which xAPI a request speaks, and which the answer names."""

from __future__ import annotations

import re
from typing import Final

from kinetic.common.problems import Fault, Problem

HEADER: Final = "X-Experience-API-Version"
VERSIONS: Final = ("1.0.3", "2.0.0")
"""What is spoken, by the latest patch of each."""

_SPOKEN: Final = re.compile(r"(1\.0|2\.0)(\.[0-9]{1,9})?")


def version_of(header: str | None) -> tuple[int, int]:
    """The major and minor version of a request. Problem 400 when it names none, or one that is not spoken."""
    spoken = _SPOKEN.fullmatch(header or "")
    if spoken is None:
        detail = f"must be one of {', '.join(VERSIONS)}" if header else f"is missing: send one of {', '.join(VERSIONS)}"
        raise Problem(
            400, "The xAPI version is not spoken here", errors=[Fault(f"#/{HEADER.lower()}", detail, "header")]
        )
    major, minor = spoken[1].split(".")
    return int(major), int(minor)


def answered_version(header: str | None) -> str:
    """The version that the answer names: the latest patch of the one that was asked for, else of the first."""
    return VERSIONS[1] if (header or "").startswith("2.") else VERSIONS[0]
