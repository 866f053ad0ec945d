"""Stripe PaymentIntents through the official SDK, over a real connection to the simulator."""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
import stripe

from cardwright.adapters.stripe.client import RequestRefused, make_client
from cardwright.adapters.stripe.funding import StripeFundingGateway
from cardwright.core.errors import Unavailable
from cardwright.core.ids import new_id
from cardwright.core.money import Money
from cardwright.core.sensitive import Sensitive
from cardwright.funding import (
    ChargeResult,
    ChargeStatus,
    PaymentSource,
    TopUp,
    TopUpReason,
    TopUpState,
)
from running_simulator import QUICK, RunningSimulator, running_simulator

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
RETURN_URL = "https://cardwright.test/top-ups/1"


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
def client(simulator: RunningSimulator) -> stripe.StripeClient:
    return make_client(Sensitive(QUICK.stripe_secret_key), simulator.base_url)


@pytest.fixture
def gateway(client: stripe.StripeClient) -> StripeFundingGateway:
    return StripeFundingGateway(client)


def a_top_up(amount: int = 50_00) -> TopUp:
    return TopUp(new_id("topup"), "prog_1", "user_1", amount, "USD", TopUpState.REQUESTED, AT, AT)


async def charge(gateway: StripeFundingGateway, token: str, top_up: TopUp | None = None) -> ChargeResult:
    return await gateway.charge(top_up or a_top_up(), PaymentSource(Sensitive(token)), RETURN_URL)


async def test_a_good_card_is_charged_what_was_asked(gateway: StripeFundingGateway) -> None:
    top_up = a_top_up(123_45)
    result = await charge(gateway, "pm_card_visa", top_up)
    assert result.status is ChargeStatus.SUCCEEDED
    assert (result.money, result.top_up_id) == (Money(123_45, "USD"), top_up.id)
    assert result.reference is not None
    assert await gateway.look_up(result.reference) == result


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("pm_card_chargeDeclined", TopUpReason.CARD_DECLINED),
        ("pm_card_chargeDeclinedInsufficientFunds", TopUpReason.FUNDS_INSUFFICIENT),
        ("pm_card_chargeDeclinedFraudulent", TopUpReason.CARD_DECLINED),
    ],
)
async def test_a_decline_is_an_answer_that_looking_up_repeats(
    gateway: StripeFundingGateway, token: str, reason: TopUpReason
) -> None:
    result = await charge(gateway, token)
    assert (result.status, result.reason_code) == (ChargeStatus.FAILED, reason)
    assert result.reference is not None
    found = await gateway.look_up(result.reference)
    assert (found.status, found.reason_code) == (ChargeStatus.FAILED, reason)


async def test_an_unknown_payment_method_fails_the_top_up_and_not_the_job(
    gateway: StripeFundingGateway,
) -> None:
    result = await charge(gateway, "pm_nobodyHasThis")
    assert result == ChargeResult(ChargeStatus.FAILED, reason_code=TopUpReason.PAYMENT_METHOD_INVALID)


@pytest.mark.parametrize(
    ("outcome", "status", "reason"),
    [
        ("succeed", ChargeStatus.SUCCEEDED, None),
        ("fail", ChargeStatus.FAILED, TopUpReason.AUTHENTICATION_FAILED),
    ],
)
async def test_a_card_that_asks_who_it_is_waits_for_the_person(
    gateway: StripeFundingGateway, outcome: str, status: ChargeStatus, reason: TopUpReason | None
) -> None:
    waiting = await charge(gateway, "pm_card_authenticationRequired")
    assert waiting.status is ChargeStatus.REQUIRES_ACTION
    assert waiting.reference is not None
    assert waiting.action_url is not None
    async with httpx.AsyncClient() as browser:
        (
            await browser.post(f"{waiting.action_url}/authenticate", json={"outcome": outcome})
        ).raise_for_status()
    found = await gateway.look_up(waiting.reference)
    assert (found.status, found.reason_code, found.action_url) == (status, reason, None)


async def test_an_intent_that_was_given_up_is_canceled(
    gateway: StripeFundingGateway, client: stripe.StripeClient
) -> None:
    waiting = await charge(gateway, "pm_card_authenticationRequired")
    assert waiting.reference is not None
    await client.v1.payment_intents.cancel_async(waiting.reference)
    assert (await gateway.look_up(waiting.reference)).status is ChargeStatus.CANCELED


async def test_charging_again_after_a_lost_answer_takes_the_money_once(
    gateway: StripeFundingGateway, client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    top_up = a_top_up()
    simulator.world.faults.add("api", "drop_response", selector="POST /v1/payment_intents", count=3)
    with pytest.raises(Unavailable):
        await charge(gateway, "pm_card_visa", top_up)
    first = await charge(gateway, "pm_card_visa", top_up)
    assert await charge(gateway, "pm_card_visa", top_up) == first
    intents = await client.v1.payment_intents.list_async({"limit": 100})
    assert [it.id for it in intents.data if it.metadata["top_up_id"] == top_up.id] == [first.reference]


@pytest.mark.parametrize("status", [500, 503, 429, 409])
async def test_a_gateway_in_trouble_is_unavailable(
    gateway: StripeFundingGateway, simulator: RunningSimulator, status: int
) -> None:
    fault = simulator.world.faults.add("api", "error", selector="GET /v1/*", count=None, status=status)
    with pytest.raises(Unavailable):
        await gateway.look_up("pi_1")
    simulator.world.faults.remove(fault.id)


async def test_an_intent_made_by_somebody_else_names_no_top_up_of_ours(
    gateway: StripeFundingGateway, client: stripe.StripeClient
) -> None:
    foreign = await client.v1.payment_intents.create_async({"amount": 20_00, "currency": "usd"})
    found = await gateway.look_up(foreign.id)
    assert (found.status, found.top_up_id) == (ChargeStatus.PENDING, None)


async def test_a_status_nobody_knows_yet_counts_as_pending(
    gateway: StripeFundingGateway, simulator: RunningSimulator
) -> None:
    charged = await charge(gateway, "pm_card_visa")
    assert charged.reference is not None
    known = simulator.world.objects.get("payment_intent", charged.reference)
    assert known is not None
    simulator.world.objects.put("payment_intent", known | {"status": "on_the_moon"})
    assert (await gateway.look_up(charged.reference)).status is ChargeStatus.PENDING


async def test_an_amount_the_gateway_will_not_take_fails_loudly(gateway: StripeFundingGateway) -> None:
    with pytest.raises(RequestRefused) as caught:
        await charge(gateway, "pm_card_visa", a_top_up(49))
    assert (caught.value.param, caught.value.code) == ("amount", "amount_too_small")


def test_a_stand_in_is_given_every_address_so_that_nothing_reaches_the_real_one() -> None:
    def addresses(base_url: str | None) -> set[object]:
        client = make_client(Sensitive("sk_test_1"), base_url)
        return set(client._requestor._options.base_addresses.values())

    assert addresses("http://127.0.0.1:4020/") == {"http://127.0.0.1:4020"}
    assert "https://api.stripe.com" in addresses(None)
