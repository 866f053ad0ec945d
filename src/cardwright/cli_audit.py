"""The commands `cardwright audit`: copies of the sealed trail, its checkpoint, its key, its catalogue."""

import asyncio
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape

from cardwright import audit, wiring
from cardwright.cli_logs import ProgramOption, newest_note, write_copy
from cardwright.settings import TrailSettings
from cardwright.terminal import DatabaseOption, console, explained

app: Final = typer.Typer(no_args_is_help=True, help="The sealed audit trail.")


@app.command()
def export(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="Where the JSON Lines go.")],
    database: DatabaseOption,
    program: ProgramOption = None,
) -> None:
    """Copy all that is sealed into a file that `cardwright verify audit` proves unchanged."""
    with explained("Not exported"), path.open("wb") as file:
        size = asyncio.run(write_copy(file, audit.TRAIL, "audit.exported", database, program))
    console.print(f"[green]✓[/] {size} entries are in {escape(str(path))}.")


@app.command()
def checkpoint(database: DatabaseOption, program: ProgramOption = None) -> None:
    """Print the newest signed checkpoint: keep it where nobody who can change the database reaches it."""
    with explained("No checkpoint"):
        note = asyncio.run(newest_note(audit.TRAIL, database, program))
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
