import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import stripe

from running_stripe import RunningStripe, stripe_client


@pytest.fixture
async def aclient(running: RunningStripe) -> AsyncIterator[stripe.StripeClient]:
    http = stripe.HTTPXClient(timeout=10)
    yield stripe_client(running.base_url, http_client=http)
    await http.close_async()


async def test_a_cards_life_with_the_async_client(
    aclient: stripe.StripeClient, cardholder_params: Any
) -> None:
    issuing, helpers = aclient.v1.issuing, aclient.v1.test_helpers.issuing
    holder = await issuing.cardholders.create_async(cardholder_params)
    card = await issuing.cards.create_async(
        {"cardholder": holder.id, "currency": "usd", "type": "virtual", "status": "active"}
    )
    made = await helpers.authorizations.create_async({"card": card.id, "amount": 1200})
    closed = await helpers.authorizations.capture_async(made.id, {"capture_amount": 1000})
    assert [it.amount for it in closed.transactions] == [-1000]
    with pytest.raises(stripe.InvalidRequestError):
        await helpers.authorizations.capture_async(made.id)


async def test_twenty_callers_page_through_everything(
    aclient: stripe.StripeClient, cardholder_params: Any
) -> None:
    holders = aclient.v1.issuing.cardholders
    made = await asyncio.gather(*(holders.create_async(cardholder_params) for _ in range(20)))
    paged = [it.id async for it in (await holders.list_async({"limit": 7})).auto_paging_iter()]
    assert sorted(paged) == sorted(it.id for it in made)


async def test_money_comes_in_with_the_async_client(aclient: stripe.StripeClient) -> None:
    intent = await aclient.v1.payment_intents.create_async(
        {"amount": 5000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    )
    assert intent.status == "succeeded"
    refund = await aclient.v1.refunds.create_async({"payment_intent": intent.id})
    assert (refund.amount, refund.status) == (5000, "succeeded")
