"""The command `cardwright doctor`: what is wrong with an installation, and what to do about it."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Final

import typer
from rich.markup import escape
from rich.table import Table

from cardwright import doctor as examination
from cardwright.doctor import Finding, Level, Scope, is_fit
from cardwright.terminal import console

_MARKS: Final = {
    Level.OK: "[green]✓[/]", Level.WARNING: "[yellow]![/]", Level.PROBLEM: "[red]✗[/]",
    Level.SKIPPED: "[dim]-[/]",
}  # fmt: skip


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="For programs: everything as JSON.")] = False,
    quick: Annotated[bool, typer.Option(help="Leave the books out, which take longest.")] = False,
    from_outside: Annotated[
        bool, typer.Option(help="Ask the API at its public address, too; not where it cannot be reached.")
    ] = True,
) -> None:
    """Examine this installation, say what is wrong and what to do; exit with 1 if anything must be done."""
    scope = Scope(with_books=not quick, with_public_address=from_outside)
    found = asyncio.run(examination.examine(scope))
    if as_json:
        typer.echo(json.dumps({"is_fit": is_fit(found), "findings": [asdict(it) for it in found]}, indent=2))
    else:
        _show(found)
    if not is_fit(found):
        raise typer.Exit(1)


def _show(found: Sequence[Finding]) -> None:
    table = Table("", "what", "how it is", "what to do")
    for each in found:
        table.add_row(_MARKS[each.level], each.check, escape(each.said), escape(each.remedy))
    console.print(table)
    counts = Counter(each.level for each in found)
    if is_fit(found):
        warned = f"{counts[Level.WARNING]} warning(s)" if counts[Level.WARNING] else "no warning"
        console.print(f"[green]✓[/] Nothing has to be mended; {warned}.")
    else:
        console.print(f"[red]✗[/] {counts[Level.PROBLEM]} problem(s), {counts[Level.WARNING]} warning(s).")
