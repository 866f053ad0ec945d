"""Statements: they add up, are what the ledger says at both ends, and speak their holder's language."""

import csv
import io
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.payment_log import CAFE, Log, a_log, pay
from browsers import sign_in
from cardwright import ledger, merchants, statements
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.confinement import confine_to_customer
from cardwright.db.session import transaction
from cardwright.payments import Merchant, convergence
from cardwright.statements import Period
from integration.kyc.people import the_program
from integration.payments import holders
from integration.payments.network import SOURCE, Purchase, Ticking

FORMULA = Merchant("m_formula", '=HYPERLINK("https://evil.test")', "5411", "US", None)


@pytest.fixture
async def log(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Log:
    return await a_log(client, engine, clock)


async def speak(engine: AsyncEngine, user_id: str, locale: str, zone: str) -> None:
    async with transaction(engine) as session:
        await session.execute(
            text("UPDATE profiles SET locale = :locale, time_zone = :zone WHERE user_id = :user"),
            {"locale": locale, "zone": zone, "user": user_id},
        )


async def figures(engine: AsyncEngine, log: Log) -> tuple[int, int]:
    """What the ledger says the holder has now, and what of it is held."""
    async with transaction(engine) as session:
        row = (
            await session.execute(
                text(
                    "SELECT sum(posted_balance * CASE code WHEN 'wallet' THEN 1 ELSE -1 END), sum(held)"
                    " FROM ledger_accounts WHERE owner_id = :user"
                ),
                {"user": log.holding.user_id},
            )
        ).one()
    return int(row[0] or 0), int(row[1] or 0)


def adds_up(shown: Mapping[str, Any]) -> bool:
    balance = shown["opening_balance"]
    for line in shown["lines"]:
        balance += line["amount"]
        assert line["balance"] == balance
    return bool(
        balance == shown["closing_balance"]
        and shown["opening_balance"] + shown["money_in"] - shown["money_out"] == balance
        and shown["available_balance"] == balance - shown["held"]
        and shown["held"] == sum(hold["amount"] for hold in shown["open_holds"])
    )


async def test_months_follow_each_other_and_end_at_what_the_ledger_says(
    log: Log, engine: AsyncEngine
) -> None:
    await speak(engine, log.holding.user_id, "en", "America/New_York")
    months = ["2026-11", "2026-12", "2027-01", "2027-02", "2027-03", "2027-04", "2027-05"]
    shown = [(await log.get("/statement", month=month)).json() for month in months]
    assert all(adds_up(each) for each in shown)
    assert shown[0]["opening_balance"] == 0
    for before, after in pairwise(shown):
        assert after["opening_balance"] == before["closing_balance"]
    last = shown[-1]
    assert (last["is_provisional"], last["time_zone"]) == (True, "America/New_York")
    assert (last["closing_balance"], last["held"]) == await figures(engine, log)
    assert last["held"] > 0
    whole = (await log.get("/statement", first_day="2026-11-01", last_day="2027-05-31")).json()
    assert adds_up(whole)
    assert whole["lines"] == [line for each in shown for line in each["lines"]]
    assert whole["open_holds"] == last["open_holds"]
    kinds = {line["kind"] for line in whole["lines"]}
    assert kinds == {"top_up", "clearing", "refund"}
    assert whole == {
        **whole,
        **(await log.get("/statement", first_day="2026-11-01", last_day="2027-05-31")).json(),
    }


KINDS = st.sampled_from(["top_up", "pay", "overdraw", "refund", "reverse", "wait"])
MOVES = st.lists(st.tuples(KINDS, st.integers(1, 90_00)), min_size=1, max_size=12)


@given(moves=MOVES, cut=st.integers(0, 20))
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_at_any_instant_a_statement_is_what_the_ledger_was(
    engine: AsyncEngine, moves: list[tuple[str, int]], cut: int
) -> None:
    clock = MovableClock(datetime(2026, 11, 23, 12, 0, tzinfo=UTC))
    holding = await holders.a_holding(engine, clock, [], email=f"{new_id('user')}@example.com")
    log = Log(None, engine, clock, holding, [])  # type: ignore[arg-type]
    known: dict[date, tuple[int, int]] = {clock.now().date() - timedelta(days=1): (0, 0)}
    for number, (kind, amount) in enumerate(moves):
        await happen(log, number, kind, amount)
        known[clock.now().date()] = await figures(engine, log)
        clock.advance(timedelta(days=1))
    days = sorted(known)
    cut_at = days[cut % len(days)]
    async with transaction(engine) as session:
        program = await the_program(session)
        await confine_to_customer(session, program_id=program.id, user_id=holding.user_id)
        for first, last in ((days[0], cut_at), (cut_at + timedelta(days=1), days[-1])):
            if first > last:
                continue
            made = await statements.make_statement(
                session, program, Period(first, last, ZoneInfo("UTC")), user_id=holding.user_id,
                at=clock.now(), most_lines=1_000,
            )  # fmt: skip
            assert (made.closing, made.held) == known[last]
            assert made.opening == known.get(first - timedelta(days=1), (0, 0))[0]
            assert made.opening + sum(line.amount for line in made.lines) == made.closing
            assert all(hold.amount > 0 for hold in made.holds)
        moved = await ledger.movements(
            session, program_id=program.id, owner_id=holding.user_id, currency="USD",
            since=datetime(2000, 1, 1, tzinfo=UTC), until=datetime(2100, 1, 1, tzinfo=UTC),
        )  # fmt: skip
        assert (moved.opening, moved.closing) == (0, known[days[-1]][0])


async def happen(log: Log, number: int, kind: str, amount: int) -> None:
    match kind:
        case "top_up":
            await holders.top_up(
                log.engine, log.clock, log.holding, amount, name=f"{log.holding.user_id}{number}"
            )
        case "pay":
            await pay(log, log.holding, number * 2)
        case "wait":
            pass
        case _:
            at = log.clock.now()
            purchase = Purchase(
                f"iauth_{log.holding.user_id}_x{number}", log.holding.references[0], CAFE, Ticking(at)
            )
            purchase.answer(amount, approved=True)
            if kind == "reverse":
                purchase.reverse(amount // 2)
            else:
                purchase.capture(f"ipi_{purchase.reference}", amount + 7, is_closing=True)
            if kind == "refund":
                purchase.refund(f"ipi_r_{purchase.reference}", amount)
            async with transaction(log.engine) as session:
                await convergence.converge_authorization(session, purchase.seen[-1], source=SOURCE, at=at)


@pytest.mark.parametrize(
    ("locale", "zone", "said"),
    [
        ("en-US", "America/New_York", ["Account statement", "$100,000.00", "Nov 23, 2026", "Top-up"]),
        ("de-DE", "Europe/Berlin", ["Kontoauszug", "100.000,00 $", "23.11.2026", "Aufladung"]),
        ("fr-FR", "Europe/Paris", ["Relevé de compte", "100 000,00 $US", "23 nov. 2026", "Rechargement"]),
        ("ja", "Asia/Tokyo", ["Account statement", "$100,000.00"]),
    ],
)  # fmt: skip
async def test_pages_are_written_in_their_holders_language(
    client: httpx.AsyncClient,
    engine: AsyncEngine,
    clock: MovableClock,
    locale: str,
    zone: str,
    said: list[str],
) -> None:
    holding = await holders.a_holding(engine, clock, [], [], balance=100_000_00)
    log = Log(client, engine, clock, holding, [])
    await pay(log, holding, 1, FORMULA)
    await pay(log, holding, 0, CAFE)
    await speak(engine, holding.user_id, locale, zone)
    answer = await log.get("/statement.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == (
        'attachment; filename="statement-2026-11-01-2026-11-30.pdf"'
    )
    document = pypdfium2.PdfDocument(answer.content)
    written = "\n".join(page.get_textpage().get_text_range() for page in document)
    written = written.replace("\u202f", " ").replace("\xa0", " ")
    for words in (*said, merchants.clean_name(CAFE.name), merchants.clean_name(FORMULA.name)):
        assert words in written, written
    document.close()


async def test_a_spreadsheet_runs_nothing_of_a_statement(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock
) -> None:
    holding = await holders.a_holding(engine, clock, [], [], balance=100_00)
    log = Log(client, engine, clock, holding, [])
    await pay(log, holding, 1, FORMULA)
    async with transaction(engine) as session:
        await session.execute(text("UPDATE merchants SET name = :name"), {"name": FORMULA.name})
    answer = await log.get("/statement.csv", month="2026-11")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    opening, top_up, purchase, closing, available = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert (opening["kind"], opening["balance_after"]) == ("opening", "0.00")
    assert (top_up["kind"], top_up["amount"]) == ("top_up", "100.00")
    assert purchase["description"] == f"'{FORMULA.name}"
    assert (purchase["amount"], purchase["currency"], purchase["balance_after"]) == ("-1.90", "USD", "98.10")
    assert (closing["balance_after"], available["balance_after"]) == ("98.10", "98.10")


async def test_nobody_reads_anothers_movements_even_by_plain_sql(log: Log, engine: AsyncEngine) -> None:
    eve = await holders.a_holding(engine, log.clock, [], balance=7_00, email="eve@example.com")
    shown = (await log.get("/statement", await sign_in(engine, log.clock, eve.user_id))).json()
    assert [line["amount"] for line in shown["lines"]] == [7_00]
    async with transaction(engine) as session:
        await confine_to_customer(session, program_id=eve.program_id, user_id=eve.user_id)
        seen = "SELECT count(*) FROM journal_entries UNION ALL SELECT count(*) FROM postings"
        assert (await session.execute(text(seen))).scalars().all() == [1, 1]
        gone = await session.execute(
            text("DELETE FROM ledger_accounts WHERE owner_id <> :me"), {"me": eve.user_id}
        )
        assert gone.rowcount == 0
        with pytest.raises(Exception, match="row-level security"):
            await session.execute(
                text(
                    "INSERT INTO journal_entries VALUES"
                    " ('entry_x', :program, 'top_up', 'made up', 'USD', NULL, now(), NULL)"
                ),
                {"program": eve.program_id},
            )
        await session.rollback()


async def test_a_period_that_cannot_be_is_refused(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock
) -> None:
    holding = await holders.a_holding(engine, clock, [])
    headers = await sign_in(engine, clock, holding.user_id)
    for query, code in {
        "month=2026-13": "validation_failed",
        "month=2026-1": "validation_failed",
        "month=2026-12": "period_invalid",
        "first_day=2026-11-02": "period_invalid",
        "last_day=2026-11-02": "period_invalid",
        "month=2026-11&first_day=2026-11-02&last_day=2026-11-03": "period_invalid",
        "first_day=2026-11-02&last_day=2026-11-01": "period_invalid",
        "first_day=2025-11-02&last_day=2026-11-03": "period_invalid",
        "first_day=1999-11-02&last_day=1999-11-03": "period_invalid",
        "first_day=1793000000&last_day=2026-11-03": "validation_failed",
    }.items():
        for path in ("statement", "statement.csv", "statement.pdf"):
            answer = await client.get(f"/v1/{path}?{query}", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (422, code), query
    empty = await client.get("/v1/statement", headers=headers)
    assert (empty.json()["lines"], empty.json()["closing_balance"]) == ([], 0)
