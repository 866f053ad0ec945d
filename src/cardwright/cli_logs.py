"""What commands do with sealed logs: copy one into a file and say how far they are, read its checkpoint."""

from functools import partial
from typing import Annotated, Any, BinaryIO, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cardwright import audit, sealing
from cardwright.audit import Action
from cardwright.core.clock import SystemClock
from cardwright.db.session import Session, create_engine, transaction
from cardwright.sealing import Head, SealedLog
from cardwright.terminal import console

_OPERATOR: Final = "operator"
ProgramOption = Annotated[
    str | None, typer.Option("--program", help="Whose; needed where there are several programs.")
]


async def write_copy(
    file: BinaryIO, log: SealedLog[Any], action: Action, database: str, program: str | None
) -> int:
    """Write all that is sealed into a file, record that as `action`, and return how many entries it was."""
    engine = create_engine(database)
    async with transaction(engine) as session:
        head = await _head(session, log, program)
        details, at = {"size": head.tree.size}, SystemClock().now()
        await audit.record(session, _OPERATOR, head.program_id, action, head.program_id, details, at)
    columns = (TextColumn("Exporting"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Exporting", total=head.tree.size)
        advance = partial(progress.advance, task)
        async for lines in sealing.export_lines(partial(transaction, engine), log, head, advance=advance):
            file.write(lines)
    await engine.dispose()
    return head.tree.size


async def newest_note(log: SealedLog[Any], database: str, program: str | None) -> str:
    """Return the newest signed checkpoint."""
    engine = create_engine(database)
    async with transaction(engine) as session:
        head = await _head(session, log, program)
    await engine.dispose()
    return head.note


async def _head(session: Session, log: SealedLog[Any], program: str | None) -> Head:
    found = await sealing.list_trails(session, log)
    if program is None and len(found) > 1:
        raise ValueError(f"there are several programs, choose one with --program: {', '.join(found)}")
    return await sealing.get_head(session, log, program or "".join(found))
