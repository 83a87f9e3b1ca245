"""An intake topic: CloudEvents that a tool writes to Kafka itself, taken by the same decision as those over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kinetic.common import metrics
from kinetic.common.database import Transaction
from kinetic.common.dead_letters import DeadLetter
from kinetic.common.doors import KafkaRecord, ReadRecord, Taken, Unhandled, count_records, letter_of
from kinetic.common.events import Unreadable
from kinetic.common.failures import Overloaded
from kinetic.common.problems import Fault, Problem, pointer_to
from kinetic.contracts import topics
from kinetic.ingestion.cloud_events import KAFKA_PREFIX, Message, delivery_of, read_message
from kinetic.ingestion.committer import Committer
from kinetic.ingestion.domain.intake import Origin
from kinetic.ingestion.domain.occurrences import Occurrence, Signal
from kinetic.ingestion.intake import Delivery, Fate, Receipt, take_in
from kinetic.ingestion.journal import OUTCOMES, Journal, Note, Outcome
from kinetic.ingestion.store.integrations import Intake

TRACE_PARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_REFUSED = "refused"

Entry = Delivery | Problem
"""What a record says, or what is wrong with it."""

ReadEntry = ReadRecord[Entry]
Signed = tuple[str, Receipt]
"""What kind of thing happened, and the receipt for it."""


@dataclass(frozen=True)
class IntakeDoor:
    """The topic of one integration. What is wrong is a dead letter alone; however many, they stop nothing.

    A stranger's mistakes say nothing about our decoder: HTTP would answer each with 422 and go on too.
    """

    intake: Intake
    committer: Committer
    journal: Journal

    @property
    def topic(self) -> str:
        """What is read."""
        return topics.intake(self.intake.name).name

    def read(self, records: Sequence[KafkaRecord]) -> tuple[list[ReadEntry], list[DeadLetter]]:
        """All records of a batch, right or wrong."""
        return [self._read_record(record) for record in records], []

    async def take(self, tx: Transaction, read: Sequence[ReadEntry]) -> Taken[Signed]:
        """Sign for what is right and tell or park it. Overloaded while too much waits for Kafka: it comes again."""
        if self.committer.is_backlog_full:
            raise Overloaded("too many events wait for Kafka")
        right = [item.content for item in read if isinstance(item.content, Delivery)]
        outcomes = iter(await take_in(tx, right, self.committer.full_senders) if right else ())
        signed: list[Signed] = []
        refused: list[DeadLetter] = []
        for item in read:
            end = next(outcomes) if isinstance(item.content, Delivery) else item.content
            if isinstance(end, Receipt):
                signed.append((item.type, end))
            else:
                refused.append(letter_of(item.record, None, f"{_REFUSED}: {_reason(end)}"))
        return Taken(len(signed), refused, signed)

    async def replay(self, tx: Transaction, letter: Mapping[str, Any]) -> bool:
        """Take a dead letter; whether it has to wait. Unreadable when it is still wrong, Unhandled when it was taken."""
        content = self._read_message(letter["headers"].items(), letter["value"])
        if isinstance(content, Problem):
            raise Unreadable(_reason(content))
        (end,) = await take_in(tx, [content], self.committer.full_senders)
        if isinstance(end, Exception):
            raise Unhandled(_reason(end))
        if end.fate is Fate.REPEATED:
            raise Unhandled("The event of this dead letter was taken in the meantime.")
        return end.fate is Fate.PARKED

    def conclude(self, read: Sequence[ReadEntry], taken: Sequence[Taken[Signed]], dead: Sequence[DeadLetter]) -> None:
        """Count what was read, and note what became of it."""
        count_records(self.topic, read, dead)
        for kind, receipt in (signed for part in taken for signed in part.notes):
            metrics.DOOR_ACCEPTED.labels(self.intake.name).inc()
            self._note(OUTCOMES[receipt.fate], receipt.reason, (kind,), receipt.event_ids)
        for letter in dead:
            self._note(Outcome.REFUSED, letter.cause.removeprefix(f"{_REFUSED}: "))

    def _note(
        self, outcome: Outcome, reason: str | None, kinds: tuple[str, ...] = (), event_ids: tuple[str, ...] = ()
    ) -> None:
        self.journal.note(Note(self.intake.integration_id, outcome, reason, kinds, event_ids=event_ids))

    def _read_record(self, record: KafkaRecord) -> ReadEntry:
        try:
            headers = _texts(record.headers)
        except Problem as problem:
            return ReadRecord(record, problem, None, _REFUSED, None)
        content = self._read_message(headers, record.value)
        if isinstance(content, Problem):
            return ReadRecord(record, content, None, _REFUSED, None)
        return ReadRecord(record, content, None, _kind(content.occurrences[0]), content.origin.traceparent)

    def _read_message(self, headers: Iterable[tuple[str, str]], value: bytes | None) -> Entry:
        headers = list(headers)
        try:
            report = read_message(Message(headers, value, KAFKA_PREFIX))
            if report.type not in self.intake.types:
                allowed = f"must be one that this integration may send: {', '.join(self.intake.types)}"
                raise Problem(403, "The type is not allowed", errors=[Fault("#/type", allowed)])
        except Problem as problem:
            return problem
        return delivery_of(report, Origin(f"integration/{self.intake.integration_id}", _traceparent(headers)))


def _texts(headers: Iterable[tuple[str, bytes | None]]) -> list[tuple[str, str]]:
    """Headers as text, without those that have no value. Problem that names one which is not UTF-8."""
    texts: list[tuple[str, str]] = []
    for name, value in headers:
        try:
            texts += [(name, value.decode())] if value is not None else []
        except UnicodeDecodeError as error:
            fault = Fault(pointer_to([name]), "must be UTF-8", "header")
            raise Problem(422, "The event is not valid", errors=[fault]) from error
    return texts


def _traceparent(headers: Iterable[tuple[str, str]]) -> str | None:
    """The trace that the tool continues, if it names one rightly."""
    return next((v for name, v in headers if name == "traceparent" and TRACE_PARENT.fullmatch(v)), None)


def _kind(occurrence: Occurrence) -> str:
    return occurrence.kind if isinstance(occurrence, Signal) else type(occurrence).__name__.lower()


def _reason(error: Exception) -> str:
    """One line that names every place."""
    if not isinstance(error, Problem):
        return str(error)
    faults = "; ".join(f"{fault.where} {fault.pointer} {fault.detail}" for fault in error.errors)
    return f"{error.title}: {faults or error.detail}"
