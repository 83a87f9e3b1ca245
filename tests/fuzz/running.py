"""One run: changed samples are read until the time or the rounds are over, or a reader does what it must not."""

from __future__ import annotations

import signal
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from random import Random
from time import monotonic
from types import FrameType
from typing import Final

from tests.fuzz.mutating import mutated
from tests.fuzz.samples import Sample
from tests.fuzz.targets import Target, Unfit

SECONDS: Final = 0.5
SECONDS_PER_BYTE: Final = 5e-6
"""The time of the process that reading may take: what is linear stays far below, what is quadratic does not."""

TOO_SLOW: Final = "too slow"
_SHRINKING_SECONDS: Final = 20.0


class TooSlow(BaseException):
    """A reader takes longer than its text allows. No reader catches it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A text that its reader does not read as it must, as small as it could be made, and what happened."""

    target: str
    sample: Sample
    what: str
    told: str

    def save(self, folder: Path) -> Path:
        """Write the sample to a file."""
        content = self.sample.file()
        path = folder / f"{self.target}.{blake2b(content, digest_size=6).hexdigest()}"
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path


def fuzz(target: Target, seed: int, *, seconds: float = 0.0, rounds: int = 0) -> tuple[int, Finding | None]:
    """Read for `seconds`, or so many `rounds`; how many were read, and the first finding."""
    samples = target.samples()
    until = monotonic() + seconds
    number = 0
    while number < rounds or monotonic() < until:
        random = Random(f"{seed}/{target.name}/{number}")
        sample = mutated(random.choice(samples), samples, random)
        number += 1
        found = check(target, sample)
        if found is not None:
            return number, _shrunk(target, found)
    return number, None


def check(target: Target, sample: Sample) -> Finding | None:
    """What the target does wrong with the sample; None when it does right."""
    refusals: tuple[type[Exception], ...] = (Unfit, *target.refuses)
    try:
        with _limited(SECONDS + SECONDS_PER_BYTE * len(sample.text)):
            target.read(sample)
    except refusals:
        return None
    except TooSlow:
        return Finding(target.name, sample, TOO_SLOW, f"{len(sample.text)} bytes take too long")
    except Exception as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        what = f"{type(error).__qualname__} in {Path(frame.filename).name}:{frame.name}"
        return Finding(target.name, sample, what, "".join(traceback.format_exception(error)))
    return None


def _shrunk(target: Target, finding: Finding) -> Finding:
    """The same with as little text as shows it. What is slow is so because there is much of it."""
    if finding.what == TOO_SLOW:
        return finding
    until = monotonic() + _SHRINKING_SECONDS
    size = len(finding.sample.text)
    while size > 1 and monotonic() < until:
        size, start = size // 2, 0
        while start < len(finding.sample.text) and monotonic() < until:
            text = finding.sample.text
            smaller = check(target, Sample(finding.sample.told, text[:start] + text[start + size :]))
            if smaller is not None and smaller.what == finding.what:
                finding = smaller
            else:
                start += size
    return finding


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """TooSlow after so much time of the process, however busy the machine is."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def found_files(folder: Path) -> Sequence[Path]:
    """The samples that were found and mended, named `<target>.<what>`."""
    return sorted(path for path in folder.iterdir() if path.is_file())
