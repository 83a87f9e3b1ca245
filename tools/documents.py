"""Generated documents: `python -m tools.documents write` makes them, `check` fails when one is out of date."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from kinetic.common.service import Service, build_app
from kinetic.contracts.event import Event
from kinetic.contracts.registry import BY_PRODUCER, BY_TYPE
from tools import asyncapi
from tools.compatibility import breaks

ROOT = Path(__file__).parent.parent
SCHEMAS = ROOT / "libs" / "contracts" / "schemas"
DOCS = ROOT / "docs" / "generated"
SERVICES = ("ingestion", "skill_gap", "recommendation", "assignment", "feedback")


def main(command: str) -> int:
    """Write or check; 1 when a document is out of date or a schema broke its promise."""
    faults = list(broken_promises())
    wanted = dict(documents())
    if command == "write" and not faults:
        for path, text in wanted.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    faults += [f"{path.relative_to(ROOT)} is out of date: run make docs" for path in out_of_date(wanted)]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def documents() -> Iterator[tuple[Path, str]]:
    """Every generated file with its text."""
    services = [create_service(name) for name in SERVICES]
    for event_type, event in BY_TYPE.items():
        yield SCHEMAS / f"{event_type}.json", _json(event.model_json_schema())
    yield DOCS / "asyncapi.json", _json(asyncapi.document(services))
    for service in services:
        yield DOCS / "openapi" / f"{service.name}.json", _json(build_app(service).openapi())
    yield DOCS / "events.md", events_page()


def broken_promises() -> Iterator[str]:
    """Events whose golden schema stands for a promise that the code no longer keeps."""
    for path in sorted(SCHEMAS.glob("*.json")):
        event = BY_TYPE.get(path.stem)
        if event is None:
            yield f"{path.stem} was removed: readers may still wait for it"
            continue
        for broken in breaks(json.loads(path.read_text()), event.model_json_schema()):
            yield f"{path.stem}: {broken}: emit a new version beside the old one"


def out_of_date(wanted: dict[Path, str]) -> Iterator[Path]:
    """Files that are missing or differ."""
    for path, text in wanted.items():
        if not path.exists() or path.read_text() != text:
            yield path


def create_service(module: str) -> Service:
    """The service in `kinetic.<module>`."""
    service: Service = import_module(f"kinetic.{module}.app").create_service()
    return service


def events_page() -> str:
    """All events on one page: by producer, with topic, key and what triggers each."""
    lines = ["# Events", "", "Generated from `libs/contracts`. Within a version only optional fields are added.", ""]
    for producer, events in BY_PRODUCER.items():
        lines += [f"## {producer}", "", "| type | topic | what it says | data |", "|---|---|---|---|"]
        lines += [_row(event) for event in events]
        lines.append("")
    return "\n".join(lines)


def _row(event: type[Event]) -> str:
    fields = ", ".join(f"`{name}`" for name in event.model_fields)
    meaning = " ".join((event.__doc__ or "").split())
    return (
        f"| [`{event.type}`](../../libs/contracts/schemas/{event.type}.json) | `{event.topic}` | {meaning} | {fields} |"
    )


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "check"))
