"""Several APIs and workers on one database, as processes of their own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from running_application import START_SECONDS, environment_of, free_port

_NURSERY: Final = Path(__file__).with_name("fleet_nursery.py")
_STOP_SECONDS: Final = 30


@dataclass
class Fleet:
    """What runs; it only grows."""

    nursery: "subprocess.Popen[str]"
    logs: Path
    addresses: list[str] = field(default_factory=list)
    pids: list[int] = field(default_factory=list)

    def grow_to(self, size: int) -> None:
        """Have so many APIs and as many workers, all of them ready."""
        for _ in range(size - len(self.addresses)):
            port = free_port()
            self.addresses.append(f"http://127.0.0.1:{port}")
            self.pids += [self._start(f"api {port}"), self._start("worker")]
        deadline = time.monotonic() + START_SECONDS
        for address in self.addresses:
            while not _is_ready(address):
                assert time.monotonic() < deadline, self.said()
                time.sleep(0.05)

    def said(self) -> str:
        """Return the logs of all."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.logs.glob("*.log")))

    def stop(self) -> None:
        """Let all of them finish what they do."""
        for pid in self.pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        for pid in self.pids:
            with suppress(ProcessLookupError):
                while time.monotonic() < deadline:
                    os.kill(pid, 0)
                    time.sleep(0.02)
                os.kill(pid, signal.SIGKILL)

    def _start(self, what: str) -> int:
        assert self.nursery.stdin is not None
        self.nursery.stdin.write(f"{what}\n")
        self.nursery.stdin.flush()
        return int(self.told())

    def told(self) -> str:
        assert self.nursery.stdout is not None
        return self.nursery.stdout.readline().strip()


@contextmanager
def running_fleet(database_url: str, folder: Path, **settings: str) -> Iterator[Fleet]:
    """Yield a fleet of nobody yet, and stop it at the end."""
    logs = folder / "fleet"
    logs.mkdir()
    nursery = subprocess.Popen(
        [sys.executable, str(_NURSERY), str(logs)], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**os.environ, **environment_of(database_url, folder), **settings},
    )  # fmt: skip
    fleet = Fleet(nursery, logs)
    try:
        assert fleet.told() == "ready"
        yield fleet
    finally:
        fleet.stop()
        nursery.communicate()


def _is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz", timeout=1, trust_env=False).is_success
    except httpx.TransportError:
        return False
