"""The commands `cardwright audit`: copies of the sealed trail, its checkpoint, its key, its catalogue."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Annotated, BinaryIO, Final

import typer
from rich.markup import escape

from cardwright import audit, wiring
from cardwright.core.clock import SystemClock
from cardwright.db.session import Session, create_engine, transaction
from cardwright.sealing import Head
from cardwright.settings import TrailSettings
from cardwright.terminal import DatabaseOption, console, explained

app: Final = typer.Typer(no_args_is_help=True, help="The sealed audit trail.")
_OPERATOR: Final = "operator"
ProgramOption = Annotated[
    str | None, typer.Option("--program", help="Whose trail; needed where there are several.")
]


@app.command()
def export(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="Where the JSON Lines go.")],
    database: DatabaseOption,
    program: ProgramOption = None,
) -> None:
    """Copy all that is sealed into a file that `cardwright verify audit` proves unchanged."""
    with explained("Not exported"), console.status("Exporting …"), path.open("wb") as file:
        size = asyncio.run(_export(file, database, program))
    console.print(f"[green]✓[/] {size} entries are in {escape(str(path))}.")


@app.command()
def checkpoint(database: DatabaseOption, program: ProgramOption = None) -> None:
    """Print the newest signed checkpoint: keep it where nobody who can change the database reaches it."""
    with explained("No checkpoint"):
        note = asyncio.run(_newest_note(database, program))
    typer.echo(note, nl=False)


@app.command()
def public_key() -> None:
    """Print the public key that exports verify with, as PEM."""
    with explained("No key"):
        settings = TrailSettings().audit
        if settings is None:
            raise ValueError("CARDWRIGHT_AUDIT__SIGNING_KEY_PEM is not set")
        pem = wiring.make_checkpoint_signer(settings).public_key_pem()
    typer.echo(pem, nl=False)


@app.command()
def actions() -> None:
    """Print the page of what is recorded as Markdown."""
    typer.echo(audit.handbook(), nl=False)


async def _export(file: BinaryIO, database: str, program: str | None) -> int:
    engine = create_engine(database)
    async with transaction(engine) as session:
        head = await _head(session, program)
        details, at = {"size": head.tree.size}, SystemClock().now()
        await audit.record(
            session, _OPERATOR, head.program_id, "audit.exported", head.program_id, details, at
        )
    async for lines in audit.export_lines(partial(transaction, engine), head):
        file.write(lines)
    await engine.dispose()
    return head.tree.size


async def _newest_note(database: str, program: str | None) -> str:
    engine = create_engine(database)
    async with transaction(engine) as session:
        head = await _head(session, program)
    await engine.dispose()
    return head.note


async def _head(session: Session, program: str | None) -> Head:
    trails = await audit.list_trails(session)
    if program is None and len(trails) > 1:
        raise ValueError(f"there are several trails, choose one with --program: {', '.join(trails)}")
    return await audit.get_head(session, program or "".join(trails))
