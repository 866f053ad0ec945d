"""The application as its own process, served by uvicorn on a socket, configured by the environment alone."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from secrets import token_hex

import asyncpg
import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy.engine import make_url

import builders
from cardwright.core.clock import SystemClock
from concurrency.crowd import Crowd

START_SECONDS = 60
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def clock() -> SystemClock:
    """The clock that the process has, too."""
    return SystemClock()


@pytest.fixture(scope="package")
async def database_url(postgres_url: str, template_database: str) -> AsyncIterator[str]:
    """One database for the process and all tests beside it; each test brings people of its own."""
    name = f"cardwright_crowd_{token_hex(4)}"
    connection = await asyncpg.connect(postgres_url)
    await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template_database} STRATEGY file_copy")
    yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await connection.close()


@pytest.fixture(scope="package")
def served(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the application; vendors are never reached from it."""
    folder = tmp_path_factory.mktemp("served")
    port = _free_port()
    log = folder / "api.log"
    command = [sys.executable, "-m", "uvicorn", "--factory", "cardwright.main:create_app"]
    # Connections are opened before the test: none may be closed for idleness just when it is used.
    command += ["--port", str(port), "--timeout-keep-alive", "120"]
    environment = {**os.environ, **_environment(database_url, folder)}
    with log.open("wb") as file:
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=file)
    try:
        _wait_for(f"http://127.0.0.1:{port}/readyz", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)
    # Whatever clients did, even leaving in the middle of a body, no request failed for a fault of ours.
    assert '"request_failed"' not in log.read_text()


@pytest.fixture
async def crowd(served: str) -> AsyncIterator[Crowd]:
    """Many clients at once, each on a connection that is open already."""
    limits = httpx.Limits(max_connections=60, max_keepalive_connections=60)
    async with httpx.AsyncClient(base_url=served, limits=limits, timeout=10, trust_env=False) as client:
        made = Crowd(client)
        await made.warm_up()
        yield made


def _environment(database_url: str, folder: Path) -> Mapping[str, str]:
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


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url, timeout=1, trust_env=False).is_success:
                return
        time.sleep(0.05)
    pytest.fail(f"the application did not start:\n{log.read_text(errors='replace')[-2_000:]}")
