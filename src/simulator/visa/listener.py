"""The listener that asks every caller for a certificate of its authority."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from simulator.visa.api import create_visa_app
from simulator.visa.certificates import ensure_papers
from simulator.visa.gate import Gate
from simulator.world import World


class _Beside(uvicorn.Server):
    """Leaves signals to the server it runs beside."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


class VisaListener:
    """Runs in the event loop of the main listener, because the world is not made for two."""

    def __init__(self, world: World, port: int, folder: Path) -> None:
        papers = ensure_papers(folder, world.settings.host)
        self._server = _Beside(
            uvicorn.Config(
                create_visa_app(world, Gate(world.settings, papers)),
                host=world.settings.host,
                port=port,
                log_level="warning",
                ssl_certfile=papers.certificate("server"),
                ssl_keyfile=papers.key("server"),
                ssl_ca_certs=str(papers.certificate("authority")),
                ssl_cert_reqs=ssl.CERT_REQUIRED,
                timeout_graceful_shutdown=1,
            )
        )
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen; returns when callers are accepted."""
        self._running = asyncio.create_task(self._server.serve())
        while not self._server.started:
            if self._running.done():
                self._running.result()
                raise RuntimeError("the Visa listener did not start")
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Stop listening."""
        self._server.should_exit = True
        if self._running is not None:
            await self._running
