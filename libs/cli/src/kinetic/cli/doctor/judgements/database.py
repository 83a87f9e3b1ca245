"""Does Postgres keep what it was given, has it room for everybody, and is anything left lying in the schemas?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kinetic.cli.doctor.finding import Finding, counted, doubtful, fine, lasting, listed, wrong

OUTBOX_SECONDS: Final = 60.0
_CROWDED: Final = 0.8
_PROMISE: Final = "a 2xx says that it is committed, and a crash would lose it"


@dataclass(frozen=True, slots=True)
class ServerState:
    """What Postgres says of itself. `replicas` counts the relays that are connected, one per replica, by service."""

    settings: Mapping[str, str]
    connections: int
    replicas: Mapping[str, int]

    @property
    def room(self) -> int:
        """How many connections services may have together."""
        reserved = ("superuser_reserved_connections", "reserved_connections")
        return int(self.settings["max_connections"]) - sum(int(self.settings.get(name, "0")) for name in reserved)


@dataclass(frozen=True, slots=True)
class Kept:
    """What stands in the machinery's tables of one schema. `outbox_seconds` is the age of the oldest row; None when empty."""

    outbox_seconds: float | None
    inbox_is_overdue: bool


@dataclass(frozen=True, slots=True)
class SchemaState:
    """The schema of one service. `kept` is None while it is not migrated; `unmigrated` names the revisions it lacks."""

    service: str
    unmigrated: frozenset[str]
    kept: Kept | None


def judge_server(server: ServerState, pool_size: int) -> list[Finding]:
    """Durability and room. `pool_size` is how many connections one replica may open besides that of its relay."""
    durability = list(_durability(server.settings))
    return [*(durability or [fine("Postgres durability", "what is committed is on disk")]), _room(server, pool_size)]


def judge_schemas(schemas: Sequence[SchemaState], inbox_days: int) -> list[Finding]:
    """Migrations, outboxes and inboxes of all schemas: one finding for each thing that is wrong with one."""
    findings = [finding for schema in schemas for finding in _faults(schema, inbox_days)]
    return findings or [fine("schemas", f"{listed(schema.service for schema in schemas)} are migrated, outboxes flow")]


def _durability(settings: Mapping[str, str]) -> Iterator[Finding]:
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        if settings.get(name) == "off":
            remedy = f"Set {name} = on in postgresql.conf and reload: a promise rests on it."
            yield wrong("Postgres durability", f"{name} is off: {_PROMISE}", remedy)


def _room(server: ServerState, pool_size: int) -> Finding:
    name, room = "Postgres connections", server.room
    needed = sum(server.replicas.values()) * (pool_size + 1)
    told = f"{server.connections} of {room} in use; replicas may open {needed}"
    if server.connections >= room:
        return wrong(name, told, "Raise max_connections, or put fewer replicas or a smaller KINETIC_POOL_SIZE to work.")
    if needed > room or server.connections > _CROWDED * room:
        return doubtful(
            name, told, "Raise max_connections above what the replicas may open, or lower KINETIC_POOL_SIZE."
        )
    return fine(name, told)


def _faults(schema: SchemaState, inbox_days: int) -> Iterator[Finding]:
    module = schema.service.replace("-", "_")
    if schema.unmigrated:
        yield wrong(
            f"schema {module}",
            f"not migrated: lacks {listed(sorted(schema.unmigrated))}",
            f"Run `python -m kinetic.{module} migrate`; {schema.service} begins by itself when it is done.",
        )
    if schema.kept is not None:
        yield from _left_lying(schema.service, schema.kept, inbox_days)


def _left_lying(service: str, kept: Kept, inbox_days: int) -> Iterator[Finding]:
    if kept.outbox_seconds is not None and kept.outbox_seconds > OUTBOX_SECONDS:
        yield outbox_stands(service, kept.outbox_seconds)
    if kept.inbox_is_overdue:
        yield doubtful(
            f"inbox of {service}",
            f"remembers events for longer than {inbox_days} days: nothing sweeps it",
            f"Look for `sweep` in the log of {service}; KINETIC_INBOX_RETENTION_DAYS says how long it should.",
        )


def outbox_stands(service: str, seconds: float) -> Finding:
    """Events are committed and not told."""
    remedy = f"Look at Kafka and at a running replica of {service}: kinetic_relay_shards_held must be 16 in sum."
    return wrong(f"outbox of {service}", f"its oldest event has not been told for {lasting(seconds)}", remedy)


def judge_dead_letters(counts: Mapping[str, int]) -> list[Finding]:
    """Dead letters that nobody has replayed, by service."""
    dead = {service: number for service, number in counts.items() if number}
    if not dead:
        return [fine("dead letters", f"none in {listed(counts)}")]
    told = listed(f"{service} {number}" for service, number in dead.items())
    remedy = "`kinetic dead list` says what they died of; mend the cause, then `kinetic dead replay ID`."
    return [doubtful("dead letters", f"{counted(sum(dead.values()), 'record')} given up: {told}", remedy)]
