"""The second wall: a request's transaction gives up every row that is not its actor's to touch.

The first wall is the code, which asks for the right rows. Here PostgreSQL is told for whom they are: the
transaction goes on as a role that owns nothing, and row-level security shows it one customer's rows, or one
program's. What is confined stays so until the transaction ends.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text

from cardwright.db.session import Session

CUSTOMER = "cardwright_customer"
STAFF = "cardwright_staff"
VAULT = "cardwright_vault"
HEARING = "cardwright_hearing"

_CONFINE = text(
    "SELECT set_config('cardwright.user_id', :user_id, true),"
    " set_config('cardwright.program_id', :program_id, true), set_config('role', :role, true)"
)

_ROLE = text("SELECT current_setting('role')")
_ACT_AS = text("SELECT set_config('role', :role, true)")


async def confine_to_customer(session: Session, *, program_id: str, user_id: str) -> None:
    """Leave the transaction nothing but one customer's rows and what belongs to no customer."""
    await session.execute(_CONFINE, {"user_id": user_id, "program_id": program_id, "role": CUSTOMER})


async def confine_to_program(session: Session, *, program_id: str, user_id: str) -> None:
    """Leave the transaction nothing but one program's rows and what belongs to no program."""
    await session.execute(_CONFINE, {"user_id": user_id, "program_id": program_id, "role": STAFF})


@asynccontextmanager
async def acting_as(session: Session, role: str) -> AsyncIterator[None]:
    """Let the transaction go on as another role, and after the block as whoever it was before."""
    before = (await session.execute(_ROLE)).scalar_one()
    await session.execute(_ACT_AS, {"role": role})
    yield
    # Not after an error: the transaction is lost then, and the role with it.
    await session.execute(_ACT_AS, {"role": before})
