"""Measures whether answers take longer for addresses that somebody has: Welch's t over pairs of requests.

    uv run python bench/enumeration_timing.py --pairs 2000

Below 4.5 in magnitude there is nothing to see. Starts a PostgreSQL of its own and speaks to the product in
this process, so that no network hides a difference.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import fmean, variance
from typing import Annotated, Any, Final

import httpx
import structlog
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from browsers import forgetful_jar
from builders import engine_for_tests, provided_for_tests
from cardwright.authentication import AuthLimits, create_verified_identity
from cardwright.core.clock import SystemClock
from cardwright.core.ids import new_id
from cardwright.db.embedded import EmbeddedPostgres
from cardwright.db.migrate import upgrade
from cardwright.db.session import transaction
from cardwright.main import build_app
from cardwright.programs import Program

THRESHOLD: Final = 4.5
_PASSWORD: Final = "correct horse battery staple"  # noqa: S105 - made up
_KNOWN: Final = 50
Ask = Callable[[str], Awaitable[Any]]


def welch_t(one: list[float], other: list[float]) -> float:
    """Return Welch's t of two samples of at least two values each."""
    spread = variance(one) / len(one) + variance(other) / len(other)
    return (fmean(one) - fmean(other)) / spread**0.5


async def measure(
    ask: Ask, known: list[str], pairs: int, advance: Callable[[], None]
) -> tuple[float, float, float]:
    """Return the mean milliseconds for known and unknown addresses, and Welch's t between them."""
    taken: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(pairs):
        order = [True, False]
        random.shuffle(order)
        for is_known in order:
            address = random.choice(known) if is_known else f"{new_id('nobody')}@example.com"  # noqa: S311 - no secret
            began = time.perf_counter_ns()
            await ask(address)
            taken[is_known].append((time.perf_counter_ns() - began) / 1e6)
        advance()
    return fmean(taken[True]), fmean(taken[False]), welch_t(taken[True], taken[False])


def asks(client: httpx.AsyncClient) -> dict[str, Ask]:
    """Return what strangers can ask about an address."""

    async def post(path: str, **body: str) -> None:
        answer = await client.post(f"/v1/auth/{path}", json=body, headers={"Idempotency-Key": new_id("key")})
        if answer.status_code not in {202, 401}:
            raise SystemExit(f"{path} answered {answer.status_code}: {answer.text}")

    return {
        "register": lambda email: post("register", email=email, password=_PASSWORD),
        "sign-in": lambda email: post("sign-in", email=email, password="a wrong but long password"),  # noqa: S106 - made up
        "forgot-password": lambda email: post("forgot-password", email=email),
        "resend-code": lambda email: post("resend-code", email=email, registration_id=new_id("reg")),
    }


async def run(database: str, pairs: int, console: Console) -> bool:
    """Measure everything, print a table, and return whether nothing can be seen."""
    engine, clock = engine_for_tests(database), SystemClock()
    provided = {**await provided_for_tests(engine, clock), AuthLimits: AuthLimits.relaxed("1000000/minute")}
    known = [f"person{number}@example.com" for number in range(_KNOWN)]
    for email in known:
        async with transaction(engine) as session:
            await create_verified_identity(session, email, _PASSWORD, provided[Program].id, clock.now())
    table, is_quiet = Table("asked", "known ms", "unknown ms", "Welch's t"), True
    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    transport = httpx.ASGITransport(build_app(engine, provided))
    async with httpx.AsyncClient(
        transport=transport, base_url="https://cardwright.test", cookies=forgetful_jar()
    ) as client:
        with Progress(*columns, console=console) as progress:
            for name, ask in asks(client).items():
                await measure(ask, known, 20, lambda: None)
                task = progress.add_task(name, total=pairs)
                here, there, t = await measure(ask, known, pairs, lambda task=task: progress.advance(task))
                is_quiet = is_quiet and abs(t) < THRESHOLD
                table.add_row(name, f"{here:.2f}", f"{there:.2f}", f"{t:+.2f}")
    await engine.dispose()
    console.print(table)
    return is_quiet


def main(pairs: Annotated[int, typer.Option(min=10)] = 2000) -> None:
    """Measure; the exit status is 1 when a difference can be seen."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory(), processors=[lambda *it: it[2]])
    console = Console()
    with tempfile.TemporaryDirectory(prefix="cardwright-bench-") as folder:
        server = EmbeddedPostgres(Path(folder) / "pg")
        database = server.start()
        try:
            upgrade(database)
            is_quiet = asyncio.run(run(database, pairs, console))
        finally:
            server.stop(mode="immediate")
    raise typer.Exit(0 if is_quiet else 1)


if __name__ == "__main__":
    typer.run(main)
