"""Are the topics there, as the services create them, and safely kept?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kinetic.cli.doctor.finding import Finding, State, counted, fine, listed
from kinetic.contracts.topics import Topic

MIGRATE: Final = (
    "Run `python -m kinetic.ingestion migrate`: it creates the topics and sets their settings; for intake topics "
    "a running ingestion does."
)
REASSIGN: Final = (
    "Set KINETIC_TOPIC_REPLICATION=3 and KINETIC_TOPIC_MIN_IN_SYNC=2, run `migrate`, and add the copies with "
    "kafka-reassign-partitions, which `migrate` cannot do."
)
_BROKERS: Final = "Bring back the brokers that are away; their logs say why."
_SIZE: Final = "max.message.bytes"
_IN_SYNC: Final = "min.insync.replicas"


@dataclass(frozen=True, slots=True)
class Partition:
    """Whether somebody leads it, how many copies it shall have, and how many of them are current."""

    is_led: bool
    copies: int
    in_sync: int


@dataclass(frozen=True, slots=True)
class TopicState:
    """A topic as the broker describes it."""

    name: str
    partitions: tuple[Partition, ...]
    settings: Mapping[str, str]

    @property
    def copies(self) -> int:
        """How many copies every partition has at least."""
        return min(partition.copies for partition in self.partitions)

    @property
    def min_in_sync(self) -> int:
        """How many copies must have a record before it counts as written."""
        return int(self.settings.get(_IN_SYNC, "1"))


@dataclass(frozen=True, slots=True)
class Fault:
    """What is the matter with a topic. Equal faults of several topics are told once."""

    state: State
    detail: str
    remedy: str


def judge_topics(
    name: str, wanted: Sequence[Topic], found: Mapping[str, TopicState], brokers: int, replication: int
) -> list[Finding]:
    """One finding for the topics that have the same faults; one for all when there are none.

    Several topics are called `name`. `brokers` is how many there are, `replication` how many copies this installation
    was told to keep.
    """
    having: dict[Fault, list[str]] = {}
    for topic in wanted:
        if faults := list(_faults(topic, found.get(topic.name), brokers, replication)):
            having.setdefault(_together(faults), []).append(topic.name)
    if not having:
        return [fine(name, f"{counted(len(wanted), 'topic')}, with their partitions and settings")]
    return [_told(name, fault, names) for fault, names in having.items()]


def _together(faults: Sequence[Fault]) -> Fault:
    """All faults of one topic as one, as bad as the worst of them."""
    state = State.WRONG if any(fault.state is State.WRONG for fault in faults) else State.WARNING
    remedies = dict.fromkeys(fault.remedy for fault in faults)
    return Fault(state, "; ".join(fault.detail for fault in faults), " ".join(remedies))


def _told(name: str, fault: Fault, names: Sequence[str]) -> Finding:
    if len(names) == 1:
        return Finding(f"topic {names[0]}", fault.state, fault.detail, fault.remedy)
    return Finding(name, fault.state, f"{listed(names)}: {fault.detail}", fault.remedy)


def _faults(topic: Topic, state: TopicState | None, brokers: int, replication: int) -> Iterator[Fault]:
    if state is None or not state.partitions:
        yield Fault(State.WRONG, "does not exist", MIGRATE)
        return
    yield from _partition_faults(topic, state)
    yield from _setting_faults(topic, state.settings)
    yield from _copy_faults(state, brokers, replication)
    yield from _broker_faults(state)


def _partition_faults(topic: Topic, state: TopicState) -> Iterator[Fault]:
    number = len(state.partitions)
    if number < topic.partitions:
        yield Fault(State.WRONG, f"{number} of {topic.partitions} partitions", MIGRATE)
    elif number > topic.partitions and topic.config.get("cleanup.policy") == "compact":
        remedy = (
            "Delete it, run `migrate`, and publish all of it again: `POST /directory/republish`, "
            "`POST /catalogue/republish`, `kinetic apply map FILE`."
        )
        yield Fault(State.WRONG, f"{number} partitions, so its entries are read in no order", remedy)


def _setting_faults(topic: Topic, settings: Mapping[str, str]) -> Iterator[Fault]:
    for name, value in topic.settings.items():
        has = settings.get(name, "nothing")
        if name == _SIZE and has.isdigit() and int(has) >= int(value):
            continue
        if has != value:
            yield Fault(State.WRONG, f"{name} is {has}, not {value}", MIGRATE)
    if settings.get("unclean.leader.election.enable") == "true":
        remedy = "Set unclean.leader.election.enable=false at the brokers."
        yield Fault(State.WARNING, "a copy that lags may become the leader, and acknowledged events be lost", remedy)


def _copy_faults(state: TopicState, brokers: int, replication: int) -> Iterator[Fault]:
    copies, needed = state.copies, state.min_in_sync
    if needed > copies:
        remedy = "Add copies with kafka-reassign-partitions, or lower KINETIC_TOPIC_MIN_IN_SYNC and run `migrate`."
        yield Fault(State.WRONG, f"takes nothing: {copies} of the {needed} copies that {_IN_SYNC} asks for", remedy)
    elif copies < replication:
        yield Fault(State.WRONG, f"{copies} of {replication} copies (KINETIC_TOPIC_REPLICATION)", REASSIGN)
    elif copies == 1 and brokers > 1:
        yield Fault(State.WARNING, f"one copy, on one of {brokers} brokers: what is lost with it is lost", REASSIGN)
    elif needed == 1 and copies > 1:
        remedy = "Set KINETIC_TOPIC_MIN_IN_SYNC=2 and run `migrate`."
        yield Fault(State.WARNING, "a record counts as written when one broker has it", remedy)


def _broker_faults(state: TopicState) -> Iterator[Fault]:
    if any(not partition.is_led for partition in state.partitions):
        yield Fault(State.WRONG, "has partitions that no broker leads", _BROKERS)
    elif any(partition.in_sync < state.min_in_sync <= partition.copies for partition in state.partitions):
        yield Fault(State.WRONG, f"takes nothing: fewer copies are current than {_IN_SYNC}", _BROKERS)
    elif any(partition.in_sync < partition.copies for partition in state.partitions):
        yield Fault(State.WARNING, "has copies that are not current", _BROKERS)
