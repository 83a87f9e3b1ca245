"""Tracing with OpenTelemetry: one trace follows a signal from the webhook to the assignment.

Spans never carry personal data. An event's key is written as a pseudonym, and an exception as its type only, because
its message may quote what a person typed.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from random import getrandbits
from typing import Final

from opentelemetry import trace
from opentelemetry.context import Context, attach, detach
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased, Sampler, TraceIdRatioBased
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, StatusCode, TraceFlags
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

KEY_ATTRIBUTE: Final = "messaging.kafka.message.key"
"""The one attribute that may name an event's key. Its value is replaced by a pseudonym."""

MAX_LINKS: Final = 128
_LONGEST_TRACEPARENT: Final = 128
_TRACES_PATH: Final = "/v1/traces"
# Lives as long as the replica: a key that a stranger chose may be an address, and a plain hash of one can be guessed.
_SALT: Final = secrets.token_bytes(16)

_propagator: Final = TraceContextTextMapPropagator()
_tracer: Final = trace.get_tracer("kinetic")

Attributes = Mapping[str, AttributeValue]


class _Recording:
    """Whether anybody gets to see spans. Where nobody does they have ids and nothing else, which takes a fifth of the SDK's time."""

    is_on = True


_recording: Final = _Recording()


def configure_tracing(service_name: str, otlp_endpoint: str | None, sample_ratio: float) -> TracerProvider:
    """Install tracing for this process, once. The caller ends it with `shutdown()`, which sends what is left.

    `otlp_endpoint` is the base address of a collector (OTLP over HTTP). Without one nothing is recorded, but spans
    still have ids, so that the log lines of one request can be found together.

    Raises ValueError when `sample_ratio` is not between 0 and 1.
    """
    sampler = sampler_of(sample_ratio) if otlp_endpoint else ALWAYS_OFF
    _recording.is_on = otlp_endpoint is not None
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: service_name}), sampler=sampler)
    if otlp_endpoint:
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=_traces_url(otlp_endpoint))))
    trace.set_tracer_provider(provider)
    return provider


def sampler_of(ratio: float) -> Sampler:
    """Keep the share `ratio` of all traces, chosen by trace id: services with one ratio agree without asking.

    A caller from outside can therefore ask for no trace that would not have been kept anyway.
    """
    chosen = TraceIdRatioBased(ratio)
    return ParentBased(root=chosen, remote_parent_sampled=chosen)


def _traces_url(endpoint: str) -> str:
    base = endpoint.rstrip("/")
    return base if base.endswith(_TRACES_PATH) else base + _TRACES_PATH


def current_traceparent() -> str | None:
    """The current span as a W3C `traceparent`, or None outside any span."""
    context = trace.get_current_span().get_span_context()
    return _traceparent_of(context) if context.is_valid else None


def current_trace_id() -> str | None:
    """The id of the current trace as 32 hex digits, or None outside any span."""
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else None


def span_from(traceparent: str | None, name: str, attributes: Attributes) -> AbstractContextManager[Span]:
    """A span whose parent is `traceparent`. A missing or malformed one begins a trace."""
    return _span(name, _context_of(traceparent), attributes, SpanKind.INTERNAL)


def emitted_traceparent(parent: str | None, name: str) -> str | None:
    """The `traceparent` that an event carries on: that of a short span below `parent`, so that one trace tells its life.

    Where spans are not recorded nobody would see it, so none is made and the event carries `parent` itself.
    """
    parent = parent or current_traceparent()
    if not _is_recorded(parent):
        return parent
    span = _tracer.start_span(
        name, context=_context_of(parent)
    )  # nothing happens within it: it need not be the current one
    span.end()
    return _traceparent_of(span.get_span_context())


def _traceparent_of(context: SpanContext) -> str:
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def _is_recorded(traceparent: str | None) -> bool:
    """Whether the trace was chosen to be kept: the last bit of a W3C traceparent's flags."""
    return traceparent is not None and traceparent[-1:] in "13579bdf"


def server_span(traceparent: str | None) -> AbstractContextManager[Span]:
    """The span of one HTTP request, named by its route when that is known."""
    return _span("HTTP", _context_of(traceparent), {}, SpanKind.SERVER)


@contextmanager
def linked_span(name: str, traceparents: Iterable[str | None], attributes: Attributes) -> Iterator[Span]:
    """The span of a batch. A batch of one trace continues it; a batch of several is a trace of its own, linked to them.

    The first `MAX_LINKS` are linked. They are not even read when the span is not recorded.
    """
    distinct = dict.fromkeys(parent for parent in traceparents if parent)
    only = next(iter(distinct)) if len(distinct) == 1 else None
    with _span(name, _context_of(only), attributes, SpanKind.CONSUMER) as span:
        if only is None and span.is_recording():
            _link(span, distinct)
        yield span


def pseudonym(key: str) -> str:
    """A stand-in for an event's key: the same within one replica, and not to be turned back."""
    return hashlib.blake2b(key.encode(errors="replace"), key=_SALT, digest_size=8).hexdigest()


@contextmanager
def _span(name: str, parent: Context, attributes: Attributes, kind: SpanKind) -> Iterator[Span]:
    # Like `start_as_current_span`, but never records a message, and costs a third less on every event and request.
    span = (
        _tracer.start_span(name, context=parent, kind=kind, attributes=_pseudonymous(attributes))
        if _recording.is_on
        else _unseen_span(parent)
    )
    token = attach(trace.set_span_in_context(span))
    try:
        yield span
    except BaseException as error:
        span.set_attribute("error.type", type(error).__qualname__)
        span.set_status(StatusCode.ERROR)
        raise
    finally:
        detach(token)
        span.end()


def _unseen_span(parent: Context) -> Span:
    """What a sampler that drops everything makes: a span that continues the trace of its parent, or begins one."""
    above = trace.get_current_span(parent).get_span_context()
    trace_id = above.trace_id if above.is_valid else getrandbits(128)
    return NonRecordingSpan(
        SpanContext(trace_id, getrandbits(64), is_remote=False, trace_flags=TraceFlags.get_default())
    )


def _context_of(traceparent: str | None) -> Context:
    if traceparent is None or len(traceparent) > _LONGEST_TRACEPARENT:
        return Context()
    return _propagator.extract({"traceparent": traceparent}, Context())


def _link(span: Span, traceparents: Iterable[str]) -> None:
    for traceparent in islice(traceparents, MAX_LINKS):
        remote = trace.get_current_span(_context_of(traceparent)).get_span_context()
        if remote.is_valid:
            span.add_link(remote)


def _pseudonymous(attributes: Attributes) -> Attributes:
    key = attributes.get(KEY_ATTRIBUTE)
    return attributes if key is None else {**attributes, KEY_ATTRIBUTE: pseudonym(str(key))}
