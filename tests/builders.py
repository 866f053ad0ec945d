"""Builders that mirror the slices: what a test needs to exist, made through the public faces."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.clock import Clock
from cardwright.db.session import transaction
from cardwright.http.rate_limits import RateLimiter
from cardwright.programs import Program, ensure_program


async def provided_for_tests(engine: AsyncEngine, clock: Clock) -> Mapping[type, Any]:
    """What wiring provides, without vendors: program, clock, limits counted in this process."""
    async with transaction(engine) as session:
        program = await ensure_program(session, slug="demo", name="Demo Program", currency="USD")
    return {Clock: clock, Program: program, RateLimiter: RateLimiter(None)}
