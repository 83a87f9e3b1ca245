"""What can go wrong, each told in one line, and the exit code that goes with it."""

from __future__ import annotations

from typing import ClassVar


class CommandFailed(Exception):
    """Base of every failure that a command expects. Its text says what is wrong, where, and what to do."""

    exit_code: ClassVar[int] = 1


class Refused(CommandFailed):
    """A service understood the request and said no, or what was asked for does not exist. `status` is the HTTP status, if any."""

    def __init__(self, told: str, status: int | None = None) -> None:
        super().__init__(told)
        self.status = status


class ChildDied(CommandFailed):
    """A process of the example ended by itself. The text ends with the tail of its log."""


class LoopNotClosed(CommandFailed):
    """The demo ended before every stage was seen. The text names what is missing."""


class Misused(CommandFailed):
    """The command cannot be carried out as it was written."""

    exit_code: ClassVar[int] = 2


class Unreachable(CommandFailed):
    """A service, Kafka or the issuer does not answer."""

    exit_code: ClassVar[int] = 3


class Interrupted(CommandFailed):
    """Somebody pressed Ctrl-C, or the system wants this process to end."""

    exit_code: ClassVar[int] = 130
