"""Logs as JSON lines on stdout, each with its service and trace, and none with a secret in it."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any, Final

from opentelemetry import trace
from pythonjsonlogger.json import JsonFormatter

REDACTED: Final = "[redacted]"

LOGGED: Final = "__kinetic_logged__"
"""Set on an exception that was logged with its trace, so that the server does not log it again without."""

_SECRET_NAME: Final = re.compile(
    r"authorization|cookie|secret|passw|token|api[-_]?key|private[-_]?key|credential|signature|dsn", re.IGNORECASE
)
_SECRET_TEXT: Final = re.compile(
    r"(?P<scheme>\b(?:Bearer|Basic)\s+)[\w\-.~+/=]+"
    r"|\beyJ[\w-]+\.[\w-]+\.[\w-]*"
    r"|(?P<login>://[^\s:/@]*):[^\s/@]+(?=@)"
    # Where Postgres and asyncpg quote the row or the value that they refused.
    r"|(?P<quote>^DETAIL:|\binvalid input for query argument [^:\n]*:)\s.*$",
    re.IGNORECASE | re.MULTILINE,
)
_ROUTED: Final = ("uvicorn", "uvicorn.error", "uvicorn.access", "aiokafka")
# FastStream switches propagation off whenever a broker starts, but leaves a logger alone that has a handler on stdout.
_STUBBORN: Final = ("faststream", "faststream.access.kafka")
# These write addresses at INFO: callers' raw paths, and webhook addresses of far sides, which are secrets themselves.
_QUIET: Final = ("uvicorn.access", "httpx", "httpcore")


def configure_logs(service_name: str, level: str = "INFO") -> None:
    """Route every logger of this process to stdout as JSON. Calling it again replaces what stood before.

    Run uvicorn with ``log_config=None``, or it takes its own loggers back. ValueError when the level is not known.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(SafeJsonFormatter(service_name))
    handler.addFilter(add_trace)
    handler.addFilter(is_first_report)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(True)
    for name in _ROUTED:
        _route(logging.getLogger(name), to=[])
    for name in _STUBBORN:
        _route(logging.getLogger(name), to=[handler])
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _route(logger: logging.Logger, to: list[logging.Handler]) -> None:
    logger.handlers = to
    logger.propagate = not to


def add_trace(record: logging.LogRecord) -> bool:
    """A filter that keeps every record and notes the trace in which it was written."""
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        record.trace_id = f"{context.trace_id:032x}"
        record.span_id = f"{context.span_id:016x}"
    return True


def is_first_report(record: logging.LogRecord) -> bool:
    """A filter that drops what uvicorn says about an exception which the web layer has logged already."""
    if record.name != "uvicorn.error" or not record.exc_info:
        return True
    return not hasattr(record.exc_info[1], LOGGED)


class SafeJsonFormatter(JsonFormatter):
    """One JSON object per record; values with a secret's name are dropped, and secrets inside text are blanked."""

    def __init__(self, service_name: str) -> None:
        super().__init__(
            ["levelname", "name", "message"],
            rename_fields={"levelname": "level", "name": "logger"},
            static_fields={"service": service_name},
            timestamp=True,
        )

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Drop and blank what must not be written."""
        safe: dict[str, Any] = without_secrets(log_data)
        return safe


def without_secrets(value: Any) -> Any:
    """`value` without the entries whose name is a secret's, and with secrets in text blanked, at any depth."""
    if isinstance(value, str):
        return _SECRET_TEXT.sub(_blank, value)
    if isinstance(value, dict):
        return {name: without_secrets(inner) for name, inner in value.items() if not _is_secret(name)}
    if isinstance(value, list | tuple):
        return [without_secrets(inner) for inner in value]
    return value


def _is_secret(name: object) -> bool:
    return isinstance(name, str) and _SECRET_NAME.search(name) is not None


def _blank(match: re.Match[str]) -> str:
    if match["login"]:
        return f"{match['login']}:{REDACTED}"
    if match["quote"]:
        return f"{match['quote']} {REDACTED}"
    return f"{match['scheme'] or ''}{REDACTED}"
