"""The first administrators come from the operator: on the database's host, as the owner of the tables."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cardwright import access
from cardwright.access import Role
from cardwright.core.errors import Conflict
from cardwright.core.ids import new_id
from cardwright.db.confinement import confine_to_program
from cardwright.db.session import Session, transaction
from cardwright.users import grant_as_operator, revoke_as_operator
from integration.approvals.office import Office
from staff import somebody

pytestmark = pytest.mark.four_eyes


async def a_newcomer(office: Office, session: Session) -> str:
    return await somebody(session, new_id("user"), office.program_id, office.clock.now())


async def appoint(office: Office, role: Role = Role.ADMINISTRATOR) -> str:
    async with transaction(office.engine) as session:
        user_id = await a_newcomer(office, session)
        await grant_as_operator(session, user_id, role, office.clock.now(), program_id=office.program_id)
    return user_id


async def test_the_operator_appoints_two_administrators_and_then_no_more(office: Office) -> None:
    first, _ = await appoint(office), await appoint(office)
    for role in (Role.ADMINISTRATOR, Role.SUPPORT):
        with pytest.raises(Conflict) as caught:
            await appoint(office, role)
        assert caught.value.code == "program_governs_itself"
    rows = await office.rows("SELECT granted_by, approval_id FROM user_roles")
    assert {(row.granted_by, row.approval_id) for row in rows} == {("operator", None)}
    assert {entry.actor_id for entry in await office.trail("role.granted")} == {"operator"}
    async with transaction(office.engine) as session:
        now = office.clock.now()
        await grant_as_operator(session, first, Role.ADMINISTRATOR, now, program_id=office.program_id)
    assert len(await office.trail("role.granted")) == 2


async def grant_round_the_service(office: Office, *, log_in: str | None = None) -> None:
    """Do what the operator's command does, without the checks of the code before it."""
    async with transaction(office.engine) as session:
        user_id = await a_newcomer(office, session)
        if log_in is not None:
            await session.execute(text(f"SET LOCAL SESSION AUTHORIZATION {log_in}"))
        async with access.as_operator(session):
            await access.add_role(session, user_id, Role.SUPPORT, by="operator", at=office.clock.now())


async def run_as(office: Office, log_in: str, statement: str) -> None:
    async with transaction(office.engine) as session:
        await session.execute(text(f"SET LOCAL SESSION AUTHORIZATION {log_in}"))
        await session.execute(text(statement))


async def run_in_a_request_as_operator(office: Office, statement: str) -> None:
    async with transaction(office.engine) as session:
        await confine_to_program(session, program_id=office.program_id, user_id="user_intruder")
        async with access.as_operator(session):
            await session.execute(text(statement))


async def test_the_database_closes_the_operators_way_at_two_administrators_itself(office: Office) -> None:
    await appoint(office)
    await grant_round_the_service(office)
    await appoint(office)
    with pytest.raises(DBAPIError, match="two administrators exist"):
        await grant_round_the_service(office)


async def test_administrators_of_another_program_do_not_close_the_operators_way(office: Office) -> None:
    elsewhere = Office(office.client, office.engine, office.clock, "prog_of_somebody_else")
    await appoint(elsewhere)
    await appoint(elsewhere)
    await appoint(office)
    assert len(await office.rows("SELECT role FROM user_roles")) == 3


async def test_the_operator_stops_an_administrator_and_may_appoint_another(office: Office) -> None:
    first, _ = await appoint(office), await appoint(office)
    async with transaction(office.engine) as session:
        now = office.clock.now()
        left = await revoke_as_operator(session, first, Role.ADMINISTRATOR, now, program_id=office.program_id)
    assert left == frozenset()
    [entry] = await office.trail("role.revoked")
    assert (entry.actor_id, entry.details["before"], entry.details["after"]) == (
        "operator", ["administrator"], [],
    )  # fmt: skip
    await appoint(office)


async def test_the_operator_too_grants_no_roles_that_conflict(office: Office) -> None:
    user_id = await appoint(office)
    async with transaction(office.engine) as session:
        with pytest.raises(Conflict) as caught:
            await grant_as_operator(
                session, user_id, Role.AUDITOR, office.clock.now(), program_id=office.program_id
            )
    assert caught.value.code == "roles_conflict"


async def test_a_request_that_says_it_is_the_operator_is_not_believed(office: Office) -> None:
    await appoint(office)
    for statement in (
        "INSERT INTO user_roles VALUES ('user_x', 'administrator', 'operator', now(), NULL)",
        "DELETE FROM user_roles",
    ):
        with pytest.raises(DBAPIError, match="nobody approved"):
            await run_in_a_request_as_operator(office, statement)


@pytest.fixture
async def log_in(office: Office) -> AsyncIterator[str]:
    """A log-in that may read and write every row and owns nothing: the application's, in production."""
    name = f"cardwright_test_{new_id('login')[-8:]}"
    async with transaction(office.engine) as session:
        await session.execute(text(f"CREATE ROLE {name} LOGIN BYPASSRLS IN ROLE cardwright_staff"))
    yield name
    async with transaction(office.engine) as session:
        await session.execute(text(f"DROP ROLE {name}"))


async def test_a_log_in_that_owns_nothing_is_not_the_operator_whatever_it_sets(
    office: Office, log_in: str
) -> None:
    with pytest.raises(DBAPIError, match="nobody approved"):
        await grant_round_the_service(office, log_in=log_in)


@pytest.mark.parametrize(
    "statement",
    [
        "SET session_replication_role = replica",
        "ALTER TABLE user_roles DISABLE TRIGGER ALL",
        "DROP TRIGGER four_eyes ON user_roles",
        "CREATE OR REPLACE FUNCTION is_operator(guarded oid) RETURNS boolean LANGUAGE sql AS 'SELECT 1=1'",
        "TRUNCATE user_roles",
    ],
)
async def test_a_log_in_that_owns_nothing_takes_no_guard_away(
    office: Office, log_in: str, statement: str
) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        await run_as(office, log_in, statement)
