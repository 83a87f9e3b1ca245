"""`kinetic try-payload`: what would become of webhooks that lie in files. Nothing else has to run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from kinetic.cli.errors import Misused
from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.trial import Trial, try_payload


def try_file(tool: str, file: Path, headers: Mapping[str, str]) -> Trial:
    """What would become of the payload in `file`. Misused when the tool is unknown or the file cannot be read."""
    connector = CONNECTORS.get(tool)
    if connector is None:
        raise Misused(f"there is no connector for {tool}: choose one of {', '.join(CONNECTORS)}")
    try:
        body = file.read_bytes()
    except OSError as error:
        raise Misused(f"{file} cannot be read: {error.strerror}") from error
    return try_payload(connector, headers, body)


def read_headers(lines: Iterable[str]) -> dict[str, str]:
    """Lower-case name → value, from lines such as ``X-GitHub-Event: push``. Misused for a line without a colon."""
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise Misused(f"{line!r} is no header: write NAME: VALUE")
        headers[name.strip().lower()] = value.strip()
    return headers


def told(tool: str, files: Sequence[Path], lines: Iterable[str]) -> Iterable[str]:
    """A JSON document for one file, or one line of JSON for each of several, which then begins with its name."""
    headers = read_headers(lines)
    for file in files:
        trial = try_file(tool, file, headers).model_dump(mode="json")
        yield json.dumps(trial, indent=2) if len(files) == 1 else json.dumps({"file": str(file), **trial})
