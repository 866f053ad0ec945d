"""Top-ups, kept cards and auto top-up, from the request to the books, against the simulated gateway."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cardwright import funding, ledger
from cardwright.access import Viewer
from cardwright.core.errors import Conflict, Invalid, NotFound
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive
from cardwright.db.outbox import Event, append
from cardwright.funding import SavedMethod, TopUpReason, TopUpState, auto, methods, service
from cardwright.funding.domain import AutoTopUp, AutoUsage, MethodState, OffReason, Origin
from integration.funding.desk import Desk


async def test_a_payment_is_confirmed_on_the_banks_page_and_credited_by_its_webhook_once(desk: Desk) -> None:
    waiting = await desk.top_up(token="pm_card_threeDSecure2Required")
    assert (waiting.state, waiting.action_url is not None) == (TopUpState.REQUIRES_ACTION, True)
    await desk.control(f"payment_intents/{waiting.provider_reference}/authenticate", outcome="succeed")
    told = [it for it in desk.events() if it["type"] == "payment_intent.succeeded"]
    await desk.hear(*told, *told)
    assert (await desk.stored(waiting.id)).state is TopUpState.SUCCEEDED
    assert await desk.money() == (50_00, 0, 0)


async def test_who_fails_to_confirm_is_told_why_and_nothing_stays_open(desk: Desk) -> None:
    waiting = await desk.top_up(token="pm_card_threeDSecure2Required")
    await desk.control(f"payment_intents/{waiting.provider_reference}/authenticate", outcome="fail")
    await desk.hear()
    failed = await desk.stored(waiting.id)
    assert (failed.state, failed.reason_code) == (TopUpState.FAILED, TopUpReason.AUTHENTICATION_FAILED)
    intent = await desk.client.v1.payment_intents.retrieve_async(str(waiting.provider_reference))
    assert intent.status == "canceled"
    assert await desk.money() == (0, 0, 0)


async def test_an_abandoned_payment_expires_at_the_gateway_too(desk: Desk) -> None:
    waiting = await desk.top_up(token="pm_card_threeDSecure2Required")
    desk.clock.advance(timedelta(hours=2))
    await funding.expire_abandoned_top_ups(desk.work)
    expired = await desk.stored(waiting.id)
    assert (expired.state, expired.reason_code) == (TopUpState.CANCELED, TopUpReason.ABANDONED)
    intent = await desk.client.v1.payment_intents.retrieve_async(str(waiting.provider_reference))
    assert intent.cancellation_reason == "abandoned"


async def test_a_kept_card_is_known_by_little_and_charged_again(desk: Desk) -> None:
    kept = await desk.keep("pm_card_mastercard", "Household")
    assert kept.card is not None
    assert (kept.state, kept.is_default, kept.label) == (MethodState.ACTIVE, True, "Household")
    assert (kept.card.brand, kept.card.last4, kept.card.exp_month) == ("mastercard", "4444", 12)
    other = await desk.keep()
    assert not other.is_default
    for method in (kept, other):
        assert (await desk.top_up_from(method)).state is TopUpState.SUCCEEDED
    assert await desk.money() == (100_00, 0, 0)
    assert desk.simulator.world.objects.count("customer") >= 1


async def test_a_kept_card_is_renamed_made_the_default_and_let_go(desk: Desk) -> None:
    first, second = await desk.keep(), await desk.keep()
    async with desk.work.transaction() as session:
        await methods.change_method(
            session, desk.clock, second.id, user_id=desk.user_id, label="Rent", is_default=True
        )
    assert (await desk.method(second.id)).is_default
    assert (await desk.method(second.id)).label == "Rent"
    assert not (await desk.method(first.id)).is_default
    async with desk.work.transaction() as session:
        await methods.remove_method(session, desk.clock, second.id, user_id=desk.user_id)
    await desk.settle()
    with pytest.raises(NotFound):
        await desk.method(second.id)
    method = await desk.client.v1.payment_methods.retrieve_async(str(second.provider_reference))
    assert method.customer is None
    await desk.hear()
    with pytest.raises(Invalid):
        await desk.top_up_from(second)


async def test_keeping_a_card_may_ask_for_its_owner(desk: Desk) -> None:
    waiting = await desk.keep("pm_card_authenticationRequiredOnSetup")
    assert (waiting.state, waiting.action_url is not None) == (MethodState.REQUIRES_ACTION, True)
    with pytest.raises(Conflict) as early:
        await desk.top_up_from(waiting)
    assert early.value.code == "payment_method_not_ready"
    await desk.control(f"setup_intents/{waiting.setup_reference}/authenticate", outcome="succeed")
    desk.clock.advance(timedelta(minutes=6))
    await funding.refresh_silent_methods(desk.work)
    assert (await desk.method(waiting.id)).state is MethodState.ACTIVE


async def test_a_card_that_is_refused_is_not_kept_and_says_why(desk: Desk) -> None:
    refused = await desk.keep("pm_card_chargeDeclinedInsufficientFunds")
    assert (refused.state, refused.reason_code) == (MethodState.FAILED, TopUpReason.FUNDS_INSUFFICIENT)
    unknown = await desk.keep("pm_nobodyHasThis")
    assert unknown.reason_code is TopUpReason.PAYMENT_METHOD_INVALID


async def test_what_is_let_go_at_the_gateway_is_let_go_here(desk: Desk) -> None:
    kept = await desk.keep()
    await desk.client.v1.payment_methods.detach_async(str(kept.provider_reference))
    await desk.hear()
    with pytest.raises(NotFound):
        await desk.method(kept.id)


async def test_ten_cards_are_enough(desk: Desk) -> None:
    for _ in range(10):
        async with desk.work.transaction() as session:
            await methods.keep_method(
                session, desk.clock, program_id=desk.program.id, user_id=desk.user_id,
                token=Sensitive("pm_card_visa"), label=None,
            )  # fmt: skip
    with pytest.raises(Conflict) as caught:
        await desk.keep()
    assert caught.value.code == "too_many_payment_methods"


async def a_rule(desk: Desk, method: SavedMethod, **changes: int) -> AutoTopUp:
    rule = AutoTopUp(
        desk.user_id, desk.program.id, method.id, "USD", 20_00, 50_00, 100_00, 150_00, desk.clock.now()
    )
    async with desk.work.transaction() as session:
        stored = await auto.set_rule(session, replace(rule, **changes))
    await desk.settle()
    return stored


async def rule_of(desk: Desk) -> tuple[AutoTopUp, AutoUsage]:
    async with desk.work.transaction() as session:
        rule = await auto.find_rule(session, desk.user_id)
        assert rule is not None
        return rule, await auto.usage_of(session, rule, at=desk.clock.now())


async def spend(desk: Desk, amount: int) -> None:
    """Let a payment take money, and tell of it as payments do."""
    await spend_quietly(desk, amount)
    payload = {"user_id": desk.user_id, "amount": amount, "currency": "USD"}
    cleared = Event("payments.payment_cleared", desk.program.id, new_id("pay"), desk.clock.now(), payload)
    async with desk.work.transaction() as session:
        # Told twice and at once, as queues do.
        await append(session, cleared, cleared)
    await desk.settle()


async def spend_quietly(desk: Desk, amount: int) -> None:
    async with desk.work.transaction() as session:
        wallet = await ledger.wallet_for_update(
            session, program_id=desk.program.id, user_id=desk.user_id, currency="USD"
        )
        await ledger.debit_wallet(
            session, wallet=wallet, amount=amount, contra="issuer_settlement", kind="clearing",
            external_id=new_id("txn"), at=desk.clock.now(),
        )  # fmt: skip


async def test_a_low_balance_is_filled_up_by_itself_as_far_as_the_caps_allow(desk: Desk) -> None:
    await a_rule(desk, await desk.keep())
    assert await desk.money() == (50_00, 0, 0)
    await spend(desk, 40_00)
    assert await desk.money() == (60_00, 0, 0)
    await spend(desk, 50_00)
    assert await desk.money() == (10_00, 0, 0)
    desk.clock.advance(timedelta(days=1))
    await spend(desk, 1_00)
    assert await desk.money() == (59_00, 0, 0)
    desk.clock.advance(timedelta(days=1))
    await spend(desk, 50_00)
    assert await desk.money() == (9_00, 0, 0)
    _, usage = await rule_of(desk)
    assert (usage.today, usage.this_month) == (0, 150_00)


async def test_the_caps_begin_anew_where_the_holder_lives(desk: Desk) -> None:
    desk.clock.instant = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
    await a_rule(desk, await desk.keep(), most_per_day=50_00, most_per_month=50_00)
    await spend(desk, 40_00)
    assert await desk.money() == (10_00, 0, 0)
    desk.clock.advance(timedelta(minutes=1))
    await spend(desk, 1_00)
    assert await desk.money() == (59_00, 0, 0)


async def test_two_are_never_under_way(desk: Desk) -> None:
    await a_rule(desk, await desk.keep())
    await spend(desk, 20_00)
    assert await desk.money() == (30_00, 0, 0)
    await a_rule(desk, (await desk.keep()), threshold=40_00, most_per_day=150_00)
    assert await desk.money() == (80_00, 0, 0)
    await spend_quietly(desk, 60_00)
    told = Event(
        "payments.payment_cleared", desk.program.id, "pay_1", desk.clock.now(), {"user_id": desk.user_id}
    )
    await asyncio.gather(*(auto.consider(desk.work, told) for _ in range(6)))
    async with desk.work.transaction() as session:
        made = await service.list_visible(
            session, Viewer(desk.program.id, desk.user_id), cursor=None, limit=10
        )
    assert [it.state for it in made] == [TopUpState.REQUESTED, TopUpState.SUCCEEDED, TopUpState.SUCCEEDED]
    assert {it.origin for it in made} == {Origin.AUTO}
    await desk.settle()
    assert await desk.money() == (70_00, 0, 0)


async def test_a_rule_that_fails_three_times_is_switched_off_and_its_owner_told(desk: Desk) -> None:
    await a_rule(desk, await desk.keep("pm_card_chargeCustomerFail"), most_per_day=150_00)
    for failures in (1, 2):
        rule, usage = await rule_of(desk)
        assert (rule.off_reason, usage.failures) == (None, failures)
        await spend(desk, 1_00)
    rule, usage = await rule_of(desk)
    assert (rule.off_reason, usage.failures) == (OffReason.FAILED_REPEATEDLY, 3)
    assert (await desk.told_of()).count("funding.auto_top_up_switched_off") == 1
    await spend(desk, 1_00)
    assert (await rule_of(desk))[1].failures == 3
    desk.clock.advance(timedelta(minutes=1))
    await a_rule(desk, await desk.keep())
    assert (await rule_of(desk))[1].failures == 0
    assert (await desk.money())[0] == 50_00 - 3_00


async def test_a_card_that_always_asks_fails_when_nobody_is_there(desk: Desk) -> None:
    waiting = await desk.keep("pm_card_authenticationRequired")
    await desk.control(f"setup_intents/{waiting.setup_reference}/authenticate", outcome="succeed")
    await desk.hear()
    await a_rule(desk, await desk.method(waiting.id))
    assert "funding.top_up_failed" in await desk.told_of()
    assert (await rule_of(desk))[1].failures == 1


async def test_letting_go_of_its_card_switches_a_rule_off(desk: Desk) -> None:
    method = await desk.keep()
    await a_rule(desk, method)
    async with desk.work.transaction() as session:
        await methods.remove_method(session, desk.clock, method.id, user_id=desk.user_id)
    assert (await rule_of(desk))[0].off_reason is OffReason.PAYMENT_METHOD_REMOVED


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": 99}, "amount_out_of_bounds"),
        ({"threshold": 0}, "threshold_out_of_bounds"),
        ({"most_per_day": 49_99}, "caps_contradict"),
        ({"most_per_month": 99_99}, "caps_contradict"),
    ],
)
async def test_a_rule_that_contradicts_itself_is_refused(
    desk: Desk, changes: dict[str, int], code: str
) -> None:
    method = await desk.keep()
    with pytest.raises(Invalid) as caught:
        await a_rule(desk, method, **changes)
    assert caught.value.code == code
