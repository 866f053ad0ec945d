"""Running a command as an operator does."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from typer.testing import CliRunner

from builders import KEY_FILE
from cardwright.cli import app

Run = Callable[..., Awaitable[str]]


@pytest.fixture
def run(database_url: str) -> Run:
    """Run a command on the test's database, on a thread as it has a loop of its own; return what it said."""
    environment = {
        "DATABASE_URL": database_url,
        "CARDWRIGHT_ENVIRONMENT": "demo",
        "CARDWRIGHT_ENCRYPTION__PROVIDER": "file",
        "CARDWRIGHT_ENCRYPTION__KEY_FILE": str(KEY_FILE),
        "COLUMNS": "200",
    }

    async def run(*command: str, exit_code: int = 0) -> str:
        done = await asyncio.to_thread(CliRunner().invoke, app, command, env=environment)
        assert done.exit_code == exit_code, done.output
        return " ".join(done.output.split())

    return run
