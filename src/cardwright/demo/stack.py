"""Everything the product needs, on one machine: databases, the outside world, the API and the worker."""

import asyncio
import fcntl
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

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
from cardwright.demo import simulated
from cardwright.demo.keys import ENVIRONMENT_FILE
from cardwright.demo.processes import Children, answers
from cardwright.demo.score import ensure_demo_score
from cardwright.demo.simulated import PROGRAM
from cardwright.programs import ensure_program
from cardwright.users import grant_as_operator

METRICS_PORT: Final = 9464
"""Of the API; the worker's is the next one. Both are replaced where they are taken."""
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
        keys = simulated.register_webhooks(data, keys, api=api, simulator=simulator)
        environment = simulated.environment(
            data, keys, database=database, redis=redis, api=api, simulator=simulator, mail=("127.0.0.1", smtp)
        )
        # Nobody stands before the demo who would have to notice that a process stops.
        environment["CARDWRIGHT_DRAIN__SECONDS"] = "0"
        if web is not None:
            environment = simulated.with_web(environment, api=api, simulator=simulator, folder=web.resolve())
        simulated.write_environment(data / ENVIRONMENT_FILE, environment)
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


def _cardwright() -> list[str]:
    return [sys.executable, "-m", "cardwright"]
