"""What is read, with what it may refuse it, and what must hold for whatever it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from json import JSONDecodeError
from typing import Any, Final

import orjson
from pydantic import ValidationError
from scim2_models import SCIMException

from kinetic.common.events import new_id
from kinetic.common.problems import Problem
from kinetic.common.web import read_json
from kinetic.contracts.ids import IntegrationId
from kinetic.ingestion import cloud_events, json_texts
from kinetic.ingestion.api.documents import parse_document
from kinetic.ingestion.catalogue_items import read_csv_items, read_json_items
from kinetic.ingestion.committer import Committer
from kinetic.ingestion.connectors import CONNECTORS
from kinetic.ingestion.connectors.generic import PayloadMapping, connector_of
from kinetic.ingestion.connectors.protocol import Connector, Ignored, Webhook
from kinetic.ingestion.domain.catalogue import Catalogue, decide_import
from kinetic.ingestion.domain.directory import decide_directory
from kinetic.ingestion.domain.documents import CatalogueDocument, DirectoryDocument
from kinetic.ingestion.domain.hris import read_people
from kinetic.ingestion.domain.intake import Origin
from kinetic.ingestion.intake_door import IntakeDoor
from kinetic.ingestion.journal import Journal
from kinetic.ingestion.json_texts import Malformed
from kinetic.ingestion.measurements import read_csv_rows, read_json_rows
from kinetic.ingestion.reports import TYPES
from kinetic.ingestion.spreadsheets import Unreadable, read_table
from kinetic.ingestion.store.integrations import Intake
from kinetic.ingestion.xapi.meaning import meaning_of
from kinetic.ingestion.xapi.parts import read_body
from kinetic.ingestion.xapi.reading import read_statements
from services.ingestion.tests.intake_records import Record
from tests.fuzz import corpus
from tests.fuzz.provisioning import DIRECTORY, provision
from tests.fuzz.samples import Sample
from tests.support.signing import signed

ORIGIN: Final = Origin("principal/tool")
NOW: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
_NO_HEADER: Final = re.compile("[\x00\r\n]")


class Unfit(Exception):
    """The change left no sample of this target, such as a tool that there is not."""


@dataclass(frozen=True, slots=True)
class Target:
    """`read` reads a sample. It may raise what it `refuses` with, and nothing else; it asserts what must hold."""

    name: str
    samples: Callable[[], Sequence[Sample]]
    read: Callable[[Sample], None]
    refuses: tuple[type[Exception], ...] = ()


def _read_json_texts(sample: Sample) -> None:
    """What the fast reader reads, the slow ones read alike."""
    text = sample.text
    try:
        value: Any = read_json(text)
    except JSONDecodeError:
        json_texts.split_array(text, 1000)
        json_texts.find_fault(text)
        return
    assert json_texts.has_repeated_key(text) == (json_texts.find_fault(text) is not None)
    if isinstance(value, list) and len(value) <= 1000:
        assert [read_json(part) for part in json_texts.split_array(text, 1000)] == value


def _read_cloud_events(sample: Sample) -> None:
    headers, text = _headers(sample.told["headers"]), sample.text
    match sample.told["mode"]:
        case "structured":
            _assert_right(_tried(lambda: cloud_events.read_structured(text, ORIGIN)))
        case "batch":
            _assert_right(_tried(lambda: cloud_events.read_batch(text, ORIGIN)))
        case "binary":
            _assert_right(_tried(lambda: cloud_events.read_binary(headers, text, ORIGIN)))
        case _:
            raise Unfit


def _read_record(sample: Sample) -> None:
    headers = [(name, value.encode("latin-1", "replace")) for name, value in sample.told["headers"].items()]
    intake = Intake(IntegrationId("0190a6d5-0000-7000-8000-000000000000"), "tool", TYPES)
    read, letters = IntakeDoor(intake, Committer(500, 1, 1), Journal()).read([Record(sample.text, headers)])
    assert len(read) == 1
    assert not letters
    _assert_right(read[0].content)


def _read_webhook(sample: Sample) -> None:
    connector = CONNECTORS.get(sample.told["tool"])
    if connector is None:
        raise Unfit
    headers = _headers(sample.told["headers"])
    webhook = Webhook(headers, sample.text, _NO_HEADER.sub("", sample.told["url"]))
    connector.signature.doubt(["secret", "former"], webhook, NOW)
    for _, believed in signed(connector.signature, "secret", webhook):
        connector.signature.doubt(["secret", "former"], believed, NOW)
    assert connector.signature.delivery_id(webhook)
    _observe(connector, headers, read_json(sample.text))


def _read_mapped(sample: Sample) -> None:
    value = read_json(sample.text)
    if not isinstance(value, dict):
        raise Unfit
    _observe(connector_of(PayloadMapping.model_validate(value.get("mapping"))), {}, value.get("payload"))


def _observe(connector: Connector, headers: Mapping[str, str], payload: Any) -> None:
    reading = connector.read(headers, payload)
    _assert_storable(reading)
    for one in () if isinstance(reading, Ignored) else reading.observations:
        assert 0 <= one.severity <= 1
        assert one.summary.strip()
        assert one.occurred_at is None or one.occurred_at.tzinfo is UTC


def _read_measurements(sample: Sample) -> None:
    _assert_right(_tried(lambda: read_json_rows(sample.text, "Europe/Berlin", ORIGIN)))


def _read_csv(sample: Sample) -> None:
    match sample.told["of"]:
        case "measurements":
            _assert_right(_tried(lambda: read_csv_rows(sample.text, "Europe/Berlin", ORIGIN)))
        case "catalogue":
            _assert_storable(decide_import(Catalogue(0, {}), read_csv_items(sample.text, "lms").document, new_id))
        case "people":
            found = read_people(read_table(sample.text), DIRECTORY, NOW, is_complete=True)
            change = decide_directory(DIRECTORY, found.document, NOW, new_id)
            assert all(found.error_of(mistake).line >= 1 for mistake in change.mistakes)
        case _:
            raise Unfit


def _read_document(sample: Sample) -> None:
    is_json = sample.told["media"] == "json"
    match sample.told["of"]:
        case "directory":
            directory = parse_document(sample.text, is_json, DirectoryDocument)
            decide_directory(DIRECTORY, directory, NOW, new_id)
        case "catalogue":
            decide_import(Catalogue(0, {}), parse_document(sample.text, is_json, CatalogueDocument), new_id)
        case "feed":
            read_json_items(sample.text, "lms")
        case _:
            raise Unfit


def _read_xapi(sample: Sample) -> None:
    body = read_body(_NO_HEADER.sub("", sample.told["content-type"]), sample.text)
    version = (2, 0) if sample.told["version"] == "2.0" else (1, 0)
    for one in read_statements(body, version):
        _assert_storable(one.statement_id)
        _assert_storable(meaning_of(one.statement, "lms", NOW))


def _headers(told: Mapping[str, str]) -> dict[str, str]:
    """As a server hands them over: none of its servers lets these characters through."""
    return {name.lower(): _NO_HEADER.sub("", value) for name, value in told.items()}


def _tried(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except Problem as problem:
        return problem


def _assert_right(outcome: Any) -> None:
    """What was read can be stored, and so can what is said of it when it cannot be read."""
    for entry in outcome if isinstance(outcome, list) else [outcome]:
        if isinstance(entry, Problem):
            assert 400 <= entry.status_code < 500
            _assert_storable(entry.document())
        else:
            _assert_storable(entry)


def _assert_storable(value: Any) -> None:
    """Neither a lone surrogate nor a NUL is in it."""
    written = orjson.dumps(value, default=lambda other: dict(other) if isinstance(other, Mapping) else str(other))
    assert b"\\u0000" not in written.replace(b"\\\\", b""), "a NUL came through"


TARGETS: Final = {
    target.name: target
    for target in (
        Target("json", corpus.json_texts, _read_json_texts, (Malformed,)),
        Target("cloud_events", corpus.events, _read_cloud_events),
        Target("intake", corpus.records, _read_record),
        Target("webhook", corpus.webhooks, _read_webhook, (JSONDecodeError,)),
        Target("mapping", corpus.mappings, _read_mapped, (JSONDecodeError, ValidationError)),
        Target("measurements", corpus.measurements, _read_measurements),
        Target("csv", corpus.tables, _read_csv, (Problem, Unreadable)),
        Target("documents", corpus.documents, _read_document, (Problem,)),
        Target("xapi", corpus.statements, _read_xapi, (Problem,)),
        Target("scim", corpus.provisioning, provision, (SCIMException,)),
    )
}
