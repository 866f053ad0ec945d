"""The second wall, seen from inside: what a confined transaction can still read and change with plain SQL."""

from collections.abc import Mapping

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

import cardwright.main  # noqa: F401 - every slice's tables
from cardwright.cards import Limit, Window
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.base import metadata
from cardwright.db.confinement import confine_to_customer, confine_to_program
from cardwright.db.session import Session, transaction
from integration.payments import holders
from integration.payments.holders import Holding

OWNERS = {"user_id", "owner_id", "card_id", "payment_id", "account_id", "caller_id", "session_id"}
"""A table with one of these columns is about a customer."""
NOT_WALLED = {
    "federation_attempts": "found by a browser's secret, before it is known whose it is",
    "user_roles": "read before anybody is confined; what roles somebody has is no customer's data",
}


@pytest.fixture
async def two(engine: AsyncEngine, clock: MovableClock) -> tuple[Holding, Holding]:
    """Two customers with a card, a limit and money each."""
    ada, eve = [
        await holders.a_holding(
            engine, clock, [Limit(Window.MONTH, 50_00)], balance=40_00, email=f"{name}@example.com"
        )
        for name in ("ada", "eve")
    ]
    return ada, eve


async def walled(session: Session) -> Mapping[str, bool]:
    ours = "relkind = 'r' AND relnamespace = 'public'::regnamespace"
    found = await session.execute(text(f"SELECT relname, relrowsecurity FROM pg_class WHERE {ours}"))  # noqa: S608
    return {row.relname: row.relrowsecurity for row in found}


async def counts(session: Session) -> Mapping[str, int]:
    """Return how many rows of every table can be seen."""
    return {
        name: (await session.execute(text(f"SELECT count(*) FROM {name}"))).scalar_one()  # noqa: S608
        for name, table in metadata.tables.items()
        if table.schema is None
    }


async def test_every_table_about_a_customer_has_row_level_security(session: Session) -> None:
    about_customers = {
        table.name
        for table in metadata.tables.values()
        if table.schema is None and OWNERS & set(table.columns.keys())
    }
    protected = {name for name, is_walled in (await walled(session)).items() if is_walled}
    assert about_customers - protected == set(NOT_WALLED)


async def test_a_confined_customer_sees_no_row_of_anybody_else(
    engine: AsyncEngine, two: tuple[Holding, Holding]
) -> None:
    ada, _ = two
    async with transaction(engine) as session:
        everything = await counts(session)
        program_id = ada.cards[0].program_id
        await confine_to_customer(session, program_id=program_id, user_id=ada.user_id)
        own = await counts(session)
        halved = {
            "cards",
            "spending_limits",
            "card_transitions",
            "identities",
            "identity_verifications",
            "profiles",
        }
        assert {name: (own[name], everything[name]) for name in halved} == {
            name: (everything[name] // 2, everything[name]) for name in halved
        }
        assert min(own[name] for name in halved) > 0
        assert own["audit_entries"] == 0
        # Of what was posted, the line of one's own wallet and no other.
        assert (own["journal_entries"], own["postings"]) == (1, 1)
        cards = await session.execute(
            text("SELECT user_id FROM cards UNION SELECT owner_id FROM ledger_accounts")
        )
        assert set(cards.scalars()) == {ada.user_id}


async def test_a_confined_customer_changes_no_row_of_anybody_else(
    engine: AsyncEngine, two: tuple[Holding, Holding]
) -> None:
    ada, eve = two
    async with transaction(engine) as session:
        await confine_to_customer(session, program_id=ada.cards[0].program_id, user_id=ada.user_id)
        for statement in (
            "UPDATE cards SET label = 'mine' WHERE user_id = :eve",
            "UPDATE profiles SET updated_at = now() WHERE user_id = :eve",
            "DELETE FROM spending_limits WHERE subject_id = :card",
            "UPDATE ledger_accounts SET code = code WHERE owner_id = :eve",
        ):
            parameters = {"eve": eve.user_id, "card": eve.cards[0].id}
            named = {name: value for name, value in parameters.items() if f":{name}" in statement}
            assert (await session.execute(text(statement), named)).rowcount == 0, statement


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO spending_controls VALUES ('prog_x', 'card', :card, 'hours', 'allowed', '[]')",
        "INSERT INTO spending_controls VALUES ('prog_x', 'customer', :eve, 'hours', 'allowed', '[]')",
        "INSERT INTO spending_exceptions VALUES ('exc_x', :card, 'mer_x', now(), now(), NULL)",
        "UPDATE cards SET user_id = :eve",
        "INSERT INTO devices VALUES ('dev_x', 'prog_x', :eve, 'ios', 'token', now())",
    ],
)
async def test_a_confined_customer_gives_nobody_else_anything(
    engine: AsyncEngine, two: tuple[Holding, Holding], statement: str
) -> None:
    ada, eve = two
    parameters = {"eve": eve.user_id, "card": eve.cards[0].id}
    named = {name: value for name, value in parameters.items() if f":{name}" in statement}
    async with engine.connect() as session:
        await confine_to_customer(session, program_id=ada.cards[0].program_id, user_id=ada.user_id)
        with pytest.raises(DBAPIError, match="row-level security"):
            await session.execute(text(statement), named)


async def test_confined_staff_see_their_program_and_no_other(
    engine: AsyncEngine, two: tuple[Holding, Holding]
) -> None:
    ada, _ = two
    for program_id, is_theirs in ((ada.cards[0].program_id, True), (new_id("prog"), False)):
        async with transaction(engine) as session:
            everything = await counts(session)
            await confine_to_program(session, program_id=program_id, user_id="user_of_staff")
            seen = await counts(session)
            for name in ("cards", "spending_limits", "profiles", "postings", "ledger_accounts", "identities"):
                assert seen[name] == (everything[name] if is_theirs else 0), name
                assert everything[name] > 0


async def test_the_wall_stands_until_the_transaction_ends_and_no_longer(
    engine: AsyncEngine, two: tuple[Holding, Holding]
) -> None:
    ada, _ = two
    async with engine.connect() as connection:
        async with connection.begin():
            await confine_to_customer(connection, program_id=ada.cards[0].program_id, user_id=ada.user_id)
            assert (await counts(connection))["cards"] == 1
        async with connection.begin():
            assert (await counts(connection))["cards"] == 2
