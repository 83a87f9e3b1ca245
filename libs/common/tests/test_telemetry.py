"""Traces cross services by `traceparent`, and never carry personal data."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import StatusCode

from kinetic.common import telemetry
from kinetic.common.telemetry import current_traceparent, linked_span, server_span, span_from

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"
UNSAMPLED = f"00-{TRACE}-b7ad6b7169203331-00"
OTHER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(sampler=telemetry.sampler_of(1.0))
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "_tracer", provider.get_tracer("test"))
    return exporter


def test_there_is_no_traceparent_outside_any_span() -> None:
    assert current_traceparent() is None
    assert telemetry.current_trace_id() is None


def test_a_span_continues_the_trace_of_its_traceparent(spans: InMemorySpanExporter) -> None:
    with span_from(PARENT, "decide", {"messaging.destination.name": "kinetic.gaps"}):
        inside = current_traceparent()

    (span,) = spans.get_finished_spans()
    assert span.parent is not None
    assert f"{span.parent.span_id:016x}" == "b7ad6b7169203331"
    assert inside is not None
    assert inside.split("-")[1] == TRACE
    assert inside.split("-")[2] == f"{span.context.span_id:016x}"


@pytest.mark.parametrize(
    "broken",
    [None, "", "garbage", "00-" + "0" * 32 + "-b7ad6b7169203331-01", "ff" + PARENT[2:], PARENT + "-x", "0" * 9999],
)
def test_a_missing_or_malformed_traceparent_begins_a_trace(
    spans: InMemorySpanExporter, caplog: pytest.LogCaptureFixture, broken: str | None
) -> None:
    with span_from(broken, "decide", {}):
        pass

    (span,) = spans.get_finished_spans()
    assert span.parent is None
    assert caplog.text == ""


def test_a_span_does_not_inherit_from_the_one_around_it(spans: InMemorySpanExporter) -> None:
    with span_from(OTHER, "batch", {}), span_from(PARENT, "record", {}):
        assert telemetry.current_trace_id() == TRACE


def test_an_unsampled_trace_stays_unsampled_downstream(spans: InMemorySpanExporter) -> None:
    with span_from(UNSAMPLED, "decide", {}):
        inside = current_traceparent()

    assert spans.get_finished_spans() == ()
    assert inside is not None
    assert inside.split("-")[1] == TRACE
    assert int(inside[-2:], 16) & 1 == 0


def test_a_caller_cannot_force_sampling(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = TracerProvider(sampler=telemetry.sampler_of(0.0))
    monkeypatch.setattr(telemetry, "_tracer", provider.get_tracer("test"))

    with server_span(PARENT) as span:
        assert not span.is_recording()


def test_a_batch_of_one_trace_continues_it(spans: InMemorySpanExporter) -> None:
    with linked_span("batch", [PARENT, PARENT, None], {}):
        assert telemetry.current_trace_id() == TRACE


def test_a_batch_of_several_traces_is_linked_to_each(spans: InMemorySpanExporter) -> None:
    with linked_span("batch", [PARENT, OTHER, PARENT, None, "garbage"], {}):
        pass

    (span,) = spans.get_finished_spans()
    assert span.parent is None
    assert [f"{link.context.trace_id:032x}" for link in span.links] == [TRACE, OTHER.split("-")[1]]


def test_links_are_bounded(spans: InMemorySpanExporter) -> None:
    parents = [f"00-{number:032x}-{number:016x}-01" for number in range(1, 500)]

    with linked_span("batch", parents, {}):
        pass

    links = spans.get_finished_spans()[0].links
    assert [link.context.span_id for link in links] == list(range(1, telemetry.MAX_LINKS + 1))


def test_links_are_not_read_when_nothing_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = TracerProvider(sampler=ALWAYS_OFF)
    monkeypatch.setattr(telemetry, "_tracer", provider.get_tracer("test"))
    monkeypatch.setattr(telemetry, "_link", lambda *_: pytest.fail("read"))

    with linked_span("batch", [PARENT, OTHER], {}):
        pass


def test_a_key_is_written_as_a_pseudonym(spans: InMemorySpanExporter) -> None:
    with span_from(None, "read", {telemetry.KEY_ATTRIBUTE: "anna@example.com"}):
        pass

    attributes = spans.get_finished_spans()[0].attributes
    assert attributes is not None
    assert attributes[telemetry.KEY_ATTRIBUTE] == telemetry.pseudonym("anna@example.com")
    assert "anna" not in str(attributes)
    assert telemetry.pseudonym("bert@example.com") != telemetry.pseudonym("anna@example.com")


def test_a_failed_span_names_the_error_without_its_message(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="anna"), span_from(None, "decide", {}):
        raise ValueError("no such person: anna@example.com")

    (span,) = spans.get_finished_spans()
    assert span.status.status_code is StatusCode.ERROR
    assert span.attributes == {"error.type": "ValueError"}
    assert "anna" not in span.to_json()


def test_a_ratio_outside_zero_to_one_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\[0\.0, 1\.0\]"):
        telemetry.configure_tracing("test", "http://127.0.0.1:9", 1.5)


class Collector(HTTPServer):
    """Receives OTLP over HTTP and keeps what came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), CollectorHandler)
        self.received: list[tuple[str, bytes]] = []


class CollectorHandler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.received.append((self.path, body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


SCRIPT = """
import sys
from kinetic.common.telemetry import configure_tracing, current_traceparent, span_from
provider = configure_tracing("kinetic-test", sys.argv[1] or None, 1.0)
with span_from(None, "decide-gaps", {}):
    print(current_traceparent())
provider.shutdown()
"""


def run_traced(endpoint: str) -> str:
    # In a process of its own, because a process has one tracer provider for good.
    return subprocess.run([sys.executable, "-c", SCRIPT, endpoint], capture_output=True, text=True, check=True).stdout


def test_spans_reach_the_collector_before_shutdown_returns(collector: Collector) -> None:
    run_traced(f"http://127.0.0.1:{collector.server_port}/")

    ((path, body),) = collector.received
    assert path == "/v1/traces"
    assert b"decide-gaps" in body
    assert b"kinetic-test" in body


def test_without_a_collector_spans_have_ids_and_are_not_sampled() -> None:
    version, trace_id, span_id, flags = run_traced("").strip().split("-")

    assert (version, len(trace_id), len(span_id)) == ("00", 32, 16)
    assert int(flags, 16) & 1 == 0
