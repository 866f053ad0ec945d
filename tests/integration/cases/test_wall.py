"""What the database itself refuses of cases: to customers, and to everybody what must not change."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.access import Role
from cardwright.db.confinement import confine_to_customer, confine_to_program
from cardwright.db.session import transaction
from integration.disputes.desk import Desk

FORBIDDEN_TO_CUSTOMERS = (
    (
        "UPDATE cases SET state = 'resolved', finding = 'fraud', resolved_at = now(), resolved_by = :me,"
        " answer = 'no'"
    ),
    (
        "UPDATE cases SET state = 'resolved', finding = 'genuine', resolved_at = now(),"
        " resolved_by = 'user_x', answer = 'yes'"
    ),
    "UPDATE cases SET rules = '{}'",
    "UPDATE cases SET user_id = 'user_x'",
    "DELETE FROM cases",
    (
        "INSERT INTO payment_labels SELECT 'label_x', program_id, user_id, payment_id, 'genuine', 'case',"
        " :me, now(), 'x' FROM cases"
    ),
    "INSERT INTO case_notes SELECT 'cnote_x', program_id, user_id, id, :me, 'x', now() FROM cases",
    (
        "INSERT INTO case_activities SELECT 'cact_x', program_id, user_id, id, 'decided', :me, '{}', now()"
        " FROM cases"
    ),
)


async def a_noted_case(desk: Desk) -> str:
    payment_id = await desk.charge(20_00)
    analyst = await desk.staff(Role.FRAUD_ANALYST)
    body = {"payment_id": payment_id, "reason": "A tip.", "ask_holder": True}
    opened = await desk.done("POST", "/cases", body, who=analyst)
    await desk.done("POST", f"/cases/{opened['case']['id']}/notes", {"words": "Look."}, who=analyst)
    return str(opened["case"]["id"])


async def test_a_customer_sees_their_own_case_and_nothing_of_what_staff_did(desk: Desk) -> None:
    await a_noted_case(desk)
    seen = {}
    for user_id in (desk.user_id, "user_other"):
        async with transaction(desk.engine) as session:
            await confine_to_customer(session, program_id=desk.program.id, user_id=user_id)
            seen[user_id] = [
                (await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()  # noqa: S608
                for table in ("cases", "case_activities", "case_notes", "payment_labels")
            ]
    assert seen == {desk.user_id: [1, 0, 0, 0], "user_other": [0, 0, 0, 0]}


async def test_a_customer_finds_nothing_and_speaks_for_nobody_else(desk: Desk) -> None:
    await a_noted_case(desk)
    for statement in FORBIDDEN_TO_CUSTOMERS:
        named = {"me": desk.user_id} if ":me" in statement else {}
        async with desk.engine.connect() as session:
            await confine_to_customer(session, program_id=desk.program.id, user_id=desk.user_id)
            with pytest.raises(DBAPIError, match=r"row-level security|permission denied"):
                await session.execute(text(statement), named)


async def test_staff_neither_remove_nor_rewrite_what_was_done(engine: AsyncEngine) -> None:
    for table in ("case_activities", "case_notes", "payment_labels", "cases"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET program_id = program_id"):  # noqa: S608
            async with engine.connect() as session:
                await confine_to_program(session, program_id="prog_x", user_id="user_of_staff")
                with pytest.raises(DBAPIError, match="permission denied"):
                    await session.execute(text(statement))
