"""What the doctor says about topics and consumer groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from kinetic.cli.doctor.finding import Finding, State
from kinetic.cli.doctor.judgements.groups import FAR_BEHIND_RECORDS, GroupState, judge_groups
from kinetic.cli.doctor.judgements.topics import Partition, TopicState, judge_topics
from kinetic.contracts import topics
from kinetic.contracts.topics import Topic

WANTED = tuple(each for topic in topics.ALL for each in (topic, topic.dead))
SOUND = Partition(is_led=True, copies=3, in_sync=3)


def state(topic: Topic, partition: Partition = SOUND, **settings: str) -> TopicState:
    given = {name.replace("_", "."): value for name, value in settings.items()}
    return TopicState(
        topic.name, (partition,) * topic.partitions, {**topic.settings, "min.insync.replicas": "2", **given}
    )


def judged(
    changed: Mapping[str, TopicState | None] | None = None, brokers: int = 3, replication: int = 3
) -> list[Finding]:
    found = {topic.name: state(topic) for topic in WANTED}
    found.update({name: one for name, one in (changed or {}).items() if one})
    for name in [name for name, one in (changed or {}).items() if one is None]:
        del found[name]
    return judge_topics("topics", WANTED, found, brokers, replication)


SIGNALS = next(topic for topic in WANTED if topic.name == topics.SIGNALS)
DIRECTORY = next(topic for topic in WANTED if topic.name == topics.DIRECTORY)


def test_topics_as_the_services_create_them_are_told_in_one_line() -> None:
    (finding,) = judged()
    assert (finding.name, finding.state, finding.remedy) == ("topics", State.OK, "")
    assert finding.detail.startswith("20 topics")


def test_missing_topic_is_named() -> None:
    (finding,) = judged({topics.SIGNALS: None})
    assert (finding.name, finding.state, finding.detail) == ("topic kinetic.signals", State.WRONG, "does not exist")
    assert "migrate" in finding.remedy


def test_all_faults_of_a_topic_are_told_at_once() -> None:
    several = state(SIGNALS, retention_ms="1000", unclean_leader_election_enable="true")
    (finding,) = judged({topics.SIGNALS: several})
    assert finding.state is State.WRONG
    assert "retention.ms" in finding.detail
    assert "may become the leader" in finding.detail
    assert "migrate" in finding.remedy
    assert "unclean.leader.election.enable=false" in finding.remedy


def test_topics_with_the_same_fault_are_told_together() -> None:
    (finding,) = judged({topic.name: None for topic in WANTED})
    assert finding.name == "topics"
    assert "and 15 more: does not exist" in finding.detail


@pytest.mark.parametrize(
    ("topic", "changed", "told"),
    [
        (SIGNALS, state(SIGNALS, retention_ms="1000"), "retention.ms is 1000, not 518400000"),
        (SIGNALS, state(SIGNALS, cleanup_policy="compact"), "cleanup.policy is compact, not delete"),
        (SIGNALS, state(SIGNALS, max_message_bytes="1048588"), "max.message.bytes is 1048588, not 4000000"),
        (SIGNALS, TopicState(SIGNALS.name, (SOUND,) * 4, state(SIGNALS).settings), "4 of 12 partitions"),
        (DIRECTORY, TopicState(DIRECTORY.name, (SOUND,) * 4, state(DIRECTORY).settings), "read in no order"),
        (SIGNALS, state(SIGNALS, replace(SOUND, is_led=False)), "no broker leads"),
        (SIGNALS, state(SIGNALS, replace(SOUND, in_sync=1)), "fewer copies are current than min.insync.replicas"),
        (SIGNALS, state(SIGNALS, Partition(True, 1, 1)), "takes nothing: 1 of the 2 copies"),
        (SIGNALS, state(SIGNALS, Partition(True, 2, 2)), "2 of 3 copies"),
    ],
)
def test_topic_that_is_kept_otherwise_is_wrong(topic: Topic, changed: TopicState, told: str) -> None:
    (finding,) = judged({topic.name: changed})
    assert (finding.name, finding.state) == (f"topic {topic.name}", State.WRONG)
    assert told in finding.detail
    assert finding.remedy


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (state(SIGNALS, replace(SOUND, in_sync=2)), "has copies that are not current"),
        (state(SIGNALS, min_insync_replicas="1"), "when one broker has it"),
        (state(SIGNALS, unclean_leader_election_enable="true"), "acknowledged events be lost"),
    ],
)
def test_topic_that_is_less_safe_than_it_could_be_is_a_warning(changed: TopicState, told: str) -> None:
    (finding,) = judged({topics.SIGNALS: changed})
    assert finding.state is State.WARNING
    assert told in finding.detail


@pytest.mark.parametrize(("brokers", "expected"), [(1, State.OK), (3, State.WARNING)])
def test_one_copy_is_a_warning_only_where_there_are_more_brokers(brokers: int, expected: State) -> None:
    alone = {topic.name: state(topic, Partition(True, 1, 1), min_insync_replicas="1") for topic in WANTED}
    (finding,) = judge_topics("topics", WANTED, alone, brokers, 1)
    assert finding.state is expected


def test_topic_that_takes_larger_records_is_fine() -> None:
    (finding,) = judged({topics.SIGNALS: state(SIGNALS, max_message_bytes="9000000")})
    assert finding.state is State.OK


def reads(topic: str, members: int = 1, behind: int = 0, standing: int = 0) -> GroupState:
    return GroupState("feedback", topic, members, behind, standing)


def by_state(groups: Sequence[GroupState]) -> list[tuple[State, str]]:
    return [(finding.state, finding.name) for finding in judge_groups("consumer groups", groups, 5.0)]


def test_groups_that_come_forward_are_told_in_one_line() -> None:
    (finding,) = judge_groups("consumer groups", [reads("a", behind=3), reads("b")], 5.0)
    assert (finding.state, finding.detail) == (State.OK, "2 groups with members, 3 records behind")


def test_topics_that_nobody_reads_are_named_with_their_service() -> None:
    (finding,) = judge_groups(
        "consumer groups", [reads("a", members=0, behind=2), reads("b"), reads("c", members=0)], 5.0
    )
    assert (finding.state, finding.name) == (State.WRONG, "feedback reads")
    assert finding.detail == "nobody reads a, c; 2 records wait"
    assert finding.remedy.startswith("Start feedback")


def test_group_that_stands_still_is_wrong_and_one_that_is_far_behind_a_warning() -> None:
    far = FAR_BEHIND_RECORDS + 1
    assert by_state([reads("a", behind=4, standing=4)]) == [(State.WRONG, "feedback reads")]
    assert by_state([reads("a", behind=far)]) == [(State.WARNING, "feedback reads")]
    assert by_state([reads("a", behind=far, standing=far)]) == [(State.WRONG, "feedback reads")]
