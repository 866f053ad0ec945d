"""What the database itself refuses of cases: to customers, and to everybody what must not change."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.access import Role
from cardwright.db.confinement import HEARING, acting_as, confine_to_customer, confine_to_program
from cardwright.db.session import transaction
from integration.disputes.desk import Desk


def _labelled(label: str) -> str:
    return (
        "INSERT INTO payment_labels SELECT 'label_x', program_id, user_id, payment_id,"  # noqa: S608
        f" '{label}', 'holder', :me, now(), id || ':' || version FROM cases"
    )


FORBIDDEN_TO_CUSTOMERS = (
    (
        "UPDATE cases SET state = 'resolved', finding = 'fraud', resolved_at = now(), resolved_by = :me,"
        " answer = 'no'"
    ),
    (
        "UPDATE cases SET state = 'resolved', finding = 'genuine', resolved_at = now(),"
        " resolved_by = 'user_x', answer = 'yes'"
    ),
    (
        "UPDATE cases SET state = 'resolved', finding = 'genuine', resolved_at = now(), resolved_by = :me,"
        " answer = 'yes', answered_at = now()"
    ),
    "UPDATE cases SET answer = 'no', answered_at = now()",
    "SELECT id FROM cases FOR UPDATE",
    "UPDATE cases SET rules = '{}'",
    "UPDATE cases SET user_id = 'user_x'",
    "DELETE FROM cases",
    (
        "INSERT INTO payment_labels SELECT 'label_x', program_id, user_id, payment_id, 'genuine', 'case',"
        " :me, now(), 'x' FROM cases"
    ),
    _labelled("genuine"),
    _labelled("fraud"),
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


async def test_a_customer_opens_no_case_that_asks_them_something(desk: Desk) -> None:
    payment_id = await desk.charge(20_00)
    opened = (
        "INSERT INTO cases (id, program_id, user_id, payment_id, card_id, merchant_id, merchant_name, amount,"
        " currency, source, rules, decisions, state, priority, opened_at, due_at, version{names})"
        " SELECT 'case_x', program_id, user_id, id, card_id, 'mrch_x', 'x', 1, 'USD', 'holder', '{{}}',"
        " '{{}}', 'open', 'low', now(), now(), 1{values} FROM payments WHERE id = :payment_id"
    )
    asked = (", asked_at, answer_by", ", now(), now() + interval '1 day'")
    answered = (", answer, answered_at", ", 'yes', now()")
    for names, values in (asked, answered):
        async with desk.engine.connect() as session:
            await confine_to_customer(session, program_id=desk.program.id, user_id=desk.user_id)
            with pytest.raises(DBAPIError, match="row-level security"):
                await session.execute(
                    text(opened.format(names=names, values=values)), {"payment_id": payment_id}
                )
    async with desk.engine.connect() as session:
        await confine_to_customer(session, program_id=desk.program.id, user_id=desk.user_id)
        await session.execute(text(opened.format(names="", values="")), {"payment_id": payment_id})


async def test_nobody_says_yes_to_what_was_not_asked_or_too_late(desk: Desk) -> None:
    await a_noted_case(desk)
    yes = (
        "UPDATE cases SET state = 'resolved', finding = 'genuine', resolved_at = :at, resolved_by = :me,"
        " answer = 'yes', answered_at = :at"
    )
    closed = (
        "UPDATE cases SET asked_at = NULL, answer_by = NULL",
        "UPDATE cases SET answer_by = asked_at",
        "UPDATE cases SET asked_at = answer_by",
    )
    named = {"me": desk.user_id, "at": desk.clock.now()}
    for close in closed:
        async with desk.engine.connect() as session:
            await session.execute(text(close))
            await confine_to_customer(session, program_id=desk.program.id, user_id=desk.user_id)
            async with acting_as(session, HEARING):
                with pytest.raises(DBAPIError, match="row-level security"):
                    await session.execute(text(yes), named)
                await session.rollback()
    for user_id, heard in ((desk.user_id, 1), ("user_other", 0)):
        async with desk.engine.connect() as session:
            await confine_to_customer(session, program_id=desk.program.id, user_id=user_id)
            async with acting_as(session, HEARING):
                assert (await session.execute(text(yes), named)).rowcount == heard


async def test_who_hears_reads_cases_and_nothing_else(desk: Desk) -> None:
    async with desk.engine.connect() as session, acting_as(session, HEARING):
        readable = await session.execute(
            text(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
                " AND has_table_privilege(oid, 'SELECT')"
            )
        )
        assert readable.scalars().all() == ["cases"]


async def test_a_holder_labels_what_they_were_heard_to_say_and_at_that_instant(desk: Desk) -> None:
    case_id = await a_noted_case(desk)
    await desk.done("POST", f"/me/payment-questions/{case_id}/answer", {"answer": "no"})
    async with transaction(desk.engine) as session:
        [label] = (await session.execute(text("DELETE FROM payment_labels RETURNING *"))).mappings().all()
    assert (label["label"], label["source"]) == ("fraud", "holder")
    kept = (
        "INSERT INTO payment_labels VALUES (:id, :program_id, :user_id, :payment_id, :label, :source,"
        " :labelled_by, :labelled_at, :occasion)"
    )
    later = label["labelled_at"] + timedelta(days=1)
    changes = ({"label": "genuine"}, {"labelled_at": later}, {"occasion": "x"}, {"program_id": "prog_x"})
    for change in changes:
        async with desk.engine.connect() as session:
            await confine_to_customer(session, program_id=desk.program.id, user_id=desk.user_id)
            with pytest.raises(DBAPIError, match="row-level security"):
                await session.execute(text(kept), {**label, **change})
    async with desk.engine.connect() as session:
        await confine_to_customer(session, program_id=desk.program.id, user_id=desk.user_id)
        await session.execute(text(kept), dict(label))


async def test_staff_neither_remove_nor_rewrite_what_was_done(engine: AsyncEngine) -> None:
    for table in ("case_activities", "case_notes", "payment_labels", "cases"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET program_id = program_id"):  # noqa: S608
            async with engine.connect() as session:
                await confine_to_program(session, program_id="prog_x", user_id="user_of_staff")
                with pytest.raises(DBAPIError, match="permission denied"):
                    await session.execute(text(statement))
