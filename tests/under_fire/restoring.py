"""A backup is taken and WAL archived under load; then the database is lost and restored to a point in time.

The point is named while outsiders ask. What was acknowledged by then has to be there again, what was asked
for later must not be, and the books have to agree.
"""

import asyncio
import random
import shutil
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import asyncpg

from builders import engine_for_tests
from cardwright.db.embedded import EmbeddedPostgres
from cardwright.db.embedded.postgres import binaries
from under_fire.books import Finding, Told, check
from under_fire.outsiders import Outsiders
from under_fire.stage import Stage, staged

_POINT: Final = "the_drill"
_CLIENTS: Final = 6


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of it; `before` was acknowledged before the point, `after` was asked for later."""

    before: int
    after: int
    after_there: int
    findings: Sequence[Finding]
    backup_seconds: float
    restore_seconds: float


async def lose_and_restore(folder: Path, *, seconds: float, seed: int) -> Restored:
    """Go through it in an empty folder; outsiders ask for so long before and after the point each."""
    archive, backup = folder / "archive", folder / "backup"
    archive.mkdir()
    archiving = {"archive_mode": "on", "archive_command": f"cp %p {archive}/%f", "wal_level": "replica"}
    async with staged(folder, people=6, postgres=archiving) as stage:
        chance = random.Random(seed)  # noqa: S311 - it only has to come again
        outsiders = Outsiders(stage.ports, stage.holdings, chance)
        asking = asyncio.create_task(outsiders.ask_until_over(_CLIENTS))
        await outsiders.have_begun.wait()
        began = time.monotonic()
        await _back_up(stage, backup)
        backup_seconds = time.monotonic() - began
        await asyncio.sleep(seconds)
        acknowledged = _as_of_now(outsiders.purchases), _as_of_now(outsiders.cards)
        await _ask(stage, f"SELECT pg_create_restore_point('{_POINT}')")
        asked = len(outsiders.purchases), len(outsiders.cards)
        await asyncio.sleep(seconds)
        outsiders.is_over = True
        await asking
        # The segment that is being written is archived once it is full, or told to be.
        await _ask(stage, "SELECT pg_switch_wal()")
        later = {it.key for it in outsiders.purchases[asked[0] :]}
        given = {card.id for it in stage.holdings.values() for card in it.cards}
        for process in stage.processes:
            process.kill()
        stage.server.stop(mode="immediate")
        shutil.rmtree(stage.server.directory / "data")
        began = time.monotonic()
        restored = await asyncio.to_thread(_restore, folder / "restored", backup, archive)
        restore_seconds = time.monotonic() - began
        try:
            url = await asyncio.to_thread(restored.start)
            there = await _until_writable(url)
            # What was on its way at the point may be there, and need not be.
            purchases = [*acknowledged[0], *_begun(outsiders.purchases, acknowledged[0], asked[0])]
            cards = [*acknowledged[1], *_begun(outsiders.cards, acknowledged[1], asked[1])]
            engine = engine_for_tests(url)
            findings = await check(engine, purchases, cards, given=given)
            await engine.dispose()
        finally:
            restored.stop(mode="immediate")
    return Restored(
        sum(bool(it.answers) for it in acknowledged[0]), len(later), len(later & there),
        [it for it in findings if it.kind != "unanswered"], backup_seconds, restore_seconds,
    )  # fmt: skip


def _as_of_now(told: Sequence[Told]) -> list[Told]:
    return [replace(it, answers=set(it.answers), tries=Counter(it.tries)) for it in told]


def _begun(all_told: Sequence[Told], known: Sequence[Told], count: int) -> list[Told]:
    return [replace(it, answers=set(), tries=Counter()) for it in all_told[len(known) : count]]


async def _back_up(stage: Stage, into: Path) -> None:
    command = [str(binaries() / "pg_basebackup"), "-D", str(into), "-d", stage.url, "--checkpoint=fast"]
    process = await asyncio.create_subprocess_exec(*command)
    assert await process.wait() == 0


def _restore(folder: Path, backup: Path, archive: Path) -> EmbeddedPostgres:
    server = EmbeddedPostgres(
        folder,
        settings={
            "restore_command": f"cp {archive}/%f %p", "recovery_target_name": _POINT,
            "recovery_target_action": "promote",
        },
    )  # fmt: skip
    folder.mkdir()
    shutil.copytree(backup, folder / "data")
    (folder / "data").chmod(0o700)
    (folder / "data" / "recovery.signal").touch()
    server.start()
    return server


async def _until_writable(url: str) -> set[str]:
    """Wait for the end of recovery; return what was decided by then."""
    connection = await asyncpg.connect(url)
    while await connection.fetchval("SELECT pg_is_in_recovery()"):  # noqa: ASYNC110 - another program does it
        await asyncio.sleep(0.05)
    rows = await connection.fetch("SELECT request_key FROM decisions")
    await connection.close()
    return {row["request_key"] for row in rows}


async def _ask(stage: Stage, query: str) -> None:
    connection = await asyncpg.connect(stage.url)
    await connection.execute(query)
    await connection.close()
