"""The commands `cardwright keys`: which keys there are, and replacing them while the product runs."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import audit, encryption, oauth, wiring
from cardwright.adapters.key_file import add_key
from cardwright.core.clock import SystemClock
from cardwright.db.session import transaction
from cardwright.encryption import Keyring, KeyStatus, Rotation
from cardwright.settings import KeySettings
from cardwright.terminal import console, explained

app: Final = typer.Typer(
    no_args_is_help=True, help="The keys that data is encrypted with and tokens are signed with."
)
_STATES: Final = {"current": "green", "superseded": "yellow", "retired": "dim", "destroyed": "dim"}


@app.command()
def status() -> None:
    """Show every data key: its epoch, how many records it has, which key it is wrapped with."""
    with explained("No status"):
        found = asyncio.run(_status())
    table = Table("program", "for", "epoch", "state", "records", "key", "wrapped with")
    table.columns[4].justify = "right"
    table.columns[5].overflow = table.columns[6].overflow = "fold"
    for program_id, key in found:
        state = f"[{_STATES[key.state]}]{key.state}[/]"
        records = str(key.records) if key.purpose == "sealing" else ""
        table.add_row(
            program_id, key.purpose, str(key.epoch), state, records, key.key_id, escape(key.provider_key_id)
        )
    console.print(table)


@app.command()
def rotate(
    resume: Annotated[
        bool, typer.Option(help="Finish a rotation that was interrupted instead of beginning another.")
    ] = False,
) -> None:
    """Begin a new epoch, write every record anew under it, retire the one before."""
    with explained("Not rotated", hint="run it again with --resume to go on where it was"):
        asyncio.run(_rotate(resume=resume))


@app.command()
def rewrap() -> None:
    """Wrap the data keys with the provider's newest key; records stay as they are."""
    with explained("Not rewrapped"):
        count = asyncio.run(_rewrap())
    console.print(f"[green]✓[/] {count} data keys are wrapped with the newest key.")


@app.command()
def rotate_signing(
    compromised: Annotated[
        bool, typer.Option(help="Refuse what the active key signed from now on; everybody signs in anew.")
    ] = False,
) -> None:
    """Let the next key sign tokens and retire the active one, while the product runs."""
    with explained("Not rotated"):
        asyncio.run(_rotate_signing(is_compromised=compromised))


@app.command()
def add_kek(path: Annotated[Path, typer.Argument(help="The key file; made when it is missing.")]) -> None:
    """Add a key-encryption key to a key file; it is the newest from now on. Then run `keys rewrap`."""
    with explained("No key was added"):
        key_id = add_key(path)
    console.print(f"[green]✓[/] {escape(str(path))} has the key {key_id}.")


@asynccontextmanager
async def _opened() -> AsyncIterator[tuple[AsyncEngine, Keyring, Sequence[str]]]:
    settings = KeySettings()
    keyring = wiring.make_keyring(settings)
    engine = wiring.make_engine(settings, keyring)
    try:
        async with transaction(engine) as session:
            programs = await encryption.list_programs(session)
        yield engine, keyring, programs
    finally:
        await engine.dispose()


async def _status() -> Sequence[tuple[str, KeyStatus]]:
    async with _opened() as (engine, keyring, programs), transaction(engine) as session:
        return [
            (program_id, key)
            for program_id in programs
            for key in await encryption.list_key_status(session, keyring, program_id)
        ]


async def _rotate(*, resume: bool) -> None:
    bar = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    async with _opened() as (engine, keyring, programs):
        for program_id in programs:
            rotation = Rotation(engine, keyring, program_id)
            if not resume:
                await rotation.begin()
            with Progress(*bar, console=console, transient=True) as progress:
                task = progress.add_task(f"{program_id}: writing records anew", total=None)

                def tell(done: int, total: int, progress: Progress = progress, task: TaskID = task) -> None:
                    progress.update(task, completed=done, total=total)

                written = await rotation.finish(tell)
            await _record(engine, program_id, "data_key.rotated", {"records": written})
            console.print(f"[green]✓[/] {program_id}: {written} records are under the newest key.")


async def _rotate_signing(*, is_compromised: bool) -> None:
    at = SystemClock().now()
    async with _opened() as (engine, _, programs):
        for program_id in programs:
            async with transaction(engine) as session:
                key_id = await oauth.rotate_signing_keys(
                    session, program_id, at, is_compromised=is_compromised
                )
            console.print(f"[green]✓[/] {program_id}: tokens are signed by {key_id}.")


async def _rewrap() -> int:
    total = 0
    async with _opened() as (engine, keyring, programs):
        for program_id in programs:
            count = await encryption.rewrap(engine, keyring, program_id)
            await _record(engine, program_id, "data_key.rewrapped", {"keys": count})
            total += count
    return total


async def _record(
    engine: AsyncEngine, program_id: str, action: audit.Action, details: Mapping[str, int]
) -> None:
    async with transaction(engine) as session:
        at = SystemClock().now()
        await audit.record(session, "operator", program_id, action, program_id, details, at)
