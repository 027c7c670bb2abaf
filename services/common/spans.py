"""Spans of OpenTelemetry along the trace that travels anyway, off unless a collector is named.

The standard settings turn it on: ``OTEL_EXPORTER_OTLP_ENDPOINT`` (or
``OTEL_EXPORTER_OTLP_TRACES_ENDPOINT``), with ``OTEL_SERVICE_NAME``, ``OTEL_TRACES_SAMPLER``,
``OTEL_BSP_*`` and the others of https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/.
Without them nothing of OpenTelemetry is imported, and a span costs one comparison.

The identifiers are those of :mod:`services.common.tracing`: where spans are recorded, the
traceparent that goes on is the span's own. A trace whose flag says that it is not sampled has none;
that is how requests about cases are left out.

No attribute holds anything that a person said, or who asks: names of methods, routes, event types
and queues, and how it ended.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from services.common import logs, tracing
from services.common.config import WrongSetting

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, SpanKind, Tracer

_log = logs.get(__name__)

SERVER, CLIENT, PRODUCER, CONSUMER = "SERVER", "CLIENT", "PRODUCER", "CONSUMER"

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_SCOPE = "masaha"
_SAMPLED = 1

Attributes = Mapping[str, str | int]

_tracer: Tracer | None = None
_provider: TracerProvider | None = None


class Recorded:
    """A span that has begun.

    Attributes:
        traceparent: what goes on from it.
    """

    __slots__ = ("_span", "traceparent")

    def __init__(self, span: Span, traceparent: str) -> None:
        self._span = span
        self.traceparent = traceparent

    def rename(self, name: str) -> None:
        self._span.update_name(name)

    def end(self, error: str | None = None, attributes: Attributes | None = None) -> None:
        """End it.

        Args:
            error: the kind of failure, such as the code of a refusal; never its text.
        """
        for key, value in (attributes or {}).items():
            self._span.set_attribute(key, value)
        if error is not None:
            from opentelemetry.trace import StatusCode  # noqa: PLC0415 - only where it is on

            self._span.set_attribute("error.type", error)
            self._span.set_status(StatusCode.ERROR)
        self._span.end()


def configure(service: str) -> None:
    """Begin to record, if the settings name a collector.

    Call it after any fork and after any monkey-patching: spans are sent in batches by a thread of
    the SDK, which under eventlet or gevent is a greenlet that waits as all others do.

    Args:
        service: the process, as ``bookings-service``; ``OTEL_SERVICE_NAME`` goes before it.

    Raises:
        WrongSetting: for a setting that the SDK refuses; it passes over most others.
    """
    global _tracer, _provider  # noqa: PLW0603 - one for a process, as the SDK has it
    disabled = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if _tracer is not None or disabled or not any(os.environ.get(name) for name in _ENDPOINTS):
        return
    # Only here: who has no collector pays neither the time nor the memory.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    name = os.environ.get("OTEL_SERVICE_NAME") or service
    _provider = TracerProvider(resource=Resource.create({"service.name": name}))
    try:
        processor = BatchSpanProcessor(OTLPSpanExporter())
    except ValueError as error:
        raise WrongSetting(f"A setting of OpenTelemetry, OTEL_BSP_*, is wrong: {error}") from error
    _provider.add_span_processor(processor)
    _tracer = _provider.get_tracer(_SCOPE)
    _log.info("spans.on", service=name)


def shut_down() -> None:
    """Send what is left, and end."""
    global _tracer, _provider
    provider, _provider, _tracer = _provider, None, None
    if provider is not None:
        provider.shutdown()


def is_on() -> bool:
    """Whether spans are recorded in this process."""
    return _tracer is not None


def begin(
    name: str,
    kind: str,
    traceparent: str | None,
    attributes: Attributes | None = None,
    *,
    began: float | None = None,
    root: bool = False,
) -> Recorded | None:
    """A span below the one of ``traceparent``.

    Args:
        kind: one of the four above.
        began: Unix time in seconds, where that was earlier.
        root: begin a trace where ``traceparent`` is none; otherwise there is no span then.

    Returns:
        None where no spans are recorded, in this process or in this trace.
    """
    if _tracer is None:
        return None
    from opentelemetry import trace  # noqa: PLC0415 - only where it is on
    from opentelemetry.context import Context as NoContext  # noqa: PLC0415 - as above

    ids = tracing.parts(traceparent)
    if (ids is None and not root) or (ids is not None and not ids[2] & _SAMPLED):
        return None
    parent = None if ids is None else _context_of(*ids)
    kinds: dict[str, SpanKind] = trace.SpanKind.__members__  # type: ignore[assignment]
    span = _tracer.start_span(
        name,
        context=parent or NoContext(),
        kind=kinds[kind],
        attributes=dict(attributes or {}),
        start_time=None if began is None else int(began * 1e9),
    )
    context = span.get_span_context()
    flags = int(context.trace_flags) & _SAMPLED
    return Recorded(span, f"00-{context.trace_id:032x}-{context.span_id:016x}-{flags:02x}")


@contextmanager
def span(
    name: str, kind: str, traceparent: str | None, attributes: Attributes | None = None
) -> Iterator[str | None]:
    """A span around the block; gives the traceparent that goes on from it."""
    recorded = begin(name, kind, traceparent, attributes)
    if recorded is None:
        yield traceparent
        return
    try:
        yield recorded.traceparent
    except BaseException as error:
        recorded.end(error_name(error))
        raise
    recorded.end()


def record(
    name: str, kind: str, traceparent: str | None, attributes: Attributes, *, began: float
) -> None:
    """A span that is over: since ``began``, Unix time in seconds."""
    recorded = begin(name, kind, traceparent, attributes, began=began)
    if recorded is not None:
        recorded.end()


def error_name(error: BaseException) -> str:
    """What a failure is called in a span: the code of a refusal, else its class."""
    return str(getattr(error, "code", "") or type(error).__name__)


def now() -> float:
    """When something begins, for :func:`record`."""
    return time.time()


def _context_of(trace_id: int, span_id: int, flags: int) -> Context:
    from opentelemetry import trace  # noqa: PLC0415 - only where it is on

    known = trace.SpanContext(
        trace_id, span_id, is_remote=True, trace_flags=trace.TraceFlags(flags)
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(known))
