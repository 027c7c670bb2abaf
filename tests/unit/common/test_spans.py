"""Spans are off unless a collector is named, and follow the flag of the trace that travels."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from services.common import spans, tracing
from tests.support.awaiting import until
from tests.support.spans import Collector

_OFF = """
import sys
from services.common import spans, tracing
spans.configure("bookings-service")
assert not spans.is_on()
assert spans.begin("a", spans.SERVER, tracing.new(), root=True) is None
with spans.span("a", spans.CLIENT, "as it was") as traceparent:
    assert traceparent == "as it was"
assert not [name for name in sys.modules if name.startswith("opentelemetry")]
"""


@pytest.mark.parametrize(
    "settings",
    [{}, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_SDK_DISABLED": "true"}],
)
def test_nothing_is_recorded_or_imported_without_a_collector(settings: dict[str, str]) -> None:
    given = {name: text for name, text in os.environ.items() if not name.startswith("OTEL_")}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _OFF],
        env={**given, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with Collector() as running:
        for name, text in running.settings.items():
            monkeypatch.setenv(name, text)
        spans.configure("bookings-service")
        yield running
        spans.shut_down()


def test_the_traceparent_that_goes_on_is_the_span_s_own(collector: Collector) -> None:
    given = tracing.new()
    outer = spans.begin("outer", spans.SERVER, given)
    assert outer is not None
    with spans.span("inner", spans.CLIENT, outer.traceparent, {"rpc.method": "ping"}):
        pass
    outer.end("bookings.space_taken")
    found = until(lambda: collector.spans, "both", enough=lambda all_: len(all_) == 2)
    inner, first = sorted(found, key=lambda each: each.name)
    assert first.parent_id == given.split("-")[2]
    assert outer.traceparent == f"00-{first.trace_id}-{first.span_id}-01"
    assert (inner.parent_id, inner.attributes) == (first.span_id, {"rpc.method": "ping"})
    assert first.failed and first.attributes == {"error.type": "bookings.space_taken"}
    assert first.service == "bookings-service"


@pytest.mark.parametrize(
    "given", [None, "no traceparent", tracing.unsampled(tracing.new())], ids=["none", "bad", "00"]
)
def test_without_a_sampled_trace_there_is_no_span(collector: Collector, given: str | None) -> None:
    assert spans.begin("a", spans.CLIENT, given) is None


def test_an_unsampled_trace_has_no_root_of_its_own(collector: Collector) -> None:
    given = tracing.unsampled(tracing.new())
    assert spans.begin("a", spans.SERVER, given, root=True) is None


def test_an_error_is_named_and_not_told(collector: Collector) -> None:
    with pytest.raises(ValueError, match="Layla"), spans.span("a", spans.CLIENT, tracing.new()):
        raise ValueError("Layla")
    until(lambda: collector.spans, "the span")
    assert collector.spans[0].attributes == {"error.type": "ValueError"}
    assert b"Layla" not in b"".join(collector.bodies)
