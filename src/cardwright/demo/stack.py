"""Everything the product needs, on one machine: databases, the outside world, the API and the worker."""

import asyncio
import fcntl
import json
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import httpx
import stripe

from cardwright import kyc, wiring
from cardwright.access import Role
from cardwright.adapters.key_file import FileKeyProvider
from cardwright.authentication import create_verified_identity, set_password
from cardwright.core.clock import SystemClock
from cardwright.core.errors import Conflict
from cardwright.db.embedded import EmbeddedPostgres, EmbeddedValkey
from cardwright.db.embedded.ports import free_port
from cardwright.db.migrate import upgrade
from cardwright.db.session import Session, transaction
from cardwright.demo import keys as demo_keys
from cardwright.demo.keys import DemoKeys
from cardwright.demo.processes import Children, answers
from cardwright.demo.score import ensure_demo_score
from cardwright.programs import ensure_program
from cardwright.users import grant_as_operator

SIMULATOR_KEY: Final = "sk_test_cardwright_simulator"
ENVIRONMENT_FILE: Final = "environment"
"""What the demo's processes were started with, to be read by a shell."""
METRICS_PORT: Final = 9464
"""Of the API; the worker's is the next one. Both are replaced where they are taken."""
_ACS_KEY: Final = "simulator-acs-key"
_TWILIO_ACCOUNT: Final = "AC00000000000000000000000000000001"
_TWILIO_TOKEN: Final = "simulator-twilio-token"  # noqa: S105 - the simulator's, made up
_TWILIO_NUMBER: Final = "+15005550006"
_ONFIDO_TOKEN: Final = "simulator-onfido-token"  # noqa: S105 - the simulator's, made up
_ONFIDO_WORKFLOW: Final = "00000000-0000-4000-8000-000000000002"
IDENTITY_VERIFIERS: Final = ("stripe", "onfido")
"""Onfido while Stripe Identity is down: order a fault of Stripe's API at the simulator, and see."""
_MOBILE_REDIRECT_URIS: Final = ("app.cardwright.mobile:/signed-in", "http://127.0.0.1/signed-in")
PROGRAM: Final = {"slug": "demo", "name": "Cardwright Demo", "currency": "USD"}
STAFF: Final[Mapping[str, Role]] = {
    "analyst@cardwright.example": Role.FRAUD_ANALYST,
    "finance@cardwright.example": Role.FINANCE,
    "support@cardwright.example": Role.SUPPORT,
    "reviewer@cardwright.example": Role.KYC_REVIEWER,
    "developer@cardwright.example": Role.DEVELOPER,
    "admin@cardwright.example": Role.ADMINISTRATOR,
    "admin2@cardwright.example": Role.ADMINISTRATOR,
}
"""The operator's last two grants: once there are two administrators, roles are given by four eyes."""
Tell = Callable[[str], AbstractContextManager[object]]


class DataInUse(Exception):
    """Another demo runs on the same data folder."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything is, once it runs."""

    api: str
    simulator: str
    database: str
    redis: str
    data: Path
    staff_password: str


@contextmanager
def running_stack(
    data: Path, *, tell: Tell, api_port: int = 8000, simulator_port: int = 4020, smtp_port: int = 4025,
    web: Path | None = None,
) -> Iterator[tuple[Addresses, Children]]:  # fmt: skip
    """Start everything on a data folder and stop it at the end; ports that are taken are replaced.

    `web` is the folder of the built web app, which the API then serves.
    """
    data = data.resolve()
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with ExitStack() as stack:
        lock(data, stack)
        children = Children(data / "logs", data / "processes")
        children.end_leftovers()
        keys = demo_keys.load_or_make(data / "keys.json")
        database, redis = _databases(data, children, stack, tell)
        with tell("Bringing the schema up to date"):
            upgrade(database)
            asyncio.run(seed(database, demo_keys.ensure_key_file(data), keys.staff_password))
        stack.callback(children.stop_all)
        # Browsers make passkeys for names, never for bare addresses.
        api = f"http://localhost:{free_port(api_port)}"
        simulator, smtp = _start_simulator(data, children, tell, simulator_port, smtp_port)
        keys = _register_webhooks(data, keys, api=api, simulator=simulator)
        environment = _environment(
            data, keys, database=database, redis=redis, api=api, simulator=simulator, smtp_port=smtp
        )
        if web is not None:
            environment["CARDWRIGHT_WEB__FOLDER"] = str(web.resolve())
            environment["CARDWRIGHT_OAUTH__SIGN_IN_PAGE"] = f"{api}/sign-in"
            environment["CARDWRIGHT_WEB__TEST_SHOP"] = f"{simulator}/pay"
        _write_environment(data / ENVIRONMENT_FILE, environment)
        with tell("Starting the API and the worker"):
            port = api.rsplit(":", 1)[1]
            watched = {"CARDWRIGHT_METRICS__PORT": str(free_port(METRICS_PORT))}
            served = children.start(
                "api", [*_cardwright(), "serve", "--port", port], {**environment, **watched}
            )
            watched = {"CARDWRIGHT_METRICS__PORT": str(free_port(METRICS_PORT + 1))}
            children.start("worker", [*_cardwright(), "worker"], {**environment, **watched})
            children.wait_for(served, lambda: answers(f"{api}/readyz"))
        yield Addresses(api, simulator, database, redis, data, keys.staff_password), children


