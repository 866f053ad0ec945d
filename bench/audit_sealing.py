"""How many audit entries are sealed, exported and verified a second, on a database of its own.

Run it with `uv run python bench/audit_sealing.py [ENTRIES]`.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from rich.console import Console
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import audit
from cardwright.core.clock import SystemClock
from cardwright.core.sensitive import Sensitive
from cardwright.db.embedded import EmbeddedPostgres
from cardwright.db.jobs import Work
from cardwright.db.migrate import upgrade
from cardwright.db.session import create_engine, transaction
from cardwright.programs import Program, ensure_program
from cardwright.sealing import CheckpointSigner, Verdict

T = TypeVar("T")
ENTRIES: Final = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
AT_ONCE: Final = 500
table: Final = Table("what", "entries", "seconds", "entries/s")


async def timed(what: str, do: Callable[[], Awaitable[T]]) -> T:
    """Do something to all entries and note how long it took."""
    begun = time.perf_counter()
    done = await do()
    seconds = time.perf_counter() - begun
    table.add_row(what, f"{ENTRIES:,}", f"{seconds:.2f}", f"{ENTRIES / seconds:,.0f}")
    return done


async def write(engine: AsyncEngine, program_id: str) -> None:
    """Record acts as the application does, some hundred in each transaction."""
    for first in range(0, ENTRIES, AT_ONCE):
        async with transaction(engine) as session:
            for number in range(first, min(first + AT_ONCE, ENTRIES)):
                details = {"before": {"month": number}, "after": {"month": number + 1}}
                await audit.record(
                    session, "user_bench", program_id, "card.limits_changed", f"card_{number}", details,
                    SystemClock().now(),
                )  # fmt: skip


async def export(engine: AsyncEngine, program_id: str) -> list[bytes]:
    """Return the export's lines."""
    begin = partial(transaction, engine)
    async with begin() as session:
        head = await audit.get_head(session, program_id)
    return b"".join([lines async for lines in audit.export_lines(begin, head)]).splitlines(keepends=True)


async def main(url: str) -> None:
    """Write, seal, export and verify."""
    engine = create_engine(url)
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    signer = CheckpointSigner(Sensitive(pem.decode()))
    async with transaction(engine) as session:
        program = await ensure_program(session, slug="bench", name="Bench", currency="USD")
    await timed("record", lambda: write(engine, program.id))
    work = Work(engine, SystemClock(), {CheckpointSigner: signer, Program: program})
    sealed = await timed("seal", lambda: audit.seal(work))
    lines = await timed("export", lambda: export(engine, program.id))

    async def judge() -> Verdict:
        return audit.verify_export(lines, signer.public_keys)

    async def compare() -> audit.TrailReport:
        async with transaction(engine) as session:
            return await audit.verify(session, signer.public_keys)

    verdict = await timed("verify the export", judge)
    report = await timed("verify the database", compare)
    assert (sealed, verdict.problems, report.findings) == (ENTRIES, (), [])  # noqa: S101 - figures of what is right
    await engine.dispose()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="cardwright-bench-") as folder:
        server = EmbeddedPostgres(Path(folder) / "pg")
        address = server.start()
        try:
            upgrade(address)
            asyncio.run(main(address))
        finally:
            server.stop(mode="immediate")
    Console().print(table)
