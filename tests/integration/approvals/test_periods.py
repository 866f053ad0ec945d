"""Months are closed and opened again by two people; nothing is dated into what is closed."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text

from cardwright import ledger
from cardwright.access import Role
from cardwright.core.ids import new_id
from cardwright.db.session import transaction
from integration.approvals.office import Colleague, Office, line

pytestmark = pytest.mark.four_eyes
IN_OCTOBER = "2026-10-31T23:59:59.999999Z"
ENTRY = (
    "INSERT INTO journal_entries (id, program_id, kind, external_id, currency, posted_at)"
    " VALUES ($1, $2, 'gift', $1, 'USD', $3)"
)
LINES = """
INSERT INTO postings (entry_id, line, account_id, side, amount)
SELECT $1, row_number() OVER (ORDER BY code), id, CASE code WHEN 'fees' THEN 'credit' ELSE 'debit' END, 7
FROM ledger_accounts WHERE code IN ('fees', 'corrections')
"""
Books = tuple[Office, Colleague, Colleague]


@pytest.fixture
async def books(office: Office) -> Books:
    """Two people of finance, and 5.00 in October and 1.00 in November."""
    finance = await office.colleague("finance", Role.FINANCE)
    other = await office.colleague("other", Role.FINANCE)
    for amount, more in ((500, {"posted_at": IN_OCTOBER}), (100, {})):
        lines = (line("corrections", "debit", amount), line("fees", "credit", amount))
        assert (await other.decide(await finance.propose_entry(*lines, **more))).status_code == 200
    return office, finance, other


async def change(books: Books, month: str, action: str = "closed") -> None:
    _, finance, other = books
    assert (await other.decide(await finance.propose_period(month, action))).status_code == 200


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def balances(person: Colleague, **query: str) -> dict[str, int]:
    answer = (await person.get("/ledger/trial-balance", **query)).json()
    return {found["code"]: found["balance"] for found in answer["lines"]}


async def test_a_closed_month_keeps_its_trial_balance_and_lets_nothing_in(books: Books) -> None:
    office, finance, other = books
    await change(books, "2026-10")
    [closed] = (await finance.get("/ledger/period-changes")).json()["data"]
    assert (closed["month"], closed["action"]) == ("2026-10", "closed")
    assert closed["closed_until"] == "2026-11-01T00:00:00Z"
    assert closed["trial_balance"] == [
        {"code": "corrections", "currency": "USD", "debits": 500, "credits": 0},
        {"code": "fees", "currency": "USD", "debits": 0, "credits": 500},
    ]
    assert await balances(finance, at=IN_OCTOBER) == {"corrections": 500, "fees": 500}
    lines = (line("corrections", "debit", 5), line("fees", "credit", 5))
    late = await finance.propose_entry(*lines, posted_at=IN_OCTOBER)
    assert code_of(late) == (409, "period_closed")
    assert (await other.decide(await finance.propose_entry(*lines))).status_code == 200
    assert await balances(finance) == {"corrections": 605, "fees": 605}
    [trail] = await office.trail("ledger_period.changed")
    assert (trail.actor_id, trail.details["proposed_by"]) == (other.user_id, finance.user_id)
    async with transaction(office.engine) as session:
        assert await ledger.verify(session) == []


async def test_an_entry_that_was_proposed_before_the_month_closed_is_refused_after(books: Books) -> None:
    _, finance, other = books
    lines = (line("corrections", "debit", 5), line("fees", "credit", 5))
    waiting = await finance.propose_entry(*lines, posted_at=IN_OCTOBER)
    await change(books, "2026-10")
    assert code_of(await other.decide(waiting)) == (409, "period_closed")
    await change(books, "2026-10", "reopened")
    assert (await other.decide(waiting)).status_code == 200
    assert await balances(finance, at=IN_OCTOBER) == {"corrections": 505, "fees": 505}


async def test_a_month_that_changed_after_it_was_closed_is_found(books: Books) -> None:
    office, *_ = books
    await change(books, "2026-09")
    await change(books, "2026-09", "reopened")
    for month in ("2026-09", "2026-10"):
        await change(books, month)
    async with transaction(office.engine) as session:
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        back = "UPDATE journal_entries SET posted_at = :at WHERE posted_at = :then"
        then = datetime(2026, 10, 31, 23, 59, 59, 999_999, tzinfo=UTC)
        await session.execute(text(back), {"at": datetime(2026, 9, 5, tzinfo=UTC), "then": then})
        found = await ledger.verify(session)
    assert {each.what for each in found} == {"closed_month"}
    assert {(each.subject_id.split(" ", 1)[1], each.stored, each.recomputed) for each in found} == {
        ("corrections USD", 0, 500), ("fees USD", 0, -500),
    }  # fmt: skip


async def test_nobody_closes_a_month_alone(books: Books) -> None:
    office, finance, _ = books
    proposed = await finance.propose_period("2026-10")
    assert code_of(await finance.decide(proposed)) == (403, "four_eyes")
    assert await office.rows("SELECT id FROM period_changes") == []


async def test_months_are_closed_when_they_are_over_and_opened_again_from_the_last(books: Books) -> None:
    _, finance, other = books
    assert code_of(await finance.propose_period("2026-11")) == (409, "period_not_over")
    assert code_of(await finance.propose_period("2026-10", "reopened")) == (409, "period_not_last")
    twice = [await finance.propose_period("2026-10"), await finance.propose_period("2026-10")]
    assert (await other.decide(twice[0])).status_code == 200
    assert code_of(await other.decide(twice[1])) == (409, "period_closed")
    assert code_of(await finance.propose_period("2026-09")) == (409, "period_closed")
    assert code_of(await finance.propose_period("2026-09", "reopened")) == (409, "period_not_last")
    for month in ("2026-10", "2026-09"):
        await change(books, month, "reopened")
    await change(books, "2026-09")
    changes = (await finance.get("/ledger/period-changes")).json()["data"]
    assert [(found["month"], found["action"]) for found in changes] == [
        ("2026-09", "closed"), ("2026-09", "reopened"), ("2026-10", "reopened"), ("2026-10", "closed"),
    ]  # fmt: skip
    page = (await finance.get("/ledger/period-changes", limit=1, cursor=changes[1]["id"])).json()
    assert [found["id"] for found in page["data"]] == [changes[2]["id"]]


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "10-2026", "2026-10-01", "", "1999-12"])
async def test_what_is_no_month_is_refused(books: Books, month: str) -> None:
    assert code_of(await books[1].propose_period(month)) == (422, "validation_failed")


async def test_an_entry_under_way_is_waited_for_and_one_after_is_refused(
    books: Books, database_url: str
) -> None:
    office, finance, _ = books
    slow, late = [await asyncpg.connect(database_url) for _ in range(2)]
    under_way = slow.transaction()
    await under_way.start()
    entry_id = new_id("entry")
    october = datetime(2026, 10, 15, tzinfo=UTC)
    await slow.execute(ENTRY, entry_id, office.program_id, october)
    await slow.execute(LINES, entry_id)
    closing = asyncio.create_task(change(books, "2026-10"))
    await asyncio.sleep(0.3)
    assert not closing.done(), "what is added up would lack what is under way"
    await under_way.commit()
    await closing
    with pytest.raises(asyncpg.RestrictViolationError, match="closed until"):
        await late.execute(ENTRY, new_id("entry"), office.program_id, october)
    [closed] = (await finance.get("/ledger/period-changes")).json()["data"]
    assert closed["trial_balance"][0]["debits"] == 507
    for connection in (slow, late):
        await connection.close()
