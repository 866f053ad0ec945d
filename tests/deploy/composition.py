"""What compose.yaml describes, read by Compose itself and started here without containers.

Commands, settings, order and health checks are the file's; addresses and folders that only containers have
are replaced by ones of this machine. PostgreSQL and Valkey are the wheels' programs, with the file's options.
"""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cardwright.db.embedded import EmbeddedPostgres
from cardwright.db.embedded import postgres as embedded_postgres
from cardwright.db.embedded import valkey as embedded_valkey
from cardwright.db.embedded.ports import free_port, is_listening
from cardwright.demo.processes import Children, answers
from deploy.held import held
from deploy.programs import DEPLOY, program

_TMP = "/tmp"  # noqa: S108 - the containers', replaced by a folder of the test


def described(**chosen: str) -> dict[str, Any]:
    """Return the file as Compose understands it with the simulator's settings, and what is chosen besides."""
    command = [
        program("docker-compose"), "--file", str(DEPLOY / "compose.yaml"),
        "--env-file", str(DEPLOY / "simulator.env"), "config", "--format", "json",
    ]  # fmt: skip
    # Compose prefers what it finds in the environment, where this run may have words of its own.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CARDWRIGHT_")}
    done = subprocess.run(command, env={**kept, **chosen}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "variable is not set" not in done.stderr, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@dataclass(slots=True)
class Composition:
    """The services of a file on this machine, one process each."""

    file: Mapping[str, Any]
    folder: Path
    children: Children
    ports: dict[str, int] = field(
        default_factory=lambda: {
            name: free_port()
            for name in ("postgres", "valkey", "api", "simulator", "mail", "https", "http", "health")
        }
    )
    said: dict[str, str] = field(default_factory=dict)
    """What services that end have printed."""

    @property
    def site(self) -> str:
        """Where the proxy is."""
        return f"https://localhost:{self.ports['https']}"

    @property
    def authority(self) -> Path:
        """The certificate of the proxy's own authority."""
        return self.folder / "data/caddy/pki/authorities/local/root.crt"

    @property
    def database(self) -> str:
        """Where PostgreSQL is, for the product's own role."""
        return self.here(self.file["services"]["migrate"]["environment"]["DATABASE_URL"])

    def here(self, text: str) -> str:
        """Replace what only containers have."""
        ports = self.ports
        for theirs, ours in (
            ("https://cardwright.localhost", self.site),
            ("cardwright.localhost", self.site),
            ("simulator.localhost:4025", f"127.0.0.1:{ports['mail']}"),
            ("simulator.localhost:4020", f"127.0.0.1:{ports['simulator']}"),
            ("127.0.0.1:4020", f"127.0.0.1:{ports['simulator']}"),
            ("postgres:5432", f"127.0.0.1:{ports['postgres']}"),
            ("valkey:6379", f"127.0.0.1:{ports['valkey']}"),
            ("api:8000", f"127.0.0.1:{ports['api']}"),
            ("172.30.81.0/24", "127.0.0.1"),
            ("172.30.83.0/24", "127.0.0.0/8"),
            ("0.0.0.0", "127.0.0.1"),  # noqa: S104 - what is replaced
            ("/etc/cardwright", str(self.folder / "settings")),
            ("/var/lib/cardwright", str(self.folder / "kept")),
        ):
            text = text.replace(theirs, ours)
        if text.startswith(("/data", _TMP)) and not text.startswith(str(self.folder)):
            return str(self.folder / text.removeprefix("/"))
        listening = {"8000": ports["api"], "4020": ports["simulator"], "4025": ports["mail"]}
        return str(listening.get(text, text))

    def start(self, stack: ExitStack) -> None:
        """Start everything in the order of what depends on what; whatever does not get ready fails."""
        stack.callback(self.children.stop_all)
        (self.folder / "kept").mkdir(parents=True)
        started: set[str] = set()
        services: Mapping[str, Any] = self.file["services"]
        while len(started) < len(services):
            ready = [
                name for name, it in services.items()
                if name not in started and set(it.get("depends_on", {})) <= started
            ]  # fmt: skip
            assert ready, f"what is left waits for itself: {set(services) - started}"
            for name in ready:
                self._start(name, services[name], stack)
                started.add(name)

    def _start(self, name: str, service: Mapping[str, Any], stack: ExitStack) -> None:
        if name == "postgres":
            self._start_postgres(service, stack)
        elif name == "valkey":
            command = [embedded_valkey._server(), *service["command"][1:]]
            command += ["--port", str(self.ports["valkey"]), "--bind", "127.0.0.1", "--dir", str(self.folder)]
            child = self.children.start(name, command, {})
            self.children.wait_for(child, lambda: is_listening(self.ports["valkey"]))
        elif name == "edge":
            self._start_edge(service)
        elif service["restart"] == "no":
            self.said[name] = self._run(name, service)
        else:
            child = self.children.start(name, self._command(service), self._environment(service))
            if not service.get("healthcheck", {}).get("disable"):
                self.children.wait_for(child, lambda: self._is_healthy(service))

    def _command(self, service: Mapping[str, Any]) -> list[str]:
        # As the image's entrypoint starts it; its programs are those of this environment.
        name, *arguments = (self.here(word) for word in service["command"])
        started = ["/bin/sh", str(DEPLOY / "entrypoint.sh"), str(Path(sys.executable).parent / name)]
        assert service["read_only"]
        return held([*started, *arguments], self._writable(service))

    def _writable(self, service: Mapping[str, Any]) -> list[Path]:
        """Return the folders here of the volumes and the tmpfs that a service may write into."""
        places = [it["target"] for it in service["volumes"] if not it.get("read_only")]
        places += [word.partition(":")[0] for word in service["tmpfs"]]
        folders = [Path(self.here(place)) for place in places]
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folders

    def _environment(self, service: Mapping[str, Any]) -> dict[str, str]:
        chosen = {name: self.here(value) for name, value in service.get("environment", {}).items()}
        # As in the image: nobody has a home, and modules were compiled before, here by whoever is the first.
        compiled = os.environ.get("PYTHONPYCACHEPREFIX", str(self.folder / "kept/compiled"))
        return {
            "HOME": "/nonexistent", "TMPDIR": self.here(_TMP), "PYTHONPYCACHEPREFIX": compiled, **chosen,
        }  # fmt: skip

    def _run(self, name: str, service: Mapping[str, Any]) -> str:
        done = subprocess.run(
            self._command(service), env={**os.environ, **self._environment(service)},
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, f"{name}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def _is_healthy(self, service: Mapping[str, Any]) -> bool:
        """Ask as the container's health check does: the file's, else the image's."""
        test = service.get("healthcheck", {}).get("test")
        if test is None:
            return answers(f"http://127.0.0.1:{self.ports['api']}/readyz")
        word, *command = (self.here(part) for part in test)
        assert word == "CMD"
        command[0] = sys.executable if command[0] == "python" else command[0]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def _start_postgres(self, service: Mapping[str, Any], stack: ExitStack) -> None:
        told = service["environment"]
        options = dict(word.split("=", 1) for word in service["command"] if "=" in word)
        server = EmbeddedPostgres(self.folder / "postgres", self.ports["postgres"], options)
        server.directory.mkdir()
        password = server.directory / "password"
        password.write_text(told["POSTGRES_PASSWORD"])
        server._run(
            "initdb", "-D", server._data, "-U", told["POSTGRES_USER"], f"--pwfile={password}",
            *shlex.split(told["POSTGRES_INITDB_ARGS"]),
        )  # fmt: skip
        server.start()
        stack.callback(server.stop)
        # As the container's first start does: the superuser runs what stands beside the file.
        done = subprocess.run(
            [
                embedded_postgres.binaries() / "psql", "--no-psqlrc", "--set=ON_ERROR_STOP=1",
                f"--username={told['POSTGRES_USER']}", "--dbname=postgres", "--host=127.0.0.1",
                f"--port={self.ports['postgres']}", f"--set=password={told['CARDWRIGHT_DATABASE_PASSWORD']}",
                f"--file={DEPLOY / 'postgres/cardwright.psql'}",
            ],
            env={**os.environ, "PGPASSWORD": told["POSTGRES_PASSWORD"]},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def _start_edge(self, service: Mapping[str, Any]) -> None:
        environment = {
            **{name: self.here(value) for name, value in service["environment"].items()},
            "XDG_DATA_HOME": str(self.folder / "data"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "CARDWRIGHT_EDGE_HTTP_PORT": str(self.ports["http"]),
            "CARDWRIGHT_EDGE_HTTPS_PORT": str(self.ports["https"]),
            "CARDWRIGHT_EDGE_HEALTH_PORT": str(self.ports["health"]),
        }
        command = [program("caddy"), "run", "--config", str(DEPLOY / "Caddyfile"), "--adapter", "caddyfile"]
        child = self.children.start("edge", command, environment)
        self.children.wait_for(child, lambda: answers(f"http://127.0.0.1:{self.ports['health']}/"))
