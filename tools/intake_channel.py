"""The intake topics in the AsyncAPI document: what a tool that speaks Kafka may write, in either mode."""

from __future__ import annotations

from typing import Any

from kinetic.contracts import topics
from kinetic.ingestion.cloud_events import STRUCTURED
from kinetic.ingestion.reports import AnyReported, CloudEvent, LearningReported, MeasurementReported, SignalReported

NAME = "kinetic.intake"
REPORTED: tuple[type[AnyReported], ...] = (MeasurementReported, LearningReported, SignalReported)
_SCHEMA_FORMAT = "application/schema+json;version=draft-2020-12"


def channel() -> dict[str, Any]:
    """One channel stands for the topics of all integrations."""
    topic = topics.intake("{integration}")
    config = {"cleanup.policy": [topic.config["cleanup.policy"]], "max.message.bytes": topics.MAX_INTAKE_BYTES}
    return {
        "address": topic.name,
        "description": "Made with `POST /integrations`; the tool writes, nobody else does, and only types that it may.",
        "parameters": {"integration": {"description": "The integration's name."}},
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages()},
        "bindings": {"kafka": {"partitions": topic.partitions, "topicConfiguration": config}},
    }


def operation() -> dict[str, Any]:
    """Ingestion receives; what is wrong goes to the dead-letter topic alone."""
    names = [{"$ref": f"#/channels/{NAME}/messages/{name}"} for name in messages()]
    summary = "Take events that tools write themselves, as `POST /events` takes them."
    return {"action": "receive", "channel": {"$ref": f"#/channels/{NAME}"}, "messages": names, "summary": summary}


def messages() -> dict[str, dict[str, Any]]:
    """Each type in binary and in structured mode."""
    binary = {_type_of(report): _binary(report) for report in REPORTED}
    return {**binary, **{f"{_type_of(report)}.structured": _structured(report) for report in REPORTED}}


def _type_of(report: type[CloudEvent]) -> str:
    name: str = report.model_fields["type"].annotation.__args__[0]  # type: ignore[union-attr]
    return name


def _binary(report: type[CloudEvent]) -> dict[str, Any]:
    data = report.model_fields["data"].annotation
    attributes = report.model_json_schema()["properties"]
    named = {f"ce_{name}": schema for name, schema in attributes.items() if name not in ("data", "datacontenttype")}
    headers = {**named, "content-type": {"const": "application/json"}, "traceparent": {"type": "string"}}
    required = [f"ce_{name}" for name in ("specversion", "id", "source", "type")]
    schema = data.model_json_schema()  # type: ignore[union-attr]
    return _message(report, {"type": "object", "required": required, "properties": headers}, schema)


def _structured(report: type[CloudEvent]) -> dict[str, Any]:
    headers = {"type": "object", "required": ["content-type"], "properties": {"content-type": {"const": STRUCTURED}}}
    return {**_message(report, headers, report.model_json_schema()), "contentType": STRUCTURED}


def _message(report: type[CloudEvent], headers: dict[str, Any], payload: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": _type_of(report),
        "summary": (report.__doc__ or "").strip(),
        "headers": headers,
        "payload": {"schemaFormat": _SCHEMA_FORMAT, "schema": payload},
    }
