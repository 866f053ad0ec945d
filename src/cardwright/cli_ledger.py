"""The commands `cardwright ledger`: copies of the sealed journal, its checkpoint; and the trial balance."""

import asyncio
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape
from rich.table import Table

from cardwright import ledger
from cardwright.cli_logs import ProgramOption, newest_note, write_copy
from cardwright.core.money import decimal_text
from cardwright.db.session import Session
from cardwright.ledger import TrialBalance
from cardwright.programs import list_programs
from cardwright.terminal import DatabaseOption, console, explained, in_transaction

app: Final = typer.Typer(no_args_is_help=True, help="The sealed journal.")


@app.command()
def export(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="Where the JSON Lines go.")],
    database: DatabaseOption,
    program: ProgramOption = None,
) -> None:
    """Copy all that is sealed into a file that `cardwright verify ledger` proves unchanged."""
    with explained("Not exported"), path.open("wb") as file:
        size = asyncio.run(write_copy(file, ledger.JOURNAL, "ledger.exported", database, program))
    console.print(f"[green]✓[/] {size} entries are in {escape(str(path))}.")


@app.command()
def checkpoint(database: DatabaseOption, program: ProgramOption = None) -> None:
    """Print the newest signed checkpoint: keep it where nobody who can change the database reaches it."""
    with explained("No checkpoint"):
        note = asyncio.run(newest_note(ledger.JOURNAL, database, program))
    typer.echo(note, nl=False)


def trial_balance(
    database: DatabaseOption,
    at: Annotated[
        str | None, typer.Option(help="An instant with its zone, such as 2026-10-31T23:59:59Z; else now.")
    ] = None,
    program: Annotated[str | None, typer.Option("--program", help="A program's slug; else all.")] = None,
) -> None:
    """Add up every account of each program and currency; debits and credits are the same, or say so."""
    with explained("No trial balance"):
        instant = None if at is None else _instant(at)
        do = partial(_balances, slug=program, at=instant)
        found = asyncio.run(in_transaction(database, "Adding up", do))
    for name, balance in found.items():
        console.print(_table(name, balance))
    if any(difference for balance in found.values() for difference in balance.difference.values()):
        console.print("[red]✗[/] Debits and credits differ: the books are wrong.")
        raise typer.Exit(1)
    console.print("[green]✓[/] Debits and credits are the same.")


async def _balances(session: Session, *, slug: str | None, at: datetime | None) -> dict[str, TrialBalance]:
    wanted = [each for each in await list_programs(session) if slug in {None, each.slug}]
    if not wanted:
        raise ValueError(f"there is no program {slug}" if slug else "there is no program yet")
    return {each.name: await ledger.trial_balance(session, each.id, at=at) for each in wanted}


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("the instant lacks its zone, such as Z or +01:00")
    return found


def _table(name: str, balance: TrialBalance) -> Table:
    table = Table("account", "currency", title=escape(name))
    for column in ("debits", "credits", "balance"):
        table.add_column(column, justify="right")
    for line in balance.lines:
        amounts = (line.debits, line.credits, line.balance)
        table.add_row(line.code, line.currency, *(decimal_text(each, line.currency) for each in amounts))
    for currency, difference in balance.difference.items():
        table.add_section()
        table.add_row("[bold]difference[/]", currency, "", "", decimal_text(difference, currency))
    return table
