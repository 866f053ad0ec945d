"""Is the process up, and can it do its work."""

from typing import Literal

from fastapi import APIRouter
from sqlalchemy import text

from cardwright.http.deps import SessionDep
from cardwright.http.routes import operation_id
from cardwright.http.strict import Output

router = APIRouter(tags=["health"], generate_unique_id_function=operation_id)


class Health(Output):
    """`ok`, or the answer is an error."""

    status: Literal["ok"] = "ok"


@router.get("/healthz")
async def get_health() -> Health:
    """The process answers."""
    return Health()


@router.get("/readyz")
async def get_readiness(session: SessionDep) -> Health:
    """The process answers and reaches its database."""
    await session.execute(text("SELECT 1"))
    return Health()
