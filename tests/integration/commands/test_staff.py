"""The commands that make the first administrators."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.authentication import create_verified_identity
from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction
from cardwright.programs import ensure_program

pytestmark = pytest.mark.four_eyes
Run = Callable[..., Awaitable[str]]
PASSWORD = "correct horse battery staple"


@pytest.fixture
async def registered(engine: AsyncEngine, clock: MovableClock) -> None:
    """Three people who have confirmed their addresses."""
    async with transaction(engine) as session:
        program = await ensure_program(session, slug="default", name="Program", currency="USD")
        for name in ("ada", "bob", "eve"):
            await create_verified_identity(session, f"{name}@example.com", PASSWORD, program.id, clock.now())


async def test_the_operator_makes_two_administrators_and_stops_one(registered: None, run: Run) -> None:
    assert "ada@example.com: administrator." in await run(
        "staff", "grant", "ada@example.com", "administrator"
    )
    await run("staff", "grant", "Bob@Example.com", "administrator")
    refused = await run("staff", "grant", "eve@example.com", "finance", exit_code=1)
    assert "Nothing was granted: There are two administrators" in refused
    assert "bob@example.com: no role." in await run("staff", "revoke", "bob@example.com", "administrator")
    assert "finance" in await run("staff", "grant", "eve@example.com", "finance")


async def test_the_operator_is_told_what_is_wrong_in_one_line(registered: None, run: Run) -> None:
    for command in (
        ("grant", "nobody@example.com", "support"),
        ("grant", "ada@example.com", "support", "--program", "other"),
    ):
        told = await run("staff", *command, exit_code=1)
        assert "Nothing was granted: Nobody registered" in told
    told = await run("staff", "revoke", "ada@example.com", "support", exit_code=1)
    assert "Nothing was taken away: This person does not have that role." in told
    await run("staff", "grant", "ada@example.com", "emperor", exit_code=2)
