"""Proportional set size: what a process holds alone, and its share of what it holds with others."""

from __future__ import annotations

import os
from collections.abc import Iterable

import psutil

_KB_PER_MB = 1024


def pss_mb(pids: Iterable[int]) -> float:
    """The sum over processes, in MB, from smaps_rollup. Processes that have ended count nothing."""
    return sum(_pss_kb(pid) for pid in pids) / _KB_PER_MB


def descendants() -> list[int]:
    """Every process that this one has started, directly or not."""
    return [child.pid for child in psutil.Process(os.getpid()).children(recursive=True)]


def _pss_kb(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/smaps_rollup") as lines:
            return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    except (FileNotFoundError, ProcessLookupError):
        return 0
