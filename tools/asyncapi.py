"""The AsyncAPI 3 document, made from the contracts and from the doors that the services really have.

FastStream's own generator sees raw bytes where the batch loop decodes by itself, so it would show no payloads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kinetic.common.doors import Door
from kinetic.common.service import VERSION, Service
from kinetic.contracts import topics
from kinetic.contracts.event import Event
from kinetic.contracts.registry import BY_PRODUCER, BY_TYPE
from tools import intake_channel

HEADERS = {
    "type": "object",
    "required": ["ce_id", "ce_type", "ce_source", "ce_time", "ce_specversion", "ce_correlationid"],
    "properties": {
        "ce_id": {"type": "string", "format": "uuid", "description": "UUIDv7. A reader knows a repeat by it."},
        "ce_type": {"type": "string"},
        "ce_source": {"type": "string", "examples": ["/kinetic/assignment"]},
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_specversion": {"const": "1.0"},
        "ce_correlationid": {
            "type": "string",
            "format": "uuid",
            "description": "The signal or click that began it all.",
        },
        "ce_causationid": {"type": "string", "format": "uuid", "description": "The event that this one follows from."},
        "content-type": {"const": "application/json"},
        "traceparent": {"type": "string", "description": "W3C Trace Context."},
    },
}


def document(services: Iterable[Service]) -> dict[str, Any]:
    """The whole system: channels are topics, operations are what each service sends and receives."""
    services = list(services)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Kinetic events",
            "version": VERSION,
            "description": "CloudEvents 1.0 in the Kafka binding's binary mode. An LMS reads `kinetic.assignments`, "
            "tools write to `kinetic.intake.<integration>`.",
        },
        "defaultContentType": "application/json",
        "channels": {
            **{topic.name: _channel(topic) for topic in topics.ALL},
            intake_channel.NAME: intake_channel.channel(),
        },
        "operations": {
            **{name: op for service in services for name, op in _operations(service).items()},
            f"ingestion.receive.{intake_channel.NAME}": intake_channel.operation(),
        },
        "components": {
            "messages": {**{event.type: _message(event) for event in BY_TYPE.values()}, **intake_channel.messages()}
        },
    }


def _channel(topic: topics.Topic) -> dict[str, Any]:
    types = [event.type for event in BY_TYPE.values() if event.topic == topic.name]
    return {
        "address": topic.name,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in types},
        "bindings": {
            "kafka": {
                "partitions": topic.partitions,
                "topicConfiguration": {"cleanup.policy": [topic.config["cleanup.policy"]]},
            }
        },
    }


def _message(event: type[Event]) -> dict[str, Any]:
    return {
        "name": event.type,
        "summary": (event.__doc__ or "").strip(),
        "headers": HEADERS,
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": event.model_json_schema(),
        },
        "bindings": {"kafka": {"key": {"type": "string", "format": "uuid"}}},
    }


def _operations(service: Service) -> dict[str, dict[str, Any]]:
    sends: dict[str, list[type[Event]]] = {}
    for event in BY_PRODUCER[service.name]:
        sends.setdefault(event.topic, []).append(event)
    return {
        **{f"{service.name}.send.{topic}": _operation("send", topic, events) for topic, events in sends.items()},
        **{f"{service.name}.receive.{door.topic}": _receive(door) for door in service.doors},
    }


def _receive(door: Door) -> dict[str, Any]:
    return {**_operation("receive", door.topic, door.takes), "summary": (door.handle.__doc__ or "").strip()}


def _operation(action: str, topic: str, events: Iterable[type[Event]]) -> dict[str, Any]:
    messages: list[Mapping[str, str]] = [{"$ref": f"#/channels/{topic}/messages/{event.type}"} for event in events]
    return {"action": action, "channel": {"$ref": f"#/channels/{topic}"}, "messages": messages}
