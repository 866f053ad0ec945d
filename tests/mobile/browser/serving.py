"""The mobile app served by a process of its own, as `make mobile` does."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

ROOT: Final = Path(__file__).parents[3]
START_SECONDS: Final = 60


@contextmanager
def serving(api: str, log: Path) -> Iterator[str]:
    """Serve the app as the client of one server, and yield its address; nothing may go wrong in it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "--app-dir", str(ROOT / "mobile"), "asgi:app"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"]
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, env={**os.environ, "CARDWRIGHT_SERVER": api}, stdout=file, stderr=file
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address, process, log)
        yield address
    finally:
        process.terminate()
        process.wait(10)
    # A page that is closed while something is on its way to it is an exception of Flet's own, and no harm.
    assert "/cardwright_mobile/" not in log.read_text(), log.read_text()


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            httpx.get(address, timeout=5)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"the mobile app did not start: {log.read_text()}")
