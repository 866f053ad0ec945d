"""Three ways to do it wrong, which the checker has to catch: else its silence about the product says nothing.

`check_then_act` and `valkey_alone` serve the whole product, but decide authorizations as many a handler does.
Each copy that they decide is kept as `<reference>~<anything>`, for the database would refuse it otherwise.
The third way is the product itself on a PostgreSQL that answers before what it was told is on the disk.
"""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import replace
from secrets import token_hex
from typing import Final

from redis.asyncio import Redis
from sqlalchemy import text
from starlette.types import ASGIApp

from cardwright.core.clock import Clock
from cardwright.db.session import Session, transaction
from cardwright.main import create_app
from cardwright.payments import AuthorizationRequest, authorize
from cardwright.payments.endpoint import AuthorizationEndpoint
from cardwright.payments.store import Decision, find_decision
from cardwright.programs import Program

HASTY_POSTGRES: Final[Mapping[str, str]] = {"synchronous_commit": "off", "wal_writer_delay": "2s"}
_LOCKED_MS: Final = 500
_PAUSE_SECONDS: Final = 0.02


def check_then_act() -> ASGIApp:
    """Look whether a request was decided, and if it was not, decide it: in two transactions."""
    AuthorizationEndpoint._in_turn = _check_then_act  # type: ignore[method-assign]
    return create_app()


def valkey_alone() -> ASGIApp:
    """Remember what was decided in Valkey, behind a lock there that runs out, and nowhere else."""
    AuthorizationEndpoint._in_turn = _with_valkey_alone  # type: ignore[method-assign]
    return create_app()


async def _check_then_act(self: AuthorizationEndpoint, request: AuthorizationRequest) -> Decision:
    async with transaction(self._engine()) as session:
        found = await _copy_of(session, request)
    return found or await _decide(self, request)


async def _with_valkey_alone(self: AuthorizationEndpoint, request: AuthorizationRequest) -> Decision:
    key = f"decided:{request.reference}:{request.attempt}"
    async with Redis.from_url(os.environ["REDIS_URL"], decode_responses=True) as valkey:
        while (known := await valkey.get(key)) is None:
            if await valkey.set(f"{key}:lock", "1", nx=True, px=_LOCKED_MS):
                decision = await _decide(self, request)
                await valkey.set(key, decision.request_key)
                return decision
            await asyncio.sleep(_PAUSE_SECONDS)
    async with transaction(self._engine()) as session:
        decided = await find_decision(session, request.source, known)
    assert decided is not None
    return decided


async def _decide(self: AuthorizationEndpoint, request: AuthorizationRequest) -> Decision:
    clock: Clock = self._provided()[Clock]
    program: Program = self._provided()[Program]
    copy = replace(request, reference=f"{request.reference}~{token_hex(4)}")
    async with transaction(self._engine()) as session:
        return await authorize(session, copy, program_id=program.id, at=clock.now())


async def _copy_of(session: Session, request: AuthorizationRequest) -> Decision | None:
    query = text("SELECT request_key FROM decisions WHERE request_key LIKE :copies LIMIT 1")
    copies = f"{request.reference}~%:{request.attempt}"
    key = (await session.execute(query, {"copies": copies})).scalar()
    return None if key is None else await find_decision(session, request.source, key)
