"""Mistakes in a capability map are named with their line."""

from __future__ import annotations

import pytest

from kinetic.skill_gap.map_document import InvalidDocument, read_map

GOOD = b"""\
competencies:
  - key: release-engineering
    name: Release engineering
requirements:
  - role: engineer
    competency: release-engineering
    level: 3
signal_rules:
  - kind: delivery.*
    competency: release-engineering
    weight: 1.0
    half_life_days: 14
"""


def mistakes(source: bytes) -> list[tuple[int | None, str]]:
    with pytest.raises(InvalidDocument) as caught:
        read_map(source)
    return [(mistake.line, mistake.detail) for mistake in caught.value.mistakes]


def test_a_good_map_is_read() -> None:
    assert read_map(GOOD).requirements[0].level == 3


def test_a_competency_can_be_kept_from_the_holdout() -> None:
    read = read_map(GOOD.replace(b"    name: R", b"    never_withheld: true\n    name: R"))
    assert [one.never_withheld for one in (*read.competencies, *read_map(GOOD).competencies)] == [True, False]


def test_json_is_read_as_well() -> None:
    assert read_map(b'{"competencies": [{"key": "a", "name": "A"}]}').competencies[0].name == "A"


@pytest.mark.parametrize(
    ("change", "line", "told"),
    [
        ((b"level: 3", b"level: 9"), 7, "less than or equal to 5"),
        ((b"    competency: release-engineering\n    level", b"    competency: cooking\n    level"), 6, "'cooking'"),
        ((b"name: Release engineering", b"title: Release engineering"), 2, "Field required"),
        ((b"weight: 1.0", b"weight: heavy"), 11, "valid number"),
        ((b"weight: 1.0", b"weight: .nan"), 11, "valid number"),
        ((b"weight: 1.0", b"weight: nan"), 11, "finite number"),
        ((b"weight: 1.0", b"weight: inf"), 11, "finite number"),
        ((b"weight: 1.0", b"weight: 1e160"), 11, "less than or equal to"),
        ((b"half_life_days: 14", b"half_life_days: Infinity"), 12, "finite number"),
        ((b"signal_rules:", b"detection:\n  opening_pressure: inf\nsignal_rules:"), 9, "finite number"),
        ((b"signal_rules:", b"detection:\n  calm_pressure: inf\nsignal_rules:"), 9, "finite number"),
        ((b"weight: 1.0", b"weight: !!bool x"), 11, "tags are not allowed here"),
        ((b"signal_rules:", b"detection:\n  calm_pressure: 1.5\nsignal_rules:"), 9, "calm_pressure must not lie above"),
        ((b"    name: R", b"    never_withheld: maybe\n    name: R"), 3, "valid boolean"),
        ((b"    name: R", b"    never_witheld: true\n    name: R"), 3, "Extra inputs are not permitted"),
        ((b"weight: 1.0", b"weigth: 2.0\n    weight: 1.0"), 11, "Extra inputs are not permitted"),
        ((b"level: 3", b"level: 3\n    level: 4"), 8, "the key stands twice"),
        ((b"  - role: engineer", b"  - role: [engineer"), None, ""),
    ],
)
def test_a_mistake_is_named_with_its_line(change: tuple[bytes, bytes], line: int | None, told: str) -> None:
    found = mistakes(GOOD.replace(*change))
    assert any((line is None or at == line) and told in detail for at, detail in found)


def test_a_key_that_stands_twice_is_refused() -> None:
    twice = GOOD.replace(b"requirements:", b"  - key: release-engineering\n    name: Again\nrequirements:")
    assert (4, "the key 'release-engineering' stands twice") in mistakes(twice)


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"a: b: c",
        b"- " * 3000,
        b"[" * 10_000,
        b"a: &x [*x]",
        b"!!python/object:os.x {}",
        b"\x00",
    ],
    ids=["empty", "list", "null", "charset", "malformed", "deep", "brackets", "alias", "tag", "nul"],
)
def test_what_is_no_map_is_refused_and_never_crashes(source: bytes) -> None:
    assert mistakes(source)
