"""What Stripe reports, through the official SDK, over a real connection to the simulator."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe

from cardwright.adapters.stripe.client import make_client
from cardwright.adapters.stripe.issuing import StripeCardProcessor
from cardwright.adapters.stripe.reporting import StripeReporter
from cardwright.cards import Holder
from cardwright.core.errors import Unavailable
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive
from cardwright.reconciliation import Report, Stream
from running_simulator import QUICK, RunningSimulator, running_simulator

HOLDER = Holder(
    "user_1", "Ada King", "ada@example.com", "+15550100200", "1 Sample Street", "Springfield", "12345", "US"
)


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
def client(simulator: RunningSimulator) -> stripe.StripeClient:
    return make_client(Sensitive(QUICK.stripe_secret_key), simulator.base_url)


@pytest.fixture
async def card(client: stripe.StripeClient) -> str:
    processor = StripeCardProcessor(client)
    holder = await processor.register_holder(HOLDER, key=new_id("user"))
    card_id = new_id("card")
    issued = await processor.issue_card(card_id=card_id, holder_reference=holder, currency="USD", key=card_id)
    return issued.reference


async def everything(client: stripe.StripeClient, stream: Stream) -> list[Report]:
    now = datetime.now(UTC)
    reporter, cursor, found = StripeReporter(client), None, []
    while True:
        page = await reporter.page(
            stream, since=now - timedelta(days=1), until=now + timedelta(days=1), cursor=cursor
        )
        found += page.reports
        cursor = page.next_cursor
        if cursor is None:
            return found


async def test_purchases_are_reported_with_their_holds_and_movements(
    client: stripe.StripeClient, card: str
) -> None:
    helpers = client.v1.test_helpers.issuing
    held = await helpers.authorizations.create_async({"card": card, "amount": 900})
    made = await helpers.authorizations.create_async({"card": card, "amount": 500})
    captured = (await helpers.authorizations.capture_async(made.id)).transactions[0].id
    refund = await helpers.transactions.refund_async(captured, {"refund_amount": 200})
    declined = await helpers.authorizations.create_async({"card": card, "amount": 10**13})
    assert not declined.approved

    holds = {it.external_id: it.amount for it in await everything(client, Stream.AUTHORIZATIONS)}
    assert holds == {held.id: 900, made.id: 0, declined.id: 0}
    moved = {it.external_id: it for it in await everything(client, Stream.TRANSACTIONS)}
    assert {id_: (it.variant, it.amount, it.currency, it.card) for id_, it in moved.items()} == {
        captured: ("clearing", -500, "USD", card), refund.id: ("refund", 200, "USD", card)
    }  # fmt: skip
    movements = {(it.subject, it.variant, it.amount) for it in await everything(client, Stream.MOVEMENTS)}
    assert movements == {
        (held.id, "hold", -900), (made.id, "hold", -500), (made.id, "release", 500),
        (captured, "transaction", -500), (refund.id, "transaction", 200),
    }  # fmt: skip


async def test_money_in_is_reported_under_the_payment_that_took_it(client: stripe.StripeClient) -> None:
    taken: Any = {
        "amount": 700, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True,
        "metadata": {"top_up_id": "topup_1"},
    }  # fmt: skip
    paid = await client.v1.payment_intents.create_async(taken)
    unpaid = await client.v1.payment_intents.create_async({"amount": 800, "currency": "usd"})
    refund = await client.v1.refunds.create_async({"payment_intent": paid.id, "amount": 300})

    charges = {it.external_id: it for it in await everything(client, Stream.CHARGES)}
    assert {id_: it.amount for id_, it in charges.items()} == {paid.id: 700, unpaid.id: 0}
    assert charges[paid.id].fingerprint == "topup_1"
    [given] = await everything(client, Stream.REFUNDS)
    assert (given.external_id, given.amount) == (refund.id, -300)
    movements = [(it.subject, it.variant, it.amount) for it in await everything(client, Stream.MOVEMENTS)]
    assert movements == [(refund.id, "refund", -300), (paid.id, "charge", 700)]
    assert (await StripeReporter(client).balances())["payments", "USD"] == 400


async def test_what_is_kept_of_a_record_is_compact_and_holds_nothing_personal(
    client: stripe.StripeClient, card: str
) -> None:
    await client.v1.test_helpers.issuing.authorizations.create_async({"card": card, "amount": 900})
    [held] = await everything(client, Stream.AUTHORIZATIONS)
    assert held.raw is not None
    assert held.raw["card"] == card
    assert {type(value) for value in held.raw.values()} <= {str, int, bool}
    assert "cardholder" not in held.raw


async def test_a_long_list_is_read_page_by_page(client: stripe.StripeClient, card: str) -> None:
    force = client.v1.test_helpers.issuing.transactions.create_force_capture_async
    made = [(await force({"card": card, "amount": 100 + number})).id for number in range(101)]
    reporter, now = StripeReporter(client), datetime.now(UTC)
    since, until = now - timedelta(days=1), now + timedelta(days=1)
    first = await reporter.page(Stream.TRANSACTIONS, since=since, until=until, cursor=None)
    rest = await reporter.page(Stream.TRANSACTIONS, since=since, until=until, cursor=first.next_cursor)
    assert [it.external_id for it in (*first.reports, *rest.reports)] == made[::-1]
    assert (len(first.reports), rest.next_cursor) == (100, None)


async def test_a_vendor_that_is_away_is_unavailable(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    simulator.world.faults.add("api", "error", selector="/v1/refunds", count=None)
    with pytest.raises(Unavailable):
        await everything(client, Stream.REFUNDS)