def lock(data: Path, stack: ExitStack) -> None:
    """Keep a data folder to ourselves until the stack unwinds; raise DataInUse when somebody else has it."""
    file = stack.enter_context((data / "lock").open("w"))
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise DataInUse(f"Another demo is running on {data}; stop it first.") from error


def _databases(data: Path, children: Children, stack: ExitStack, tell: Tell) -> tuple[str, str]:
    database, redis = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
    if not database:
        with tell("Starting PostgreSQL"):
            postgres = EmbeddedPostgres(data / "postgres")
            database = postgres.start()
            stack.callback(postgres.stop)
    if not redis:
        with tell("Starting Valkey"):
            valkey = EmbeddedValkey(data / "valkey")
            redis = valkey.start()
            stack.callback(valkey.stop)
            if valkey.process_id is not None:
                children.remember(valkey.process_id)
    return database, redis


async def seed(database: str, key_file: Path, password: str) -> None:
    """Make the program, its staff, a list to screen by and a score; done again, nothing changes."""
    engine = wiring.sealing_engine(database, FileKeyProvider(key_file, accept_demo=True))
    now = SystemClock().now()
    async with transaction(engine) as session:
        program = await ensure_program(session, **PROGRAM)
        for email, role in STAFF.items():
            user_id = await create_verified_identity(session, email, password, program.id, now)
            # The database may be older than the data folder, which has the pass phrase that is printed.
            await set_password(session, user_id, email, password)
            await _grant(session, user_id, role, now, program.id)
        await kyc.import_list(session, program.id, "fictitious", kyc.fictitious_list(), by="demo", at=now)
        await ensure_demo_score(session, program.id, now)
    await engine.dispose()


async def _grant(session: Session, user_id: str, role: Role, at: datetime, program_id: str) -> None:
    try:
        await grant_as_operator(session, user_id, role, at, program_id=program_id)
    except Conflict as governed:
        # A demo that was begun when there was no such role among its staff: two of them may still give it.
        if governed.code != "program_governs_itself":
            raise


def _start_simulator(
    data: Path, children: Children, tell: Tell, port: int, smtp_port: int
) -> tuple[str, int]:
    with tell("Starting the outside world (the simulator)"):
        port, smtp_port = free_port(port), free_port(smtp_port)
        command = [sys.executable, "-m", "simulator", "--port", str(port), "--smtp-port", str(smtp_port)]
        child = children.start("simulator", [*command, "--data", str(data / "simulator")], {})
        address = f"http://127.0.0.1:{port}"
        children.wait_for(child, lambda: answers(f"{address}/_sim/health"))
    return address, smtp_port


def simulator_client(address: str) -> stripe.StripeClient:
    """Return Stripe's official client, pointed at the simulator."""
    client = stripe.HTTPXClient(timeout=20, allow_sync_methods=True)
    return stripe.StripeClient(
        SIMULATOR_KEY,
        # An address left out would silently be the real one.
        base_addresses={"api": address, "connect": address, "files": address, "meter_events": address},
        http_client=client,
        max_network_retries=2,
    )


def _register_webhooks(data: Path, keys: DemoKeys, *, api: str, simulator: str) -> DemoKeys:
    # What an operator does once in Stripe's dashboard. The endpoint is kept, so that events which were still
    # on their way when the demo stopped arrive at the next start.
    endpoints = simulator_client(simulator).v1.webhook_endpoints
    url = f"{api}/webhooks/stripe"
    known = {endpoint.id for endpoint in endpoints.list({"limit": 100}).data}
    if keys.webhook_endpoint in known:
        endpoints.update(keys.webhook_endpoint, {"url": url})
        return keys
    made = endpoints.create({"url": url, "enabled_events": ["*"]})
    keys = replace(keys, webhook_endpoint=made.id, webhook_secret=str(made.secret))
    demo_keys.save(data / "keys.json", keys)
    return keys


