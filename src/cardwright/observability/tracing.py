"""Spans of requests, jobs, statements and calls of providers, for an OpenTelemetry collector."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.propagators.textmap import CarrierT, Getter, Setter, TextMapPropagator, default_getter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import (
    Decision,
    ParentBased,
    Sampler,
    SamplingResult,
    TraceIdRatioBased,
)
from opentelemetry.trace import Link, SpanKind, Status, TraceState
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import Attributes
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.observability.statements import tracing_statements

ALLOWED: Final = frozenset(
    {
        "cardwright.decision_id", "cardwright.event_id", "cardwright.outcome", "cardwright.request_id",
        "cardwright.subject_id", "cardwright.subscription",
        "db.query.text", "db.system.name", "error.type", "http.request.method",
        "http.response.status_code", "http.route", "server.address",
    }
)  # fmt: skip
"""All that leaves the process of a span. Statements have their values bound, so none is in their text."""
_BEGINNINGS: Final = frozenset({SpanKind.SERVER, SpanKind.CONSUMER})


class Discreet(SpanExporter):
    """Passes on spans without what might tell of somebody: addresses, queries, words of exceptions."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send the spans, or rather what is allowed of them."""
        return self._exporter.export([_without_words(span) for span in spans])

    def shutdown(self) -> None:
        """Send nothing any more."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Answer whether all was sent."""
        return self._exporter.force_flush(timeout_millis)


def _without_words(span: ReadableSpan) -> ReadableSpan:
    attributes = {name: value for name, value in (span.attributes or {}).items() if name in ALLOWED}
    return ReadableSpan(
        name=span.name, context=span.context, parent=span.parent, resource=span.resource,
        attributes=attributes, kind=span.kind, status=Status(span.status.status_code), links=span.links,
        start_time=span.start_time, end_time=span.end_time, instrumentation_scope=span.instrumentation_scope,
    )  # fmt: skip


class _Incoming(TextMapPropagator):
    """Goes on with traces that come in, and tells no provider of ours."""

    def __init__(self) -> None:
        self._standard = TraceContextTextMapPropagator()

    def extract(
        self,
        carrier: CarrierT,
        context: Context | None = None,
        getter: Getter[CarrierT] = default_getter,
    ) -> Context:
        return self._standard.extract(carrier, context, getter)

    def inject(
        self,
        carrier: CarrierT,
        context: Context | None = None,
        setter: Setter[CarrierT] | None = None,
    ) -> None:
        """Tell nothing."""

    @property
    def fields(self) -> set[str]:
        return self._standard.fields


class _OfWork(Sampler):
    """Begins traces at requests and jobs alone: a statement of the relay's rounds is no trace of its own."""

    def __init__(self, share: float) -> None:
        chance = TraceIdRatioBased(share)
        # Whoever asks for a trace from outside gets no more than others do.
        self._chosen = ParentBased(chance, remote_parent_sampled=chance)

    def should_sample(
        self, parent_context: Context | None, trace_id: int, name: str, kind: SpanKind | None = None,
        attributes: Attributes = None, links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:  # fmt: skip
        parent = trace.get_current_span(parent_context).get_span_context()
        if not parent.is_valid and kind not in _BEGINNINGS:
            return SamplingResult(Decision.DROP)
        return self._chosen.should_sample(
            parent_context, trace_id, name, kind, attributes, links, trace_state
        )

    def get_description(self) -> str:
        return "of requests and jobs, a share"


@contextmanager
def tracing(service: str, endpoint: str, share: float, engines: Sequence[AsyncEngine]) -> Iterator[None]:
    """Send a share of all traces to an OTLP endpoint while the block runs, and what is left at its end."""
    resource = Resource.create({"service.name": service})
    provider = TracerProvider(sampler=_OfWork(share), resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(Discreet(OTLPSpanExporter(endpoint))))
    trace.set_tracer_provider(provider)
    propagate.set_global_textmap(_Incoming())
    # By the present names an attribute tells whom a call went to; by older ones only the whole address does.
    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http")
    HTTPXClientInstrumentor().instrument()
    try:
        with tracing_statements(engines):
            yield
    finally:
        HTTPXClientInstrumentor().uninstrument()
        provider.shutdown()
