"""Every call to the gateway x every way it can go wrong: nothing is charged, refunded or kept twice, and
nothing stays open, there or here, once it answers again."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import pytest

from cardwright import funding
from cardwright.adapters.stripe import client
from cardwright.core.errors import Unavailable
from cardwright.funding import TopUp, TopUpState, methods, service, withdrawals
from cardwright.funding.domain import WithdrawalState
from integration.funding.desk import Desk
from outgoing_calls import (
    FAULTS,
    LATE_MILLISECONDS,
    awaited_in,
    modules_that_import,
    until_late_calls_are_over,
)

Play = Callable[[Desk, Callable[[], None]], Awaitable[None]]
LONG = timedelta(hours=21)


async def keep_a_card(desk: Desk, strike: Callable[[], None]) -> None:
    strike()
    assert (await desk.keep()).card is not None


async def keep_a_card_with_consent(desk: Desk, strike: Callable[[], None]) -> None:
    waiting = await desk.keep("pm_card_authenticationRequiredOnSetup")
    await desk.control(f"setup_intents/{waiting.setup_reference}/authenticate", outcome="succeed")
    strike()
    await desk.insist(lambda: funding.refresh_setup(desk.work, str(waiting.setup_reference)))
    assert (await desk.method(waiting.id)).card is not None


async def let_a_card_go(desk: Desk, strike: Callable[[], None]) -> None:
    kept = await desk.keep()
    async with desk.work.transaction() as session:
        await methods.remove_method(session, desk.clock, kept.id, user_id=desk.user_id)
    strike()
    await desk.settle()
    method = await desk.client.v1.payment_methods.retrieve_async(str(kept.provider_reference))
    assert method.customer is None


async def pay(desk: Desk, strike: Callable[[], None]) -> None:
    strike()
    assert (await desk.top_up()).state is TopUpState.SUCCEEDED


async def pay_with_consent(desk: Desk, strike: Callable[[], None]) -> None:
    waiting = await desk.top_up(token="pm_card_threeDSecure2Required")
    await desk.control(f"payment_intents/{waiting.provider_reference}/authenticate", outcome="succeed")
    strike()
    await desk.hear()
    assert (await desk.stored(waiting.id)).state is TopUpState.SUCCEEDED


async def pay_and_hear_nothing_for_a_day(desk: Desk, strike: Callable[[], None]) -> None:
    desk.simulator.world.faults.add("api", "drop_response", selector="POST /v1/payment_intents", count=99)
    with pytest.raises(Unavailable):
        await desk.top_up()
    desk.simulator.world.faults.clear()
    desk.clock.advance(LONG)
    [event] = [it for it in desk.told if it.type == "funding.top_up_requested"]
    strike()
    await desk.insist(lambda: service.charge_requested(desk.work, event))
    await desk.settle()


async def give_up(desk: Desk, strike: Callable[[], None]) -> None:
    waiting = await desk.top_up(token="pm_card_threeDSecure2Required")
    async with desk.work.transaction() as session:
        await service.cancel_top_up(session, desk.clock, waiting.id, user_id=desk.user_id)
    strike()
    await desk.settle()
    assert (await desk.stored(waiting.id)).state is TopUpState.CANCELED


async def fail(desk: Desk, strike: Callable[[], None]) -> None:
    strike()
    assert (await desk.top_up(token="pm_card_chargeDeclined")).state is TopUpState.FAILED


async def withdraw(desk: Desk, strike: Callable[[], None]) -> None:
    await desk.top_up()
    strike()
    done, _ = await desk.withdraw(30_00)
    assert (done.state, await desk.money()) == (WithdrawalState.SUCCEEDED, (20_00, 0, 0))


async def withdraw_what_pends(desk: Desk, strike: Callable[[], None]) -> None:
    await desk.top_up(token="pm_card_pendingRefund")
    pending, [part] = await desk.withdraw(30_00)
    await desk.control(f"refunds/{part.provider_reference}/settle", outcome="succeeded")
    desk.clock.advance(timedelta(minutes=6))
    strike()
    await desk.insist(lambda: funding.refresh_silent_refunds(desk.work))
    assert (await desk.withdrawal(pending.id))[0].state is WithdrawalState.SUCCEEDED


async def withdraw_and_hear_nothing_for_a_day(desk: Desk, strike: Callable[[], None]) -> None:
    await desk.top_up()
    desk.simulator.world.faults.add("api", "drop_response", selector="POST /v1/refunds", count=99)
    with pytest.raises(Unavailable):
        await desk.withdraw(30_00)
    desk.simulator.world.faults.clear()
    desk.clock.advance(LONG)
    [event] = [it for it in desk.told if it.type == "funding.refund_requested"]
    strike()
    await desk.insist(lambda: withdrawals.execute_refund(desk.work, event))
    assert await desk.money() == (20_00, 0, 0)


async def dispute(desk: Desk, strike: Callable[[], None]) -> None:
    await desk.top_up(token="pm_card_createDispute")
    strike()
    await desk.hear()
    assert await desk.money() == (0, 0, 0)


async def dispute_unheard(desk: Desk, strike: Callable[[], None]) -> None:
    await desk.top_up(token="pm_card_createDispute")
    desk.events()
    strike()
    await desk.insist(lambda: funding.sweep_disputes(desk.work))
    assert (len(await desk.disputes()), await desk.money()) == (1, (0, 0, 0))


CALLS: Mapping[str, tuple[str, str, Play]] = {
    "create a customer": ("self._customers.create_async", "POST /v1/customers", keep_a_card),
    "set a card up": ("self._setups.create_async", "POST /v1/setup_intents", keep_a_card),
    "look a set-up up": ("self._setups.retrieve_async", "GET /v1/setup_intents/*", keep_a_card_with_consent),
    "look a card up": ("self._methods.retrieve_async", "GET /v1/payment_methods/*", let_a_card_go),
    "let a card go": ("self._methods.detach_async", "POST /v1/payment_methods/*/detach", let_a_card_go),
    "charge": ("self._intents.create_async", "POST /v1/payment_intents", pay),
    "look a charge up": ("self._intents.retrieve_async", "GET /v1/payment_intents/*", pay_with_consent),
    "find a charge": ("self._intents.list_async", "GET /v1/payment_intents", pay_and_hear_nothing_for_a_day),
    "cancel a charge": ("self._intents.cancel_async", "POST /v1/payment_intents/*/cancel", give_up),
    "close a failed charge": ("self._intents.cancel_async", "POST /v1/payment_intents/*/cancel", fail),
    "refund": ("self._refunds.create_async", "POST /v1/refunds", withdraw),
    "look a refund up": ("self._refunds.retrieve_async", "GET /v1/refunds/*", withdraw_what_pends),
    "find a refund": ("self._refunds.list_async", "GET /v1/refunds", withdraw_and_hear_nothing_for_a_day),
    "look a dispute up": ("self._disputes.retrieve_async", "GET /v1/disputes/*", dispute),
    "list disputes": ("self._disputes.list_async", "GET /v1/disputes", dispute_unheard),
}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "READ_TIMEOUT_SECONDS", LATE_MILLISECONDS / 2_000)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", CALLS)
async def test_a_call_that_goes_wrong_has_one_effect_in_the_end(desk: Desk, call: str, fault: str) -> None:
    _, selector, play = CALLS[call]
    known = {it["id"] for kind in KINDS for it in desk.simulator.world.objects.scan(kind)}

    def strike() -> None:
        desk.failures = 0
        desk.simulator.world.faults.add("api", selector=selector, **FAULTS[fault])

    await play(desk, strike)
    assert desk.simulator.world.faults.list() == [], "the call was never made"
    assert desk.failures >= 1, "the call went well"
    if FAULTS[fault]["kind"] == "delay":
        await until_late_calls_are_over()
    await ensure_agreement(desk, known)


KINDS = ("customer", "payment_intent", "setup_intent", "refund", "charge", "dispute")


async def ensure_agreement(desk: Desk, known: set[str]) -> None:
    """Nothing of this test is there twice or open, and what came in and went back is what our books say."""
    made = {
        kind: [it for it in desk.simulator.world.objects.scan(kind) if it["id"] not in known]
        for kind in KINDS
    }
    paid = [it for it in made["charge"] if it["paid"]]
    top_ups = await all_top_ups(desk)
    assert len(paid) == sum(it.state is TopUpState.SUCCEEDED for it in top_ups) <= 1
    assert len(made["customer"]) <= 1
    assert len(made["refund"]) <= 1
    assert {it["status"] for it in made["payment_intent"]} <= {"succeeded", "canceled"}
    assert {it["status"] for it in made["setup_intent"]} <= {"succeeded"}
    assert len(made["payment_intent"]) == len(top_ups)
    taken = sum(moved["amount"] for it in made["dispute"] for moved in it["balance_transactions"])
    left = sum(it["amount"] - it["amount_refunded"] for it in paid) + taken
    assert await desk.money() == (left, 0, 0)
    for top_up in top_ups:
        assert top_up.state in {TopUpState.SUCCEEDED, TopUpState.FAILED, TopUpState.CANCELED}


async def all_top_ups(desk: Desk) -> list[TopUp]:
    async with desk.work.transaction() as session:
        return list(await service.list_visible(session, desk.viewer, cursor=None, limit=20))


# What stays in this process: one of the calls above, by another way to it.
INSIDE = {"self.look_up", "self.look_up_method"}


def test_every_call_to_the_gateway_has_a_row() -> None:
    modules = modules_that_import("cardwright.funding")
    assert modules == {f"stripe/{it}" for it in ("funding", "payment_methods", "refunds", "top_up_disputes")}
    awaited = {it for module in modules for it in awaited_in(module)}
    assert awaited - INSIDE == {made for made, _, _ in CALLS.values()}
