"""Money back to where it came from: reserved at once, posted when confirmed, given back when it fails."""

import asyncio
from datetime import timedelta

import pytest

from cardwright import funding, ledger
from cardwright.access import Viewer
from cardwright.core.errors import Conflict, Invalid, NotFound
from cardwright.core.money import Money
from cardwright.funding import RefundReason, RefundState, TopUp, withdrawals
from cardwright.funding.domain import Withdrawal, WithdrawalKind, WithdrawalOrder, WithdrawalState
from integration.funding.desk import Desk

NEWEST, OLDEST = WithdrawalOrder.NEWEST_FIRST, WithdrawalOrder.OLDEST_FIRST


async def refunded(desk: Desk, top_up: TopUp) -> int:
    """Return what the gateway has given back of a top-up."""
    listed = await desk.client.v1.refunds.list_async({"payment_intent": str(top_up.provider_reference)})
    return sum(it.amount for it in listed.data if it.status == "succeeded")


async def take(desk: Desk, amount: int, order: WithdrawalOrder = NEWEST) -> Withdrawal:
    """Ask for a withdrawal and leave it to the worker."""
    async with desk.work.transaction() as session:
        return await withdrawals.request_withdrawal(
            session, desk.clock, desk.program, user_id=desk.user_id, money=Money(amount, "USD"), order=order
        )


async def give_back(desk: Desk, top_up: TopUp, amount: int | None = None) -> Withdrawal:
    """Refund a top-up as staff do."""
    async with desk.work.transaction() as session:
        return await withdrawals.refund_top_up(
            session, desk.clock, top_up.id, amount=amount, reason="Paid twice.", by="user_staff",
            viewer=Viewer(desk.program.id, None),
        )  # fmt: skip


@pytest.mark.parametrize(("order", "parts"), [(NEWEST, [20_00, 10_00]), (OLDEST, [30_00, 0])])
async def test_money_goes_back_to_the_top_ups_it_came_from(
    desk: Desk, order: WithdrawalOrder, parts: list[int]
) -> None:
    old, new = await desk.top_up(50_00), await desk.top_up(20_00)
    done, refunds = await desk.withdraw(30_00, order)
    assert (done.state, done.returned) == (WithdrawalState.SUCCEEDED, 30_00)
    back = [await refunded(desk, it) for it in (new, old)]
    assert sorted(back) == sorted(parts)
    assert {it.top_up_id: it.amount for it in refunds} == {
        it.id: amount for it, amount in zip((new, old), back, strict=True) if amount
    }
    assert await desk.money() == (40_00, 0, 0)
    assert "funding.withdrawal_succeeded" in await desk.told_of()


async def test_what_is_asked_for_is_set_aside_until_the_gateway_has_answered(desk: Desk) -> None:
    await desk.top_up(50_00)
    await take(desk, 30_00)
    assert await desk.money() == (50_00, 30_00, 0)
    with pytest.raises(Conflict) as too_much:
        await take(desk, 20_01)
    assert too_much.value.code == "not_refundable"
    await desk.settle()
    assert await desk.money() == (20_00, 0, 0)


async def test_no_more_than_is_available_goes_back(desk: Desk) -> None:
    await desk.top_up(50_00)
    async with desk.work.transaction() as session:
        wallet = await ledger.wallet_for_update(
            session, program_id=desk.program.id, user_id=desk.user_id, currency="USD"
        )
        await ledger.place_hold(
            session, wallet, payment_id="pay_1", amount=30_00, expires_at=desk.clock.now()
        )
    with pytest.raises(Conflict) as caught:
        await take(desk, 20_01)
    assert caught.value.code == "funds_insufficient"
    await take(desk, 20_00)


async def test_no_more_than_came_in_goes_back(desk: Desk) -> None:
    await desk.top_up(10_00)
    async with desk.work.transaction() as session:
        await ledger.credit_wallet(
            session, program_id=desk.program.id, user_id=desk.user_id, currency="USD", amount=90_00,
            contra="issuer_settlement", kind="refund", external_id="refund:1", at=desk.clock.now(),
        )  # fmt: skip
    with pytest.raises(Conflict) as caught:
        await take(desk, 10_01)
    assert (caught.value.code, caught.value.details) == ("not_refundable", {"refundable": 10_00})
    with pytest.raises(Invalid):
        async with desk.work.transaction() as session:
            await withdrawals.request_withdrawal(
                session, desk.clock, desk.program, user_id=desk.user_id, money=Money(1_00, "EUR"),
                order=NEWEST,
            )  # fmt: skip


