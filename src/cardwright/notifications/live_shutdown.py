"""Streams end when the process is told to: servers wait for open requests before they say that they stop."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

from cardwright.notifications.live_hub import LiveHub

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def ending_with_process(hub: LiveHub) -> Iterator[None]:
    """End all streams at SIGTERM or SIGINT, before the server's own handler does its part.

    Where signals cannot be handled (another thread than the main one) streams end with their clients.
    """
    before: dict[int, Any] = {}

    def handle(number: int, frame: FrameType | None) -> None:
        hub.end()
        server = before[number]
        if callable(server):
            server(number, frame)

    try:
        for number in _SIGNALS:
            before[number] = signal.signal(number, handle)
    except ValueError:
        before.clear()
    try:
        yield
    finally:
        for handled, server in before.items():
            signal.signal(handled, server)
