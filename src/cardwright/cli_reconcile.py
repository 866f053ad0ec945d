"""The command `cardwright reconcile`: compare everything now, watch it, and read what differs."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Final

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from cardwright import reconciliation, wiring
from cardwright.core.clock import Clock
from cardwright.core.errors import Conflict
from cardwright.db.jobs import Work
from cardwright.programs import Program
from cardwright.reconciliation import Difference, Run, RunState
from cardwright.settings import Settings
from cardwright.terminal import console, explained

OPERATOR: Final = "operator"
_STEPS: Final = tuple(RunState)
_SHOWN: Final = 50
SinceOption = Annotated[
    datetime | None,
    typer.Option(help="Look back at least to this day; otherwise to the end of the last run."),
]


def reconcile(since: SinceOption = None) -> None:
    """Compare the vendors' reports with the books, repair what converging mends, list what differs."""
    with explained("Not reconciled"):
        wiring.make_keyring(Settings())
        run, left = asyncio.run(_reconcile(since.replace(tzinfo=UTC) if since else None))
    console.print(
        f"Read {run.fetched} records, compared {run.compared}; {run.found} differences are new, "
        f"{run.repaired} are gone. What moved a moment ago may still be told of: a later run judges it."
    )
    if not left:
        console.print("[green]✓[/] Both sides agree.")
        return
    console.print(_table(left))
    console.print(f"[red]✗[/] {len(left)} differences wait for somebody.")
    raise typer.Exit(1)


async def _reconcile(since: datetime | None) -> tuple[Run, Sequence[Difference]]:
    settings = Settings()
    engine = wiring.make_engine(settings, wiring.make_keyring(settings))
    provided = await wiring.provide(settings, engine)
    try:
        return await reconcile_now(Work(engine, provided[Clock], provided), since)
    finally:
        await wiring.close(provided)
        await engine.dispose()


async def reconcile_now(work: Work, since: datetime | None) -> tuple[Run, Sequence[Difference]]:
    """Carry out a run with its progress on the terminal; return it and what is still open.

    Raises Conflict `run_unfinished` while somebody else carries one out.
    """
    program = work.get(Program)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[said]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("requested", total=len(_STEPS), said="")

        async def tell(run: Run) -> None:
            said = f"{run.fetched} read, {run.compared} compared, {run.found} found, {run.repaired} gone"
            progress.update(task, description=run.state, completed=_STEPS.index(run.state), said=said)

        async with work.transaction() as session:
            if await reconciliation.find_unfinished(session, program.id) is None:
                await reconciliation.request_run(
                    session, program_id=program.id, since=since, by=OPERATOR, at=work.clock.now()
                )
        run = await reconciliation.run_due(work, tell)
    if run is None:
        raise Conflict("run_unfinished", "The worker carries out a run; wait until it has ended.")
    async with work.transaction() as session:
        return run, await reconciliation.open_differences(session, program.id)


def _table(differences: Sequence[Difference]) -> Table:
    table = Table("record", "vendor's id", "differs", "lacking", "first seen", "can be mended by", "why")
    for it in differences[:_SHOWN]:
        table.add_row(
            it.record, escape(it.external_id), it.kind, f"{it.delta} {it.currency}" if it.delta else "",
            f"{it.first_seen_at:%Y-%m-%d %H:%M}", it.repair, reconciliation.SENTENCES[it.cause],
        )  # fmt: skip
    if len(differences) > _SHOWN:
        table.add_row("…", f"and {len(differences) - _SHOWN} more")
    return table