async def test_withdrawals_at_once_never_share_a_cent(desk: Desk) -> None:
    top_up = await desk.top_up(50_00)
    made = await asyncio.gather(*(take(desk, 20_00) for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(it, Withdrawal) for it in made) == 2
    await desk.settle()
    assert await refunded(desk, top_up) == 40_00
    assert await desk.money() == (10_00, 0, 0)


async def test_what_one_card_takes_and_another_sends_back_is_told_as_it_is(desk: Desk) -> None:
    await desk.top_up(20_00, "pm_card_refundFail")
    await desk.top_up(50_00)
    pending, _ = await desk.withdraw(60_00)
    await desk.hear()
    done, refunds = await desk.withdrawal(pending.id)
    assert (done.state, done.returned) == (WithdrawalState.PARTLY_SUCCEEDED, 50_00)
    assert sorted((it.state, it.reason_code) for it in refunds) == [
        (RefundState.FAILED, RefundReason.RETURNED_BY_BANK), (RefundState.SUCCEEDED, None),
    ]  # fmt: skip
    assert await desk.money() == (20_00, 0, 0)
    assert "funding.withdrawal_partly_succeeded" in await desk.told_of()


@pytest.mark.parametrize(("outcome", "left"), [("succeeded", 20_00), ("failed", 50_00)])
async def test_a_refund_that_pends_keeps_the_money_set_aside(desk: Desk, outcome: str, left: int) -> None:
    await desk.top_up(50_00, "pm_card_pendingRefund")
    pending, [refund] = await desk.withdraw(30_00)
    assert (pending.state, refund.state) == (WithdrawalState.PENDING, RefundState.PENDING)
    assert await desk.money() == (50_00, 30_00, 0)
    await desk.control(f"refunds/{refund.provider_reference}/settle", outcome=outcome)
    desk.clock.advance(timedelta(minutes=6))
    await funding.refresh_silent_refunds(desk.work)
    assert await desk.money() == (left, 0, 0)


async def test_a_return_whose_webhook_is_lost_is_found_by_asking(desk: Desk) -> None:
    await desk.top_up(50_00)
    _, [refund] = await desk.withdraw(30_00)
    await desk.control(f"refunds/{refund.provider_reference}/settle", outcome="failed")
    desk.clock.advance(timedelta(hours=7))
    await funding.refresh_silent_refunds(desk.work)
    assert await desk.money() == (50_00, 0, 0)


async def test_what_was_given_back_elsewhere_is_refused_and_stays_in_the_wallet(desk: Desk) -> None:
    top_up = await desk.top_up(50_00)
    await desk.client.v1.refunds.create_async({"payment_intent": str(top_up.provider_reference)})
    failed, [refund] = await desk.withdraw(30_00)
    assert (failed.state, refund.reason_code) == (WithdrawalState.FAILED, RefundReason.NOT_REFUNDABLE)
    assert await desk.money() == (50_00, 0, 0)
    await desk.hear()


async def test_a_refund_that_got_no_answer_for_too_long_is_looked_for_and_not_repeated(desk: Desk) -> None:
    known, lost = await desk.top_up(50_00), await desk.top_up(20_00)
    for amount, order, kind in ((10_00, OLDEST, "drop_response"), (20_00, NEWEST, "drop")):
        made = await take(desk, amount, order)
        desk.simulator.world.faults.add("api", kind, selector="POST /v1/refunds", count=13)
        with pytest.raises(Exception, match="does not answer"):
            await desk.settle()
        desk.simulator.world.faults.clear()
        desk.clock.advance(timedelta(hours=21))
        _, [part] = await desk.withdrawal(made.id)
        again = funding.SUBSCRIPTIONS[-1]
        event = next(it for it in desk.told if it.subject_id == part.id)
        await again.handle(desk.work, event)
    assert [await refunded(desk, it) for it in (known, lost)] == [10_00, 0]
    _, [part] = await desk.withdrawal(made.id)
    assert part.reason_code is RefundReason.REFUND_WINDOW_PASSED
    assert await desk.money() == (60_00, 0, 0)


async def test_staff_give_a_top_up_back_in_part_or_in_whole(desk: Desk) -> None:
    top_up = await desk.top_up(50_00)
    part = await give_back(desk, top_up, 10_00)
    assert (part.kind, part.requested_by, part.reason) == (WithdrawalKind.REFUND, "user_staff", "Paid twice.")
    await desk.settle()
    whole = await give_back(desk, top_up)
    assert whole.amount == 40_00
    await desk.settle()
    assert await refunded(desk, top_up) == 50_00
    assert await desk.money() == (0, 0, 0)
    with pytest.raises(Conflict) as caught:
        await give_back(desk, top_up)
    assert caught.value.code == "not_refundable"
    failed = await desk.top_up(token="pm_card_chargeDeclined")
    with pytest.raises(Conflict) as unpaid:
        await give_back(desk, failed)
    assert unpaid.value.code == "top_up_not_paid"


async def test_other_peoples_withdrawals_do_not_exist(desk: Desk) -> None:
    await desk.top_up(50_00)
    made = await take(desk, 10_00)
    with pytest.raises(NotFound):
        async with desk.work.transaction() as session:
            await withdrawals.get_withdrawal(session, made.id, viewer=Viewer(desk.program.id, "user_other"))
