"""The API as a process: a server that, told to stop, first says so, then answers what it began."""

import signal
import time
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Final

import uvicorn

from cardwright.http.draining import Draining
from cardwright.main import create_app
from cardwright.setting_groups import DrainSettings

_KEEP_ALIVE_SECONDS: Final = 90
"""Networks and proxies keep connections idle for a minute; closing one first would lose a request."""


class DrainingServer(uvicorn.Server):
    """At SIGTERM it is not ready any more and goes on for a while, until balancers have seen that.

    Only then does it take no more connections, and stops once every request is answered. A second signal, or
    Ctrl-C, begins with that.
    """

    def __init__(self, config: uvicorn.Config, draining: Draining, seconds: float) -> None:
        super().__init__(config)
        self._draining = draining
        self._seconds = seconds
        self._exit_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take a signal, on top of whatever the process does at the moment."""
        is_first = self._exit_at is None and sig == signal.SIGTERM
        self._draining.is_on = True
        if not is_first or not self._seconds or not self.started:
            super().handle_exit(sig, frame)
            return
        self._captured_signals.append(sig)
        self._exit_at = time.monotonic() + self._seconds

    async def on_tick(self, counter: int) -> bool:
        """Answer, ten times a second, whether it is time to take no more connections."""
        if self._exit_at is not None and time.monotonic() >= self._exit_at:
            self.should_exit = True
        return await super().on_tick(counter)


def serve_api(host: str, port: int, drain: DrainSettings) -> None:
    """Serve until told to stop."""
    draining = Draining()
    config = uvicorn.Config(
        partial(create_app, draining), factory=True, host=host, port=port, access_log=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS, server_header=False,
        timeout_graceful_shutdown=drain.finish_within_seconds,
    )  # fmt: skip
    with suppress(KeyboardInterrupt):
        DrainingServer(config, draining, drain.seconds).run()
