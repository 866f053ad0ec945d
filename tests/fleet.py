"""Several APIs and workers on one database, as processes of their own."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from killable import Killable, Nursery
from running_application import START_SECONDS, environment_of, free_port

_STOP_SECONDS: Final = 30


@dataclass
class Fleet:
    """What runs; it only grows."""

    nursery: Nursery
    addresses: list[str] = field(default_factory=list)
    processes: list[Killable] = field(default_factory=list)

    def grow_to(self, size: int) -> None:
        """Have so many APIs and as many workers, all of them ready."""
        for _ in range(size - len(self.addresses)):
            port = free_port()
            self.addresses.append(f"http://127.0.0.1:{port}")
            for runs in (f"serve {port}", "worker"):
                self.processes.append(Killable(self.nursery, runs))
                self.processes[-1].start()
        deadline = time.monotonic() + START_SECONDS
        for address in self.addresses:
            while not _is_ready(address):
                assert time.monotonic() < deadline, self.nursery.log.read_text(errors="replace")
                time.sleep(0.05)


@contextmanager
def running_fleet(database_url: str, folder: Path, **settings: str) -> Iterator[Fleet]:
    """Yield a fleet of nobody yet; in the end all of it finishes what it does, or is killed."""
    environment = {**os.environ, **environment_of(database_url, folder), **settings}
    fleet = Fleet(Nursery(environment, folder / "fleet.log"))
    try:
        yield fleet
    finally:
        for process in fleet.processes:
            process.stop(_STOP_SECONDS)
        fleet.nursery.close()


def _is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz", timeout=1, trust_env=False).is_success
    except httpx.TransportError:
        return False
