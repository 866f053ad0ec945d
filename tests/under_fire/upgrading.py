"""One release takes another's place under load, across a migration, and back again.

The release before is the code as it was before the newest migration, out of the repository's history. It
serves while the new code migrates its database; then each process is stopped, as a supervisor does, and
started as the new release, one after the other, so that both serve side by side; and then the other way
round, on the schema as it is now. Outsiders ask all the time, and ask again where a process was stopping.
"""

import asyncio
import json
import os
import random
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import cardwright
from builders import engine_for_tests
from cardwright.db import migrate
from cardwright.db.embedded import EmbeddedPostgres, EmbeddedValkey
from cardwright.db.embedded.ports import free_port
from killable import Killable, Nursery
from running_application import environment_of
from under_fire.books import Finding, check
from under_fire.outsiders import Outsiders
from under_fire.stage import API_PROCESSES, BALANCE, PRODUCT, until_serving

ROOT: Final = Path(cardwright.__file__).parents[2]
_MIGRATIONS: Final = "src/cardwright/db/migrations/versions"
_PEOPLE: Final = 6
_CLIENTS: Final = 6
_PATIENCE_SECONDS: Final = 5.0
"""How long a process is let finish: supervisors wait longer, and then kill as well."""


@dataclass(frozen=True, slots=True)
class Known:
    """A holder, as outsiders know them."""

    user_id: str
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What came of it: authorizations `decided` in each stretch, and everything that is wrong in the end."""

    decided: Mapping[str, int]
    findings: Sequence[Finding]


def before_the_newest_migration() -> str | None:
    """Return the commit before the newest migration came; None where there is no such history."""
    newest = max(path.name for path in (ROOT / _MIGRATIONS).glob("[0-9]*.py"))
    added = _git("log", "-1", "--format=%H", "--diff-filter=A", "--", f"{_MIGRATIONS}/{newest}")
    return _git("rev-parse", "--verify", "--quiet", f"{added}~1") if added else None


def _git(*arguments: str) -> str | None:
    done = subprocess.run(["git", "-C", str(ROOT), *arguments], check=False, capture_output=True, text=True)
    return done.stdout.strip() or None if done.returncode == 0 else None


async def replace_and_go_back(folder: Path, old_commit: str, *, seconds: float, seed: int) -> Upgraded:
    """Go through it in an empty folder, so many seconds in each stretch."""
    # Apart from what the test leaves: tests know numbers of cards, which are looked for there.
    with tempfile.TemporaryDirectory() as code, _running(folder) as (url, environment):
        await asyncio.to_thread(_unpack, old_commit, Path(code))
        old_paths = os.pathsep.join(f"{code}/{it}" for it in ("src", "tests"))
        old = Nursery({**environment, "PYTHONPATH": old_paths}, folder / "old.log")
        new = Nursery({**environment, "PYTHONPATH": str(ROOT / "src")}, folder / "new.log")
        await _run(old, "-c", f"from cardwright.db.migrate import upgrade; upgrade({url!r})")
        people = json.loads(
            await _run(old, str(Path(__file__).with_name("people.py")), url, str(_PEOPLE), str(BALANCE))
        )
        ports = [free_port() for _ in range(API_PROCESSES)]
        served = [Killable(old, it) for it in ("worker", *(f"api {port} {PRODUCT}" for port in ports))]
        try:
            return await _replaced(url, people, ports, served, old, new, seconds, seed)
        finally:
            for process in served:
                process.kill()
            old.close()
            new.close()


async def _replaced(
    url: str, people: Mapping[str, Any], ports: Sequence[int], served: Sequence[Killable], old: Nursery,
    new: Nursery, seconds: float, seed: int,
) -> Upgraded:  # fmt: skip
    for process in served:
        await asyncio.to_thread(process.start)
    await until_serving(ports)
    holdings = {email: Known(it["user_id"], tuple(it["references"])) for email, it in people.items()}
    chance = random.Random(seed)  # noqa: S311 - it only has to come again
    outsiders = Outsiders(ports, holdings, chance)
    asking = asyncio.create_task(outsiders.ask_until_over(_CLIENTS))
    decided, counted = {}, 0

    async def stretch(name: str) -> None:
        nonlocal counted
        await asyncio.sleep(seconds)
        decided[name] = outsiders.counts["decided"] - counted
        counted = outsiders.counts["decided"]

    try:
        await outsiders.have_begun.wait()
        await stretch("old code, old schema")
        await asyncio.to_thread(migrate.upgrade, url)
        await stretch("old code, new schema")
        for what, nursery in (("new", new), ("old again", old)):
            for number, process in enumerate(served):
                await asyncio.to_thread(process.stop, _PATIENCE_SECONDS)
                process.nursery = nursery
                await asyncio.to_thread(process.start)
                await until_serving(ports)
                if number == 1:
                    await stretch(f"side by side, {what}")
            await stretch(f"{what} code alone")
    finally:
        outsiders.is_over = True
        await asking
    engine = engine_for_tests(url)
    given = {card for it in people.values() for card in it["cards"]}
    findings = await check(engine, outsiders.purchases, outsiders.cards, given=given)
    await engine.dispose()
    return Upgraded(decided, findings)


@contextmanager
def _running(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    server = EmbeddedPostgres(folder / "pg", port=free_port())
    valkey = EmbeddedValkey(folder / "valkey", port=free_port())
    try:
        url = server.start()
        yield url, {**os.environ, **environment_of(url, folder), "REDIS_URL": valkey.start()}
    finally:
        valkey.stop()
        server.stop(mode="immediate")


def _unpack(commit: str, into: Path) -> None:
    packed = subprocess.run(
        ["git", "-C", str(ROOT), "archive", commit, "src", "tests"], check=True, capture_output=True
    )
    with tarfile.open(fileobj=BytesIO(packed.stdout)) as archive:
        archive.extractall(into)  # noqa: S202 - it was packed here


async def _run(code: Nursery, *arguments: str) -> str:
    """Run Python with one release's code; return what it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env=code.environment, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0
    return printed.decode()
