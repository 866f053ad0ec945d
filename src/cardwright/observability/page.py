"""A page for Prometheus and for probes, on an address of its own that is never a public one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Final

import uvicorn
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from starlette.types import Receive, Scope, Send

_REFRESH_SECONDS: Final = 5.0
_TEXT: Final = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class MetricsPage:
    """`/metrics`, after `refresh` was given some seconds, and `/healthz`: whether the process works."""

    registry: CollectorRegistry
    refresh: Callable[[], Awaitable[None]]
    is_alive: Callable[[], bool]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        del receive
        if scope["type"] != "http":
            return
        status, kind, body = 404, _TEXT, b"There are /metrics and /healthz.\n"
        if scope["path"] == "/metrics":
            with suppress(TimeoutError):
                async with asyncio.timeout(_REFRESH_SECONDS):
                    await self.refresh()
            accepted = dict(scope["headers"]).get(b"accept", b"").decode("latin-1")
            encode, kind = choose_encoder(accepted)
            status, body = 200, encode(self.registry)
        elif scope["path"] == "/healthz":
            status, body = (200, b"ok\n") if self.is_alive() else (503, b"stuck\n")
        headers = [(b"content-type", kind.encode()), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class _Beside(uvicorn.Server):
    """A server beside the work of the process, whose signals are not its own."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving_page(page: MetricsPage, host: str, port: int | None) -> AsyncIterator[None]:
    """Serve a page while the block runs; without a port, none."""
    if port is None:
        yield
        return
    config = uvicorn.Config(
        page, host=host, port=port, lifespan="off", log_level="warning", access_log=False, server_header=False
    )
    server = _Beside(config)
    serving = asyncio.create_task(server.serve(), name="metrics")
    try:
        yield
    finally:
        server.should_exit = True
        await serving
