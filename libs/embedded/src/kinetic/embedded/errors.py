"""What can go wrong, each told in one line: what failed, where, and what to do."""

from __future__ import annotations


class EmbeddedError(RuntimeError):
    """Base of every error this package raises on purpose. Its text is one line, fit to be shown as it is."""


class DownloadFailed(EmbeddedError):
    """A jar could not be downloaded, or is not the one the lock names."""


class PortTaken(EmbeddedError):
    """A wanted port is in use; the text names the port and, where the system tells, the process that holds it."""


class FolderInUse(EmbeddedError):
    """Another living process runs a stack in this data folder."""


class StartFailed(EmbeddedError):
    """A server ended or stayed silent while starting; the text names its log file."""


class NotRunning(EmbeddedError):
    """The pid of a server was asked for while it is not running."""
