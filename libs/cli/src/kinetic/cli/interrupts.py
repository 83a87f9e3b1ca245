"""Ctrl-C and its relatives: heard while the example runs, ignored while it stops."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_ENDINGS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end_like_interrupt() -> None:
    """Let a SIGTERM and a closed terminal end this process as Ctrl-C does: in order."""
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _interrupt)


def ignore_interrupts() -> None:
    """From now on a stop is under way and bounded; nothing must tear it. Only the main thread can say so."""
    if threading.current_thread() is threading.main_thread():
        for ending in _ENDINGS:
            signal.signal(ending, signal.SIG_IGN)


@contextmanager
def interrupts_restored() -> Iterator[None]:
    """Hear interrupts again as before when the block has ended."""
    before = {ending: signal.getsignal(ending) for ending in _ENDINGS}
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            for ending, handler in before.items():
                signal.signal(ending, handler)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
