"""A short run in every test run, and what was found before: each stays mended. `make fuzz` runs longer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fuzz.running import TOO_SLOW, check, found_files, fuzz
from tests.fuzz.samples import Sample, from_file
from tests.fuzz.targets import TARGETS, Target

ROUNDS = 1000
FOUND = found_files(Path(__file__).parent / "found")


@pytest.mark.parametrize("name", TARGETS)
def test_no_changed_text_does_more_than_being_refused(name: str) -> None:
    _, finding = fuzz(TARGETS[name], seed=1, rounds=ROUNDS)

    assert finding is None, f"{finding.what}\n{finding.told}\n{finding.sample}"


@pytest.mark.parametrize("name", TARGETS)
def test_samples_as_they_are_are_read(name: str) -> None:
    target = TARGETS[name]
    found = [check(Target(name, target.samples, target.read), sample) for sample in target.samples()]

    assert sum(finding is None for finding in found) >= len(found) / 3


@pytest.mark.parametrize("path", FOUND, ids=[path.name for path in FOUND])
def test_what_was_found_stays_mended(path: Path) -> None:
    finding = check(TARGETS[path.name.partition(".")[0]], from_file(path.read_bytes()))

    assert finding is None, finding.told


def _people(number: int) -> bytes:
    rows = (f"p{one}@x.example,P,r,t{one},u,p0@x.example,UTC\n".encode() for one in range(number))
    return b"email,name,role,team,unit,manager,time_zone\n" + b"".join(rows)


LARGE = {
    "csv.people in columns without end": Sample({"of": "people"}, b"email" + b"," * 100_000 + b"\n"),
    "csv.a catalogue in columns without end": Sample({"of": "catalogue"}, b"id" + b",x" * 50_000 + b"\n"),
    "csv.a team of their own for everybody": Sample({"of": "people"}, _people(10_000)),
    "documents.a number to the base of sixty": Sample(
        {"of": "catalogue", "media": "yaml"}, b"content: 1" + b":1" * 100_000 + b"\n"
    ),
    "xapi.headers of parts without end": Sample(
        {"content-type": "multipart/mixed; boundary=b", "version": "1.0"},
        b"--b\r\nContent-Type: application/json%b\r\n\r\n{}\r\n" % (b";x=y" * 1900) * 25 + b"--b--\r\n",
    ),
}
"""What took time out of all proportion to its size."""


@pytest.mark.parametrize("name", LARGE)
def test_what_took_long_takes_time_in_proportion(name: str) -> None:
    finding = check(TARGETS[name.partition(".")[0]], LARGE[name])

    assert finding is None, finding.told


def _fails_on_an_x(sample: Sample) -> None:
    if b"x" in sample.text:
        raise KeyError("x")


def _counts_every_pair(sample: Sample) -> None:
    for _ in sample.text:
        for _ in sample.text:
            pass


@pytest.mark.parametrize(
    ("read", "what"), [(_fails_on_an_x, "KeyError in test_fuzz.py:_fails_on_an_x"), (_counts_every_pair, TOO_SLOW)]
)
def test_runner_finds_what_is_wrong_and_writes_it_down(
    read: Callable[[Sample], None], what: str, tmp_path: Path
) -> None:
    target = Target("a", lambda: [Sample(None, b"one, two, x")], read)

    _, finding = fuzz(target, seed=3, rounds=500)

    assert finding is not None
    assert finding.what == what
    assert len(finding.sample.text) == 1 or what == TOO_SLOW
    assert from_file(finding.save(tmp_path).read_bytes()) == finding.sample
