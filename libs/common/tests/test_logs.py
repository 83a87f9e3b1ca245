"""Log lines are JSON, say in which trace they were written, and hold no secret."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from faststream._internal.logger.logging import get_logger
from opentelemetry.sdk.trace import TracerProvider

from kinetic.common import logs
from kinetic.common.logs import configure_logs

NAMES = (
    "uvicorn",
    "uvicorn.error",
    "uvicorn.access",
    "aiokafka",
    "faststream",
    "faststream.access.kafka",
    "httpx",
    "httpcore",
)


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Leave the process's loggers as they were."""
    loggers = [logging.getLogger(), *(logging.getLogger(name) for name in NAMES)]
    before = [(logger, logger.handlers[:], logger.level, logger.propagate) for logger in loggers]
    yield
    logging.captureWarnings(False)
    for logger, handlers, level, propagate in before:
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_record_is_one_json_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("skill-gap")

    logging.getLogger("kinetic.test").info("gap %s opened\non two lines", "g1", extra={"team_id": "t1"})

    (line,) = lines(capsys)
    assert line.pop("timestamp").endswith("+00:00")
    assert line == {
        "level": "INFO",
        "logger": "kinetic.test",
        "message": "gap g1 opened\non two lines",
        "service": "skill-gap",
        "team_id": "t1",
    }


def test_a_record_names_the_trace_in_which_it_was_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("skill-gap")

    with TracerProvider().get_tracer("test").start_as_current_span("decide") as span:
        logging.getLogger("kinetic.test").info("decided")

    (line,) = lines(capsys)
    assert line["trace_id"] == f"{span.get_span_context().trace_id:032x}"
    assert line["span_id"] == f"{span.get_span_context().span_id:016x}"


def test_configuring_twice_does_not_write_twice(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("skill-gap")
    configure_logs("skill-gap")

    logging.getLogger("kinetic.test").info("once")
    logging.getLogger("faststream").info("once")

    assert [line["message"] for line in lines(capsys)] == ["once", "once"]


def test_records_below_the_level_are_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("skill-gap", "warning")

    logging.getLogger("kinetic.test").info("quiet")

    assert lines(capsys) == []


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="LOUD"):
        configure_logs("skill-gap", "loud")


@pytest.mark.parametrize("name", ["uvicorn.error", "aiokafka.consumer", "faststream", "faststream.access.kafka"])
def test_loggers_of_libraries_write_json_too(capsys: pytest.CaptureFixture[str], name: str) -> None:
    configure_logs("skill-gap")

    logging.getLogger(name).warning("from a library")

    assert [line["logger"] for line in lines(capsys)] == [name]


def test_a_broker_that_starts_later_does_not_take_its_logger_back(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("skill-gap")

    get_logger(name="faststream.access.kafka", log_level=logging.INFO, stream=sys.stdout, fmt="%(message)s").info(
        "read"
    )

    assert [line["message"] for line in lines(capsys)] == ["read"]


@pytest.mark.parametrize("name", ["uvicorn.access", "httpx"])
def test_addresses_of_requests_are_not_written(capsys: pytest.CaptureFixture[str], name: str) -> None:
    configure_logs("skill-gap")

    logging.getLogger(name).info("GET /people?email=anna@example.com")

    assert lines(capsys) == []


def test_fields_with_the_name_of_a_secret_are_dropped_at_any_depth(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("skill-gap")

    logging.getLogger("kinetic.test").info(
        "called",
        extra={
            "Authorization": "hush",
            "api_key": "hush",
            "request": {"headers": [{"cookie": "hush", "accept": "json"}]},
            "attempt": 3,
        },
    )

    (line,) = lines(capsys)
    assert "hush" not in json.dumps(line)
    assert line["request"] == {"headers": [{"accept": "json"}]}
    assert line["attempt"] == 3


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("sent Authorization: Bearer abc.DEF-123= ok", "sent Authorization: Bearer [redacted] ok"),
        ("got eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln in", "got [redacted] in"),
        ("to postgresql://app:s3cret@db:5432/kinetic", "to postgresql://app:[redacted]@db:5432/kinetic"),
        ("duplicate\nDETAIL:  Key (email)=(anna@example.com) exists.", "duplicate\nDETAIL: [redacted]"),
        ("invalid input for query argument $1: 'anna' (bad)", "invalid input for query argument $1: [redacted]"),
        ("see http://collector:4318/v1/traces", "see http://collector:4318/v1/traces"),
    ],
)
def test_secrets_inside_text_are_blanked(capsys: pytest.CaptureFixture[str], text: str, written: str) -> None:
    configure_logs("skill-gap")

    logging.getLogger("kinetic.test").warning(text)

    assert [line["message"] for line in lines(capsys)] == [written]


def test_secrets_inside_tracebacks_are_blanked(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("skill-gap")

    try:
        raise ValueError("cannot reach postgresql://app:s3cret@db/kinetic")
    except ValueError:
        logging.getLogger("kinetic.test").exception("failed")

    (line,) = lines(capsys)
    assert "ValueError: cannot reach" in line["exc_info"]
    assert "s3cret" not in line["exc_info"]


def test_what_cannot_be_encoded_is_still_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("skill-gap")

    logging.getLogger("kinetic.test").info("broken \ud800 text", extra={"what": object(), "bytes": b"\xff"})

    (line,) = lines(capsys)
    assert line["message"] == "broken \ud800 text"


def test_an_exception_that_was_logged_with_its_trace_is_not_logged_again(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("skill-gap")
    logged, fresh = ValueError("logged"), ValueError("fresh")
    setattr(logged, logs.LOGGED, True)

    for error in (logged, fresh):
        logging.getLogger("uvicorn.error").error("Exception in ASGI application", exc_info=error)

    (line,) = lines(capsys)
    assert "fresh" in line["exc_info"]
