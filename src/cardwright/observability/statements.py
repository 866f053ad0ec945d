"""A span for each statement of an engine, below what is traced anyhow; values stay where they are."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, StatusCode
from sqlalchemy import event
from sqlalchemy.engine import Connection, ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine

_LONGEST: Final = 2_000
_SPANS: Final = "cardwright_span"
_tracer = trace.get_tracer("cardwright")


@contextmanager
def tracing_statements(engines: Sequence[AsyncEngine]) -> Iterator[None]:
    """Trace what the engines execute while the block runs; OpenTelemetry's own means older SQLAlchemy."""
    listeners: dict[str, Callable[..., Any]] = {
        "before_cursor_execute": _begin, "after_cursor_execute": _end, "handle_error": _fail,
    }  # fmt: skip
    for engine in engines:
        for name, listener in listeners.items():
            event.listen(engine.sync_engine, name, listener)
    try:
        yield
    finally:
        for engine in engines:
            for name, listener in listeners.items():
                event.remove(engine.sync_engine, name, listener)


def _begin(
    _connection: Connection, _cursor: Any, statement: str, _values: Any, context: Any, _many: bool
) -> None:
    if not trace.get_current_span().is_recording():
        return
    verb = statement.lstrip().partition(" ")[0].upper()
    about = {"db.system.name": "postgresql", "db.query.text": statement[:_LONGEST]}
    setattr(context, _SPANS, _tracer.start_span(verb, kind=SpanKind.CLIENT, attributes=about))


def _end(
    _connection: Connection, _cursor: Any, _statement: str, _values: Any, context: Any, _many: bool
) -> None:
    span: Span | None = getattr(context, _SPANS, None)
    if span is not None:
        span.end()


def _fail(failed: ExceptionContext) -> None:
    span: Span | None = getattr(failed.execution_context, _SPANS, None)
    if span is not None:
        span.set_attribute("error.type", type(failed.original_exception).__name__)
        span.set_status(StatusCode.ERROR)
        span.end()
