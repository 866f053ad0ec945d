"""Who works for the demo's program, on a database of today and on one of an earlier demo."""

import re
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import KEY_FILE
from cardwright.access import Role
from cardwright.db.session import transaction
from cardwright.demo import run, stack

PASSWORD = "correct horse battery staple"
pytestmark = pytest.mark.four_eyes


async def test_the_demo_has_somebody_for_every_list_of_work(engine: AsyncEngine, database_url: str) -> None:
    await stack.seed(database_url, KEY_FILE, PASSWORD)
    assert {Role.KYC_REVIEWER, Role.FRAUD_ANALYST, Role.FINANCE} <= await granted(engine)


async def test_an_earlier_demo_without_a_reviewer_still_starts(
    engine: AsyncEngine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = {email: role for email, role in stack.STAFF.items() if role is not Role.KYC_REVIEWER}
    with monkeypatch.context() as then:
        then.setattr(stack, "STAFF", earlier)
        await stack.seed(database_url, KEY_FILE, PASSWORD)
    await stack.seed(database_url, KEY_FILE, PASSWORD)
    assert Role.KYC_REVIEWER not in await granted(engine)


def test_whoever_can_sign_in_is_printed() -> None:
    said = StringIO()
    where = stack.Addresses("api", "simulator", "database", "redis", Path("data"), PASSWORD)
    run.show_addresses(where, "ada@people.example", Console(file=said, width=200))
    assert set(re.findall(r"(\w+)@", said.getvalue())) == {"ada", *(it.split("@")[0] for it in stack.STAFF)}


async def granted(engine: AsyncEngine) -> set[Role]:
    async with transaction(engine) as session:
        return {Role(role) for role in await session.scalars(text("SELECT role FROM user_roles"))}
