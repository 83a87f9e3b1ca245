"""A sample: what a reader is told besides the text, and the text. Both stand in one file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Sample:
    """`told` is a JSON value such as headers, `text` are the bytes that came."""

    told: Any
    text: bytes

    def file(self) -> bytes:
        """The sample as a file: a line of JSON, then the text."""
        return json.dumps(self.told).encode() + b"\n" + self.text


def from_file(content: bytes) -> Sample:
    """The sample in a file."""
    told, _, text = content.partition(b"\n")
    return Sample(json.loads(told), text)
