"""Child processes with their logs in files, started until they answer and stopped in reverse order."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 8.0
_MINUTE_SECONDS: Final = 60.0
_MOST_STARTS_AGAIN: Final = 3
# One client for all questions: making one loads every certificate authority, for addresses that need none.
_PLAIN: Final = httpx.Client(timeout=1, verify=False)  # noqa: S501 - plain HTTP to this machine


class ProcessFailed(Exception):
    """A child ended or did not answer in time; the message has the end of its log."""


@dataclass(slots=True)
class Child:
    """A running child process."""

    name: str
    log: Path
    process: subprocess.Popen[bytes]
    command: Sequence[str]
    environment: Mapping[str, str]
    started_again: list[float] = field(default_factory=list)
    """When, on the clock of this machine's uptime."""

    def is_running(self) -> bool:
        """Answer whether it has not ended."""
        return self.process.poll() is None

    def last_words(self) -> str:
        """Return the end of its log."""
        return self.log.read_text(errors="replace")[-2_000:]


@dataclass(slots=True)
class Children:
    """All children of the demo; `register` remembers them for whoever finds them left over."""

    logs: Path
    register: Path
    running: list[Child] = field(default_factory=list)

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> Child:
        """Start a child in a session of its own, so that Ctrl-C reaches only the demo, which stops them."""
        self.logs.mkdir(parents=True, exist_ok=True)
        log = self.logs / f"{name}.log"
        child = Child(name, log, self._spawn(log, command, environment), command, environment)
        self.running.append(child)
        return child

    def start_again(self, child: Child, now: float) -> bool:
        """Start a child that ended once more; False when it was started too often in the last minute.

        `now` is in seconds, of a clock that never goes back.
        """
        recent = [at for at in child.started_again if now - at < _MINUTE_SECONDS]
        if len(recent) >= _MOST_STARTS_AGAIN:
            return False
        child.started_again = [*recent, now]
        child.process = self._spawn(child.log, child.command, child.environment)
        return True

    def _spawn(
        self, log: Path, command: Sequence[str], environment: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        with log.open("ab") as file:
            process = subprocess.Popen(  # noqa: S603 - our own programs
                command, env={**os.environ, **environment}, stdout=file, stderr=file,
                stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        self.remember(process.pid)
        return process

    def remember(self, process_id: int) -> None:
        """Note a process that must not outlive the demo."""
        with self.register.open("a") as file:
            file.write(f"{process_id} {_born(process_id)}\n")

    def end_leftovers(self) -> None:
        """End what an earlier demo was kept from stopping; an id that means another process now is left."""
        if self.register.exists():
            for line in self.register.read_text().splitlines():
                process_id, _, born = line.partition(" ")
                if born and _born(int(process_id)) == born:
                    _end(int(process_id))
            self.register.unlink()

    def wait_for(self, child: Child, is_ready: Callable[[], bool]) -> None:
        """Wait until a child is ready; raise ProcessFailed when it ends or takes too long."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if not child.is_running():
                raise ProcessFailed(f"{child.name} ended while starting:\n{child.last_words()}")
            if is_ready():
                return
            time.sleep(0.05)
        raise ProcessFailed(f"{child.name} did not answer in time:\n{child.last_words()}")

    def find_ended(self) -> Child | None:
        """Return a child that ended by itself."""
        return next((child for child in self.running if not child.is_running()), None)

    def stop_all(self) -> None:
        """Stop every child, the last started first; kill what does not stop by itself."""
        for child in reversed(self.running):
            child.process.terminate()
            try:
                child.process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.process.pid, signal.SIGKILL)
                child.process.wait(_STOP_SECONDS)
        self.running.clear()
        self.register.unlink(missing_ok=True)


def _born(process_id: int) -> str:
    # The time of birth tells a process from a later one with the same id.
    asked = ["ps", "-o", "lstart=", "-p", str(process_id)]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603 - fixed


def _end(process_id: int) -> None:
    for caught in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + _STOP_SECONDS
        with contextlib.suppress(ProcessLookupError):
            os.kill(process_id, caught)
            while time.monotonic() < deadline:
                os.kill(process_id, 0)
                time.sleep(0.05)


def answers(url: str) -> bool:
    """Answer whether a GET of the address succeeds now."""
    try:
        return _PLAIN.get(url).is_success
    except httpx.HTTPError:
        return False
