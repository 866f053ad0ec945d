"""Money moves in balanced entries, once per external id, and what a balance lacks is owed."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import ledger
from cardwright.core.clock import MovableClock
from cardwright.core.errors import CardwrightError
from cardwright.db.session import Session, transaction
from cardwright.ledger import Account

WHO = {"program_id": "prog_1", "user_id": "user_1", "currency": "USD"}


async def top_up(session: Session, clock: MovableClock, amount: int, number: int = 1) -> ledger.Entry:
    return await ledger.credit_wallet(
        session, **WHO, amount=amount, contra="funding_in_transit", kind="top_up",
        external_id=f"top_up:{number}", at=clock.now(),
    )  # fmt: skip


async def wallet(session: Session) -> Account:
    return await ledger.wallet_for_update(session, **WHO)


async def balances(session: Session) -> dict[str, int]:
    balance = await ledger.trial_balance(session, "prog_1")
    assert all(difference == 0 for difference in balance.difference.values())
    assert await ledger.verify(session) == []
    return {line.code: line.balance for line in balance.lines}


async def test_a_top_up_posts_once_however_often_it_is_reported(
    session: Session, clock: MovableClock
) -> None:
    first, second = await top_up(session, clock, 10_000), await top_up(session, clock, 10_000)
    assert first.was_posted_now
    assert not second.was_posted_now
    assert second.id == first.id
    assert await balances(session) == {"funding_in_transit": 10_000, "wallet": 10_000}


async def test_a_top_up_reported_by_many_at_once_posts_once(engine: AsyncEngine, clock: MovableClock) -> None:
    async def report() -> bool:
        async with transaction(engine) as session:
            return (await top_up(session, clock, 10_000)).was_posted_now

    assert sum(await asyncio.gather(*[report() for _ in range(20)])) == 1
    async with transaction(engine) as session:
        assert await balances(session) == {"funding_in_transit": 10_000, "wallet": 10_000}


async def test_a_hold_is_captured_in_parts_and_the_rest_released(
    session: Session, clock: MovableClock
) -> None:
    await top_up(session, clock, 10_000)
    week = clock.now() + timedelta(days=7)
    held = await ledger.place_hold(
        session, await wallet(session), payment_id="pay_1", amount=6_000, expires_at=week
    )
    assert (held.posted_balance, held.held, held.available_balance) == (10_000, 6_000, 4_000)
    captured = await ledger.capture_hold(
        session, held, payment_id="pay_1", amount=2_500, release=2_500, contra="issuer_settlement",
        kind="clearing", external_id="clearing:1", at=clock.now(),
    )  # fmt: skip
    assert (captured.posted_balance, captured.held) == (7_500, 3_500)
    released = await ledger.release_hold(session, captured, payment_id="pay_1", amount=99_999)
    assert (released.posted_balance, released.held) == (7_500, 0)
    assert await balances(session) == {
        "funding_in_transit": 10_000, "issuer_settlement": -2_500, "wallet": 7_500,
    }  # fmt: skip


async def test_a_hold_beyond_the_available_balance_is_refused(session: Session, clock: MovableClock) -> None:
    await top_up(session, clock, 100)
    with pytest.raises(CardwrightError) as refused:
        await ledger.place_hold(
            session, await wallet(session), payment_id="pay_1", amount=101, expires_at=clock.now()
        )
    assert refused.value.code == "funds_insufficient"


async def test_what_a_clearing_finds_no_balance_for_is_owed_and_repaid_by_the_next_top_up(
    session: Session, clock: MovableClock
) -> None:
    await top_up(session, clock, 3_000)
    await ledger.capture_hold(
        session, await wallet(session), payment_id="pay_1", amount=5_000, release=0,
        contra="issuer_settlement", kind="clearing", external_id="clearing:1", at=clock.now(),
    )  # fmt: skip
    assert await balances(session) == {
        "funding_in_transit": 3_000, "issuer_settlement": -5_000, "receivable": 2_000, "wallet": 0,
    }  # fmt: skip
    await top_up(session, clock, 2_500, number=2)
    assert await balances(session) == {
        "funding_in_transit": 5_500, "issuer_settlement": -5_000, "receivable": 0, "wallet": 500,
    }  # fmt: skip


async def test_a_trial_balance_can_be_read_as_it_stood(session: Session, clock: MovableClock) -> None:
    await top_up(session, clock, 1_000)
    then = clock.now()
    clock.advance(timedelta(hours=1))
    await top_up(session, clock, 500, number=2)
    earlier = await ledger.trial_balance(session, "prog_1", at=then)
    assert {line.code: line.balance for line in earlier.lines} == {
        "funding_in_transit": 1_000,
        "wallet": 1_000,
    }


async def test_the_programs_own_money_moves_without_any_wallet_and_shows_as_changes_of_its_accounts(
    session: Session, clock: MovableClock
) -> None:
    await top_up(session, clock, 10_000)
    recovered = {
        "program_id": "prog_1", "currency": "USD", "amount": 2_500, "debit": "issuer_settlement",
        "credit": "dispute_suspense", "kind": "dispute_recovery", "external_id": "dispute:1",
        "at": clock.now(), "payment_id": "pay_1",
    }  # fmt: skip
    entries = [await ledger.move_between_shared(session, **recovered) for _ in range(2)]
    assert [entry.was_posted_now for entry in entries] == [True, False]
    assert await balances(session) == {
        "funding_in_transit": 10_000, "wallet": 10_000, "issuer_settlement": 2_500,
        "dispute_suspense": -2_500,
    }  # fmt: skip
    change = ledger.Change("dispute:1", -2_500, "USD", clock.now(), "pay_1")
    suspense = {"program_id": "prog_1", "code": "dispute_suspense"}
    found = await ledger.changes_of(session, **suspense, external_ids=["dispute:1", "top_up:1"])
    assert found == {"dispute:1": change}
    day = {"since": clock.now() - timedelta(hours=12), "until": clock.now() + timedelta(hours=12)}
    assert await ledger.changes_between(session, **suspense, **day) == [change]
    for kinds, changes in (({"dispute_recovery"}, [change]), ({"top_up"}, [])):
        assert await ledger.changes_between(session, **suspense, **day, kinds=frozenset(kinds)) == changes