def _environment(
    data: Path, keys: DemoKeys, *, database: str, redis: str, api: str, simulator: str, smtp_port: int
) -> dict[str, str]:
    setting = {"url": f"{api}/webhooks/stripe/authorizations", "timeout_default": "decline"}
    realtime = httpx.post(f"{simulator}/_sim/stripe/realtime", json=setting, timeout=10)
    endpoint = {"url": f"{api}/webhooks/acs"}
    acs = httpx.post(f"{simulator}/_sim/acs/endpoint", json=endpoint, timeout=10)
    replies = {"url": f"{api}/webhooks/twilio-replies"}
    httpx.post(f"{simulator}/_sim/twilio/endpoint", json=replies, timeout=10).raise_for_status()
    events = {"url": f"{api}/webhooks/sendgrid"}
    httpx.post(f"{simulator}/_sim/mail/endpoint", json=events, timeout=10).raise_for_status()
    mail_key = httpx.get(f"{simulator}/_sim/mail/verification-key", timeout=10).json()["verification_key"]
    runs = {"url": f"{api}/webhooks/onfido"}
    onfido = httpx.post(f"{simulator}/_sim/onfido/endpoint", json=runs, timeout=10)
    account = httpx.get(f"{simulator}/_sim/fcm/service-account.json", timeout=10)
    account_file = data / "push-account.json"
    account_file.touch(mode=0o600)
    account_file.write_text(account.text)
    groups = {
        "PROGRAM": {name.upper(): value for name, value in PROGRAM.items()},
        "SECURITY": {"CODE_KEY": keys.code_key},
        "OAUTH": {"MOBILE_REDIRECT_URIS": json.dumps(_MOBILE_REDIRECT_URIS)},
        "AUDIT": {"SIGNING_KEY_PEM": keys.audit_key_pem},
        "ENCRYPTION": {"PROVIDER": "file", "KEY_FILE": str(data / demo_keys.KEY_FILE)},
        "STRIPE": {
            "API_KEY": SIMULATOR_KEY, "BASE_URL": simulator, "WEBHOOK_SECRET": keys.webhook_secret,
            "AUTHORIZATION_SECRET": realtime.json()["secret"],
        },
        "ACS": {"API_KEY": _ACS_KEY, "BASE_URL": simulator, "WEBHOOK_SECRET": acs.json()["secret"]},
        "ONFIDO": {
            "API_TOKEN": _ONFIDO_TOKEN, "BASE_URL": f"{simulator}/v3.6", "WORKFLOW_ID": _ONFIDO_WORKFLOW,
            "WEBHOOK_TOKEN": onfido.json()["token"],
        },
        "TWILIO": {
            "ACCOUNT_SID": _TWILIO_ACCOUNT, "AUTH_TOKEN": _TWILIO_TOKEN, "SENDER": _TWILIO_NUMBER,
            "BASE_URL": simulator,
        },
        "FCM": {"SERVICE_ACCOUNT_FILE": str(account_file), "BASE_URL": simulator},
        "WEB_PUSH": {"PRIVATE_KEY": keys.web_push_key, "CONTACT": "mailto:operator@cardwright.example"},
        # The simulator's push service, and receivers of webhooks on this machine.
        "OUTBOUND": {"ALLOWED_NETWORKS": '["127.0.0.1/32"]'},
        "EMAIL": {"SENDGRID_WEBHOOK_KEY": mail_key},
        "SMTP": {"HOST": "127.0.0.1", "PORT": str(smtp_port), "START_TLS": "false"},
        # Nobody stands before the demo who would have to notice.
        "DRAIN": {"SECONDS": "0"},
        "LIMITS": {"PER_CLIENT": "10000/hour"},
        "BACKTESTS": {"FOLDER": str(data / "backtests")},
    }  # fmt: skip
    nested = {
        f"CARDWRIGHT_{group}__{name}": value
        for group, members in groups.items()
        for name, value in members.items()
    }
    return {
        "CARDWRIGHT_ENVIRONMENT": "demo",
        "CARDWRIGHT_PUBLIC_URL": api,
        "CARDWRIGHT_IDENTITY_VERIFIERS": json.dumps(IDENTITY_VERIFIERS),
        "DATABASE_URL": database,
        "REDIS_URL": redis,
        **nested,
    }


def _write_environment(file: Path, environment: Mapping[str, str]) -> None:
    # For whoever gives commands beside the demo; secrets are in it.
    file.touch(mode=0o600)
    lines = [f"export {name}={shlex.quote(value)}" for name, value in environment.items()]
    file.write_text("\n".join(lines) + "\n")


def _cardwright() -> list[str]:
    return [sys.executable, "-m", "cardwright"]
