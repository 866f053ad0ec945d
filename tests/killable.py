"""Processes of the product that can be killed and started again at once."""

import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PROGRAM: Final = Path(__file__).with_name("nursery.py")


@dataclass
class Nursery:
    """Has everything imported, and makes processes of itself; started with the first of them."""

    environment: Mapping[str, str]
    log: Path
    is_hasty: bool = False
    process: "subprocess.Popen[str] | None" = None

    def start(self, what: str) -> int:
        """Start what nursery.py knows by this line; return its process id."""
        if self.process is None:
            command = [sys.executable, str(_PROGRAM), str(self.log), *(["--hasty"] if self.is_hasty else [])]
            self.process = subprocess.Popen(
                command, env=self.environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            assert self._told() == "ready"
        assert self.process.stdin is not None
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        return int(self._told())

    def close(self) -> None:
        """Start nothing any more."""
        if self.process is not None:
            self.process.communicate()
            self.process = None

    def _told(self) -> str:
        assert self.process is not None
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@dataclass
class Killable:
    """The worker, or what `runs` says (see nursery.py), in a process of its own; not started yet."""

    nursery: Nursery
    runs: str = "worker"
    pid: int | None = None

    def start(self) -> None:
        self.pid = self.nursery.start(self.runs)

    @property
    def has_ended(self) -> bool:
        """Whether it was started and has ended by itself."""
        return self.pid is not None and not _is_alive(self.pid)

    def kill(self) -> None:
        """End it in the middle of whatever it does, as `kill -9` and a lost machine do."""
        self._end(signal.SIGKILL)

    def stop(self, patience: float = math.inf) -> None:
        """Let it finish what it does, and kill it when it has not after so many seconds."""
        self._end(signal.SIGTERM, patience)

    def _end(self, by: signal.Signals, patience: float = math.inf) -> None:
        if self.pid is None:
            return
        until = time.monotonic() + patience
        with suppress(ProcessLookupError):
            os.kill(self.pid, by)
        while _is_alive(self.pid) and time.monotonic() < until:
            time.sleep(0.005)
        if _is_alive(self.pid):
            self.kill()
        self.pid = None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
