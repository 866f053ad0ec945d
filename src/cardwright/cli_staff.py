"""The commands `cardwright staff`: the first administrators, and stopping one who must be stopped."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Final

import typer
from rich.markup import escape

from cardwright import wiring
from cardwright.access import Role
from cardwright.authentication import find_by_email
from cardwright.core.clock import SystemClock
from cardwright.core.errors import NotFound
from cardwright.db.session import Session, transaction
from cardwright.programs import find_program
from cardwright.settings import KeySettings
from cardwright.terminal import console, explained
from cardwright.users import grant_as_operator, revoke_as_operator

app: Final = typer.Typer(no_args_is_help=True, help="Roles, while there are no two administrators to agree.")
Email = Annotated[str, typer.Argument(help="The address that they registered and confirmed.")]
Wanted = Annotated[Role, typer.Argument(help="The role.")]
ProgramOption = Annotated[
    str, typer.Option("--program", envvar="CARDWRIGHT_PROGRAM__SLUG", help="The program's slug.")
]
Change = Callable[[Session, str, str, datetime], Awaitable[frozenset[Role]]]


@app.command()
def grant(email: Email, role: Wanted, program: ProgramOption = "default") -> None:
    """Give somebody a role; refused once two administrators can agree on it in the product."""

    async def change(session: Session, user_id: str, program_id: str, at: datetime) -> frozenset[Role]:
        return await grant_as_operator(session, user_id, role, at, program_id=program_id)

    with explained("Nothing was granted"):
        _tell(email, asyncio.run(_change(email, program, change)))


@app.command()
def revoke(email: Email, role: Wanted, program: ProgramOption = "default") -> None:
    """Take a role away at once, also from an administrator; the audit trail names the operator."""

    async def change(session: Session, user_id: str, program_id: str, at: datetime) -> frozenset[Role]:
        return await revoke_as_operator(session, user_id, role, at, program_id=program_id)

    with explained("Nothing was taken away"):
        _tell(email, asyncio.run(_change(email, program, change)))


async def _change(email: str, slug: str, change: Change) -> frozenset[Role]:
    settings = KeySettings()
    engine = wiring.make_engine(settings, wiring.make_keyring(settings))
    try:
        async with transaction(engine) as session:
            program = await find_program(session, slug)
            found = None if program is None else await find_by_email(session, program.id, email)
            if program is None or found is None:
                raise NotFound("user_not_found", f"Nobody registered {email} with the program {slug}.")
            return await change(session, found.user_id, program.id, SystemClock().now())
    finally:
        await engine.dispose()


def _tell(email: str, roles: frozenset[Role]) -> None:
    console.print(f"[green]✓[/] {escape(email)}: {', '.join(sorted(roles)) or 'no role'}.")
