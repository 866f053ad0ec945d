"""The commands `cardwright screening`: put a list into use, screen everybody by it, tell what is in use."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from cardwright import kyc, wiring
from cardwright.core.clock import Clock
from cardwright.db.jobs import Work
from cardwright.kyc import ListFile, ScreeningList, ScreeningOccasion, ScreeningRun
from cardwright.programs import Program
from cardwright.settings import Settings
from cardwright.terminal import console, explained

app = typer.Typer(no_args_is_help=True, help="Lists of those nobody may serve.")
_OPERATOR: Final = "operator"
_PAUSE_SECONDS: Final = 0.2
FileArgument = Annotated[
    Path,
    typer.Argument(
        exists=True, dir_okay=False, help="SDN.CSV of OFAC, or targets.simple.csv of OpenSanctions."
    ),
]
AliasesOption = Annotated[
    Path | None, typer.Option(exists=True, dir_okay=False, help="ALT.CSV, the aliases beside SDN.CSV.")
]


@app.command("import")
def import_file(
    file: FileArgument,
    name: Annotated[str, typer.Option(help="What the list is called, such as ofac.")],
    aliases: AliasesOption = None,
) -> None:
    """Put a file into use in place of the list of that name; the worker then screens everybody."""
    with explained("Not imported"):
        with console.status("Reading …"):
            read = kyc.read_list(file.read_bytes(), None if aliases is None else aliases.read_bytes())
        imported, is_new = asyncio.run(_import(name, read))
    if not is_new:
        console.print(f"This version of {imported.name} is in use already.")
        return
    console.print(
        f"{imported.name}: {imported.entries} persons in use, {imported.skipped} rows about others left out"
        + (
            f", {imported.unread_births} dates of birth in remarks not understood"
            if imported.unread_births
            else ""
        )
        + ". The worker screens everybody; `cardwright screening run` does so now."
    )


@app.command()
def run() -> None:
    """Screen everybody now, and watch it."""
    with explained("Not screened"):
        ended = asyncio.run(_run())
    console.print(
        f"{ended.screened} people screened; {ended.opened} hits wait for somebody that did not before."
    )


@app.command("list")
def list_lists() -> None:
    """Tell which lists are in use."""
    with explained("Not listed"):
        known = asyncio.run(_lists())
    table = Table("list", "columns", "persons", "imported", "by", "version")
    for it in known:
        table.add_row(
            it.name,
            it.shape,
            str(it.entries),
            f"{it.imported_at:%Y-%m-%d %H:%M}",
            it.imported_by,
            it.version[:12],
        )
    console.print(table if known else "No list is in use.")


@asynccontextmanager
async def _working() -> AsyncIterator[Work]:
    settings = Settings()
    engine = wiring.make_engine(settings, wiring.make_keyring(settings))
    provided = await wiring.provide(settings, engine)
    try:
        yield Work(engine, provided[Clock], provided)
    finally:
        await wiring.close(provided)
        await engine.dispose()


async def _import(name: str, read: ListFile) -> tuple[ScreeningList, bool]:
    async with _working() as work, work.transaction() as session:
        program_id, at = work.get(Program).id, work.clock.now()
        return await kyc.import_list(session, program_id, name, read, by=_OPERATOR, at=at)


async def _run() -> ScreeningRun:
    async with _working() as work:
        return await run_now(work)


async def run_now(work: Work) -> ScreeningRun:
    """Carry out a run with its progress on the terminal, beside a worker that is at the same one, too."""
    program_id = work.get(Program).id
    async with work.transaction() as session:
        wanted = await kyc.request_screening(
            session, program_id, occasion=ScreeningOccasion.OPERATOR, by=_OPERATOR, at=work.clock.now()
        )
    columns = (TextColumn("Screening"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=wanted.total)
        while True:
            advanced = await kyc.advance_screening(work)
            async with work.transaction() as session:
                now = await kyc.newest_screening_run(session, program_id)
            assert now is not None  # noqa: S101 - it was requested above
            progress.update(task, completed=now.screened)
            if now.id != wanted.id or now.finished_at is not None:
                return now
            if advanced is None:
                await asyncio.sleep(_PAUSE_SECONDS)


async def _lists() -> Sequence[ScreeningList]:
    async with _working() as work, work.transaction() as session:
        return await kyc.active_screening_lists(session, work.get(Program).id)
