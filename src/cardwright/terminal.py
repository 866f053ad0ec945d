"""How commands speak to operators: one console, and one line for what an operator can mend."""

import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final, TypeVar

import asyncpg
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from sqlalchemy.exc import SQLAlchemyError
from typer.core import TyperGroup

from cardwright.core.errors import CardwrightError
from cardwright.db.embedded.postgres import EmbeddedPostgresError
from cardwright.db.embedded.valkey import EmbeddedValkeyError
from cardwright.db.migrate import ServerTooOld
from cardwright.db.session import Session, create_engine, transaction
from cardwright.demo.people import StoryFailed
from cardwright.demo.processes import ProcessFailed
from cardwright.demo.stack import DataInUse
from cardwright.encryption import EncryptionError
from cardwright.settings import named_faults
from cardwright.unreachable import sentence_of

T = TypeVar("T")
DatabaseOption = Annotated[
    str, typer.Option("--database", envvar="DATABASE_URL", help="A PostgreSQL address.")
]
# Nobody reads along in a pipe or a log, but programs look for ids there: they must not be cut to fit.
console: Final = Console(width=None if sys.stdout.isatty() else 200)
_MENDABLE: Final = (
    CardwrightError,
    DataInUse,
    EmbeddedPostgresError,
    EmbeddedValkeyError,
    EncryptionError,
    ProcessFailed,
    ServerTooOld,
    StoryFailed,
    SQLAlchemyError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    OSError,
    ValueError,
)


@contextmanager
def explained(what: str, *, hint: str = "") -> Iterator[None]:
    """Say what an operator can mend in one line, and exit with 1; a mistake of ours keeps its traceback."""
    try:
        yield
    except _MENDABLE as error:
        said = _settings_at_fault(error) if isinstance(error, ValidationError) else sentence_of(error)
        said = said or str(error) or type(error).__name__
        console.print(f"[bold red]{what}:[/]", escape(said), highlight=False)
        if hint:
            console.print(f"[dim]{hint}[/]")
        raise typer.Exit(1) from error


class PlainSpoken(TyperGroup):
    """The commands: whichever finds no database says so in one sentence, and exits with 1."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            said = sentence_of(error)
            if said is None:
                raise
            console.print(f"[bold red]Stopped:[/] {escape(said)}", highlight=False)
            raise typer.Exit(1) from error


def _settings_at_fault(error: ValidationError) -> str:
    shown = [f"{name} ({said})" for name, said in named_faults(error)]
    return f"the environment is not complete or not right: {', '.join(shown)}."


async def in_transaction(database: str, what: str, do: Callable[[Session], Awaitable[T]]) -> T:
    """Do something in one transaction of a database, with a sign of life on the terminal."""
    engine = create_engine(database)
    with Progress(console=console, transient=True) as progress:
        progress.add_task(what, total=None)
        async with transaction(engine) as session:
            done = await do(session)
    await engine.dispose()
    return done
