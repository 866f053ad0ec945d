"""Counts and times every request, by the pattern of its route, never by its address."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog
from opentelemetry import propagate, trace
from opentelemetry.trace import INVALID_SPAN, ProxyTracerProvider, Span, SpanKind
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from cardwright.core.ids import new_id
from cardwright.measures import AUTHORIZATION_SECONDS, HTTP_REQUESTS, HTTP_SECONDS
from cardwright.observability.asking import Told, current_answer

_log = structlog.get_logger()
_tracer = trace.get_tracer("cardwright")
_METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_NOWHERE: Final = "none"
"""The route of what no route takes: whoever makes addresses up makes no label."""


class MeasuredRequests:
    """Pure ASGI middleware around everything; an authorization gets a line in the log, as others have."""

    def __init__(self, app: ASGIApp, authorization_path: str) -> None:
        self._app = app
        self._authorization_path = authorization_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection event."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_authorization = scope["path"] == self._authorization_path
        began, status, seconds = time.perf_counter(), 0, 0.0

        async def send_timed(message: Message) -> None:
            nonlocal status, seconds
            if message["type"] == "http.response.start":
                status, seconds = message["status"], time.perf_counter() - began
            await send(message)

        with _span(scope) as span:
            try:
                if is_authorization:
                    scope["request_id"] = request_id = new_id("req")
                    with bound_contextvars(request_id=request_id):
                        told = await self._authorize(scope, receive, send_timed)
                        self._tell(told, status, seconds)
                else:
                    await self._app(scope, receive, send_timed)
            finally:
                self._note(scope, status, seconds, span)

    async def _authorize(self, scope: Scope, receive: Receive, send: Send) -> Told:
        told = Told()
        token = current_answer.set(told)
        try:
            await self._app(scope, receive, send)
        finally:
            current_answer.reset(token)
        return told

    def _tell(self, told: Told, status: int, seconds: float) -> None:
        # After the answer: nobody waits for it any more.
        if told.outcome is not None:
            AUTHORIZATION_SECONDS.observe(seconds)
            trace.get_current_span().set_attributes(
                {
                    "cardwright.outcome": told.outcome,
                    "cardwright.decision_id": told.decision_id or "",
                }
            )
            _log.info(
                "authorization", outcome=told.outcome, status=status, decision_id=told.decision_id,
                milliseconds=round(seconds * 1000, 1),
            )  # fmt: skip

    def _note(self, scope: Scope, status: int, seconds: float, span: Span) -> None:
        route = _route(scope, self._authorization_path)
        method = scope["method"] if scope["method"] in _METHODS else "other"
        span.update_name(f"{method} {route}")
        span.set_attributes(
            {
                "http.request.method": method, "http.route": route, "http.response.status_code": status,
                "cardwright.request_id": scope.get("request_id", ""),
            }
        )  # fmt: skip
        HTTP_REQUESTS.labels(method, route, str(status or "none")).inc()
        if status:
            HTTP_SECONDS.labels(_kind(route, self._authorization_path)).observe(seconds)


@contextmanager
def _span(scope: Scope) -> Iterator[Span]:
    if isinstance(trace.get_tracer_provider(), ProxyTracerProvider):
        # Nobody collects.
        yield INVALID_SPAN
        return
    came_with = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    beginning = _tracer.start_as_current_span(
        "request", propagate.extract(came_with), SpanKind.SERVER, record_exception=False
    )
    with beginning as span:
        if span.is_recording():
            # In the lines of the log as well, to get from one to the other.
            with bound_contextvars(trace_id=f"{span.get_span_context().trace_id:032x}"):
                yield span
        else:
            yield span


def _route(scope: Scope, authorization_path: str) -> str:
    if scope["path"] == authorization_path:
        return authorization_path
    route = scope.get("route")
    pattern: str = getattr(route, "path", _NOWHERE)
    return pattern


def _kind(route: str, authorization_path: str) -> str:
    if route == authorization_path:
        return "authorization"
    if route.startswith("/webhooks/"):
        return "webhook"
    return "api" if route.startswith(("/v1/", "/oauth")) else "other"
