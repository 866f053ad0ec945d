"""The application as its own process, served by uvicorn on a socket, configured by the environment alone."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

import builders

START_SECONDS = 100
NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True)
class RunningApplication:
    """Where a process serves, and which one it is."""

    address: str
    pid: int


@contextmanager
def running_application(database_url: str, folder: Path, **settings: str) -> Iterator[str]:
    """Serve the application on a database and yield its address; vendors are never reached from it.

    `settings` go into its environment. Its log in the folder may tell of no failed request.
    """
    with running_process(database_url, folder, **settings) as running:
        yield running.address


@contextmanager
def running_process(database_url: str, folder: Path, **settings: str) -> Iterator[RunningApplication]:
    """Serve the application as `running_application` does, and yield its process, too."""
    port = free_port()
    log = folder / "api.log"
    command = [sys.executable, "-m", "uvicorn", "--factory", "cardwright.main:create_app"]
    # Connections are opened before the test: none may be closed for idleness just when it is used.
    command += ["--port", str(port), "--timeout-keep-alive", "120"]
    environment = {**os.environ, **environment_of(database_url, folder), **settings}
    with log.open("wb") as file:
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=file)
    try:
        _wait_for(f"http://127.0.0.1:{port}/readyz", process, log)
        yield RunningApplication(f"http://127.0.0.1:{port}", process.pid)
    finally:
        process.terminate()
        process.wait(10)
    # Whatever clients did, even leaving in the middle of a body, no request failed for a fault of ours.
    assert '"request_failed"' not in log.read_text()


@dataclass(frozen=True, slots=True)
class Served:
    """`cardwright serve` in a process of its own, which is told to stop by whoever started it."""

    address: str
    process: "subprocess.Popen[bytes]"
    log: Path


def free_port() -> int:
    """A port that nobody listens at now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running_server(database_url: str, folder: Path, **settings: str) -> Iterator[Served]:
    """Run `cardwright serve` on a database, until it is told to stop or the context ends."""
    port = free_port()
    log = folder / f"serve-{port}.log"
    command = [sys.executable, "-m", "cardwright", "serve", "--port", str(port)]
    environment = {**os.environ, **environment_of(database_url, folder), **settings}
    with log.open("wb") as file:
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=file)
    try:
        _wait_for(f"http://127.0.0.1:{port}/readyz", process, log)
        yield Served(f"http://127.0.0.1:{port}", process, log)
    finally:
        process.kill()
        process.wait(10)


@contextmanager
def running_worker(database_url: str, folder: Path, **settings: str) -> Iterator[None]:
    """Run the worker on a database; its log is in the folder."""
    environment = {**os.environ, **environment_of(database_url, folder), **settings}
    with (folder / "worker.log").open("wb") as file:
        command = [sys.executable, "-m", "cardwright", "worker"]
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=file)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def environment_of(database_url: str, folder: Path) -> Mapping[str, str]:
    """Return the settings of a process on a database, with vendors that are nowhere."""
    account = folder / "push-account.json"
    account.write_text(json.dumps(_push_account()))
    return {
        "DATABASE_URL": database_url,
        "CARDWRIGHT_ENVIRONMENT": "demo",
        "CARDWRIGHT_PUBLIC_URL": builders.ISSUER,
        "CARDWRIGHT_PROGRAM__SLUG": "demo",
        "CARDWRIGHT_PROGRAM__NAME": "Demo Program",
        "CARDWRIGHT_SECURITY__CODE_KEY": "a key of e-mail codes, for tests only",
        "CARDWRIGHT_AUDIT__SIGNING_KEY_PEM": builders.AUDIT_KEY.reveal(),
        "CARDWRIGHT_ENCRYPTION__KEY_FILE": str(builders.KEY_FILE),
        "CARDWRIGHT_STRIPE__API_KEY": "sk_test_of_nobody",
        "CARDWRIGHT_STRIPE__BASE_URL": NOWHERE,
        "CARDWRIGHT_STRIPE__WEBHOOK_SECRET": "whsec_of_nobody",
        "CARDWRIGHT_STRIPE__AUTHORIZATION_SECRET": builders.AUTHORIZATION_SECRET.reveal(),
        "CARDWRIGHT_TWILIO__ACCOUNT_SID": "AC_nobody",
        "CARDWRIGHT_TWILIO__AUTH_TOKEN": "nobody",
        "CARDWRIGHT_TWILIO__SENDER": "+15550100000",
        "CARDWRIGHT_TWILIO__BASE_URL": NOWHERE,
        "CARDWRIGHT_FCM__SERVICE_ACCOUNT_FILE": str(account),
        "CARDWRIGHT_FCM__BASE_URL": NOWHERE,
        "CARDWRIGHT_SMTP__HOST": "127.0.0.1",
        "CARDWRIGHT_SMTP__START_TLS": "false",
    }


def _push_account() -> Mapping[str, str]:
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return {
        "type": "service_account", "project_id": "nobody", "private_key_id": "1", "private_key": pem,
        "client_email": "nobody@nobody.example", "token_uri": f"{NOWHERE}/token",
    }  # fmt: skip


def _wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url, timeout=1, trust_env=False).is_success:
                return
        time.sleep(0.05)
    pytest.fail(f"the application did not start:\n{log.read_text(errors='replace')[-2_000:]}")
