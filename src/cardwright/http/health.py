"""Is the process up, and can it do its work."""

from typing import Literal

from fastapi import APIRouter, Request
from sqlalchemy import text

from cardwright.core.errors import Unavailable
from cardwright.http.deps import SessionDep
from cardwright.http.draining import Draining
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
async def get_readiness(request: Request, session: SessionDep) -> Health:
    """The process answers and reaches its database."""
    draining: Draining = request.app.state.draining
    if draining.is_on:
        raise Unavailable("draining", "This process is about to stop; ask another.")
    await session.execute(text("SELECT 1"))
    return Health()
