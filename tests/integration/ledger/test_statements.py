"""The ledger tells of itself: its journal, and every figure that does not agree with the rows behind it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import ledger
from cardwright.core.errors import Conflict, NotFound
from cardwright.db.session import Session, transaction
from cardwright.ledger import Account, statements, store

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
WHO = {"program_id": "prog_1", "user_id": "user_1", "currency": "USD"}


@pytest.fixture
async def wallet(session: Session) -> Account:
    """A locked wallet of 100.00 USD with a hold of 30.00 for pay_1 until an hour from now."""
    await ledger.credit_wallet(
        session, **WHO, amount=10_000, contra="funding_in_transit", kind="top_up", external_id="top_up:1",
        at=AT,
    )  # fmt: skip
    found = await ledger.wallet_for_update(session, **WHO)
    return await ledger.place_hold(
        session, found, payment_id="pay_1", amount=3_000, expires_at=AT + timedelta(hours=1)
    )


async def test_the_journal_shows_entries_newest_first_with_their_lines(
    session: Session, wallet: Account
) -> None:
    await ledger.debit_wallet(
        session, wallet=wallet, amount=9_000, contra="issuer_settlement", kind="force_post",
        external_id="force:1", at=AT, payment_id="pay_2",
    )  # fmt: skip
    newest, oldest = await statements.entries(session, "prog_1", before=None, limit=10)
    assert (newest.kind, newest.payment_id, newest.currency) == ("force_post", "pay_2", "USD")
    assert [(line.code, line.side, line.amount, line.balance_after) for line in newest.postings] == [
        ("wallet", "debit", 7_000, 3_000),
        ("receivable", "debit", 2_000, 2_000),
        ("issuer_settlement", "credit", 9_000, None),
    ]
    assert [(line.code, line.side, line.owner_id) for line in oldest.postings] == [
        ("funding_in_transit", "debit", "prog_1"),
        ("wallet", "credit", "user_1"),
    ]
    assert await statements.entries(session, "prog_1", before=newest.id, limit=10) == [oldest]
    assert await statements.entries(session, "prog_1", before=None, limit=1) == [newest]
    assert await statements.entries(session, "prog_2", before=None, limit=10) == []


@pytest.mark.parametrize(
    ("damage", "what", "stored", "recomputed"),
    [
        ("UPDATE ledger_accounts SET posted_balance = 1 WHERE code = 'receivable'", "posted_balance", 1, 0),
        ("UPDATE ledger_accounts SET held = 2999 WHERE code = 'wallet'", "held", 2_999, 3_000),
        ("UPDATE holds SET remaining = 2999", "held", 3_000, 2_999),
        ("DELETE FROM holds", "held", 3_000, 0),
        ("DELETE FROM postings WHERE side = 'credit'", "entry", 10_000, 0),
        ("DELETE FROM postings", "entry", 0, 0),
    ],
)  # fmt: skip
async def test_damage_is_found_and_named(
    engine: AsyncEngine,
    session: Session,
    wallet: Account,
    damage: str,
    what: str,
    stored: int,
    recomputed: int,
) -> None:
    assert await ledger.verify(session) == []
    await session.commit()
    async with engine.connect() as unguarded:
        # Only a superuser can do this: it takes the guards of the tables away.
        await unguarded.execute(text("SET LOCAL session_replication_role = replica"))
        await unguarded.execute(text(damage))
        found = {damaged.what: damaged for damaged in await ledger.verify(unguarded)}
    assert (found[what].stored, found[what].recomputed) == (stored, recomputed)


async def test_holds_past_their_time_are_listed_oldest_first(session: Session, wallet: Account) -> None:
    for number, hours in ((2, 3), (3, 2)):
        await ledger.place_hold(
            session, wallet, payment_id=f"pay_{number}", amount=1, expires_at=AT + timedelta(hours=hours)
        )
    assert await ledger.expired_payment_ids(session, at=AT, limit=10) == []
    later = AT + timedelta(hours=3)
    assert await ledger.expired_payment_ids(session, at=later, limit=10) == ["pay_1", "pay_3", "pay_2"]
    assert await ledger.expired_payment_ids(session, at=later, limit=1) == ["pay_1"]
    await ledger.release_hold(session, wallet, payment_id="pay_1", amount=3_000)
    assert await ledger.expired_payment_ids(session, at=later, limit=10) == ["pay_3", "pay_2"]


async def test_a_hold_added_to_gets_the_newest_expiry_and_one_taken_from_keeps_its_own(
    session: Session, wallet: Account
) -> None:
    later = AT + timedelta(days=7)
    await ledger.place_hold(session, wallet, payment_id="pay_1", amount=500, expires_at=later)
    await ledger.release_hold(session, wallet, payment_id="pay_1", amount=1_000)
    hold = await ledger.find_hold(session, "pay_1")
    assert hold is not None
    assert (hold.remaining, hold.expires_at) == (2_500, later)
    assert await ledger.find_hold(session, "pay_9") is None


async def test_releasing_nothing_leaves_the_wallet_as_it_was(session: Session, wallet: Account) -> None:
    for payment_id, amount in (("pay_9", 100), ("pay_1", 0), ("pay_1", -100)):
        assert await ledger.release_hold(session, wallet, payment_id=payment_id, amount=amount) == wallet


@pytest.mark.parametrize("amount", [0, -1, 7_001])
async def test_a_hold_must_be_of_something_the_balance_covers(
    session: Session, wallet: Account, amount: int
) -> None:
    with pytest.raises(Conflict) as refused:
        await ledger.place_hold(session, wallet, payment_id="pay_2", amount=amount, expires_at=AT)
    assert refused.value.code == "funds_insufficient"


async def test_no_more_is_taken_from_a_hold_than_remains(session: Session, wallet: Account) -> None:
    hold = await store.find_hold_for_update(session, "pay_1")
    assert hold is not None
    with pytest.raises(Conflict) as refused:
        await store.change_hold(session, hold, by=-3_001)
    assert refused.value.code == "hold_exceeded"


@pytest.mark.parametrize("amount", [0, -5])
async def test_a_credit_of_nothing_is_refused(session: Session, wallet: Account, amount: int) -> None:
    before = await ledger.trial_balance(session, "prog_1")
    with pytest.raises(Exception, match=r"An entry moves|positive number"):
        await ledger.credit_wallet(
            session, **WHO, amount=amount, contra="funding_in_transit", kind="top_up", external_id="x", at=AT,
        )  # fmt: skip
    assert await ledger.trial_balance(session, "prog_1") == before


async def test_a_debit_told_twice_is_posted_once(session: Session, wallet: Account) -> None:
    for is_first in (True, False):
        found = await ledger.wallet_for_update(session, **WHO)
        entry = await ledger.debit_wallet(
            session, wallet=found, amount=1_000, contra="issuer_settlement", kind="force_post",
            external_id="force:1", at=AT,
        )  # fmt: skip
        assert entry.was_posted_now is is_first
    assert (await ledger.wallet_for_update(session, **WHO)).posted_balance == 9_000


async def test_an_account_nobody_opened_cannot_be_locked(session: Session) -> None:
    with pytest.raises(NotFound):
        await store.account_for_update(session, "acct_none")


async def test_looking_at_a_hold_does_not_wait_for_whoever_changes_it(
    engine: AsyncEngine, session: Session, wallet: Account
) -> None:
    await session.commit()
    async with transaction(engine) as writer, transaction(engine) as reader:
        await store.find_hold_for_update(writer, "pay_1")
        await reader.execute(text("SET LOCAL lock_timeout = '100ms'"))
        assert await ledger.find_hold(reader, "pay_1") is not None
