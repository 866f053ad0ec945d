"""Stripe Issuing through the official SDK, over a real connection to the simulator."""

import asyncio
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import stripe

from cardwright.adapters.stripe.client import RequestRefused, make_client
from cardwright.adapters.stripe.issuing import StripeCardNetwork, StripeCardProcessor, processor_card
from cardwright.cards import (
    CardState,
    Holder,
    HolderRefused,
    IssuedCard,
    MirroredLimit,
    ProcessorCard,
    Window,
)
from cardwright.core.errors import Invalid, Unavailable
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive
from cardwright.payments import NetworkStatus, TransactionKind
from running_simulator import QUICK, RunningSimulator, running_simulator

HOLDER = Holder(
    "user_1",
    "Ada Lovelace King",
    "ada@example.com",
    "+15550100200",
    "1 Sample Street",
    "Springfield",
    "12345",
    "US",
)


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
def client(simulator: RunningSimulator) -> Iterator[stripe.StripeClient]:
    yield make_client(Sensitive(QUICK.stripe_secret_key), simulator.base_url)
    simulator.world.faults.clear()


@pytest.fixture
def processor(client: stripe.StripeClient) -> StripeCardProcessor:
    return StripeCardProcessor(client)


@pytest.fixture
def network(client: stripe.StripeClient) -> StripeCardNetwork:
    return StripeCardNetwork(client)


async def issue(
    processor: StripeCardProcessor, card_id: str | None = None, currency: str = "USD"
) -> IssuedCard:
    holder = await processor.register_holder(HOLDER, key=new_id("key"))
    card_id = card_id or new_id("card")
    return await processor.issue_card(
        card_id=card_id, currency=currency, holder_reference=holder, key=f"{card_id}:issue"
    )


async def pay(client: stripe.StripeClient, card: str, amount: int = 2_500, **more: Any) -> str:
    made = await client.v1.test_helpers.issuing.authorizations.create_async(
        {"card": card, "amount": amount, **more}  # type: ignore[typeddict-item]
    )
    return made.id


async def test_a_holder_is_registered_as_stripe_must_know_them(
    processor: StripeCardProcessor, client: stripe.StripeClient
) -> None:
    made = await client.v1.issuing.cardholders.retrieve_async(
        await processor.register_holder(HOLDER, key="h-1")
    )
    assert (made.name, made.email, made.phone_number, made.type, made.status) == (
        "Ada Lovelace King", "ada@example.com", "+15550100200", "individual", "active",
    )  # fmt: skip
    assert made.individual is not None
    assert (made.individual.first_name, made.individual.last_name) == ("Ada", "Lovelace King")
    assert made.billing.address.line1 == "1 Sample Street"
    assert made.metadata["user_id"] == "user_1"


@pytest.mark.parametrize(
    "holder",
    [
        replace(HOLDER, full_name="Teller"),
        replace(HOLDER, phone=None),
        replace(HOLDER, full_name="Wolfeschlegelsteinhausenbergerdorff Hubert Blaine"),
        replace(HOLDER, full_name="Zoë Łukasiewicz"),
    ],
    ids=["one name", "no phone", "a long name", "letters beyond ascii"],
)
async def test_people_of_every_kind_can_be_registered(processor: StripeCardProcessor, holder: Holder) -> None:
    assert (await processor.register_holder(holder, key=new_id("key"))).startswith("ich_")


async def test_a_card_is_issued_active_and_once_per_key(
    processor: StripeCardProcessor, client: stripe.StripeClient
) -> None:
    holder, card_id = await processor.register_holder(HOLDER, key=new_id("key")), new_id("card")
    first, again = [
        await processor.issue_card(card_id=card_id, currency="USD", holder_reference=holder, key=card_id)
        for _ in range(2)
    ]
    assert again == first
    made = await client.v1.issuing.cards.retrieve_async(first.reference)
    assert (made.status, made.type, made.currency, made.last4) == ("active", "virtual", "usd", first.last4)
    assert (made.exp_month, made.exp_year, made.metadata["card_id"]) == (
        first.exp_month,
        first.exp_year,
        card_id,
    )


@pytest.mark.parametrize(
    ("state", "there"),
    [(CardState.FROZEN, "inactive"), (CardState.ACTIVE, "active"), (CardState.CANCELED, "canceled")],
)
async def test_our_states_become_stripes(
    processor: StripeCardProcessor, client: stripe.StripeClient, state: CardState, there: str
) -> None:
    card = await issue(processor)
    for _ in range(2):
        await processor.set_state(card.reference, state, key=new_id("push"))
    assert (await client.v1.issuing.cards.retrieve_async(card.reference)).status == there


async def test_limits_replace_each_other_and_can_be_taken_away(processor: StripeCardProcessor) -> None:
    card = await issue(processor)
    every = tuple(sorted(MirroredLimit(window, 100) for window in Window if window is not Window.ROLLING))
    for limits in (every, (MirroredLimit(Window.DAY, 0),), ()):
        await processor.set_limits(card.reference, limits, currency="USD", key=new_id("push"))
        assert await processor.state_at_processor(card.reference) == ProcessorCard(CardState.ACTIVE, limits)


async def test_a_state_that_stripe_has_and_we_do_not_know_is_pending() -> None:
    shown = {"status": "suspended", "spending_controls": {"spending_limits": None}}
    assert processor_card(shown) == ProcessorCard(None, ())
    unknown = [{"amount": 1, "interval": "hourly", "categories": None}]
    assert processor_card({"status": "active", "spending_controls": {"spending_limits": unknown}}) == (
        ProcessorCard(CardState.ACTIVE, None)
    )


async def test_the_second_wall_declines_when_nobody_of_ours_is_asked(
    processor: StripeCardProcessor, client: stripe.StripeClient
) -> None:
    card = await issue(processor)
    await processor.set_limits(
        card.reference, [MirroredLimit(Window.LIFETIME, 2_500)], currency="USD", key=new_id("push")
    )
    made = [await pay(client, card.reference, amount) for amount in (2_000, 501, 500)]
    found = [await client.v1.issuing.authorizations.retrieve_async(reference) for reference in made]
    assert [it.approved for it in found] == [True, False, True]
    assert found[1].request_history[0].reason == "spending_controls"


async def test_a_cardholder_that_stripe_refuses_is_told_apart_from_our_mistakes(
    processor: StripeCardProcessor, client: stripe.StripeClient
) -> None:
    stopped = await processor.register_holder(HOLDER, key=new_id("key"))
    await client.v1.issuing.cardholders.update_async(stopped, {"status": "inactive"})
    address: Any = {"line1": "1 Sample Street", "city": "Springfield", "postal_code": "1", "country": "US"}
    nameless = await client.v1.issuing.cardholders.create_async(
        {"name": "Ada", "type": "individual", "billing": {"address": address}}
    )
    for holder, reason in ((stopped, "holder_inactive"), (nameless.id, "requirements_past_due")):
        with pytest.raises(HolderRefused) as refused:
            await processor.issue_card(
                card_id="card_1", currency="USD", holder_reference=holder, key=new_id("key")
            )
        assert refused.value.reason == reason
    with pytest.raises(RequestRefused):
        await processor.issue_card(
            card_id="card_1", currency="USD", holder_reference="ich_nobody", key=new_id("key")
        )


async def test_a_lost_answer_costs_no_second_card(
    processor: StripeCardProcessor, client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    card_id = new_id("card")
    holder = await processor.register_holder(HOLDER, key=new_id("key"))
    simulator.world.faults.add("api", "drop_response", selector="POST /v1/issuing/cards", count=3)
    asked = {"card_id": card_id, "currency": "USD", "holder_reference": holder, "key": card_id}
    with pytest.raises(Unavailable):
        await processor.issue_card(**asked)
    issued = await processor.issue_card(**asked)
    made = await client.v1.issuing.cards.list_async({"cardholder": holder})
    assert [card.id for card in made.data] == [issued.reference]


@pytest.mark.parametrize("status", [409, 429, 500, 503])
async def test_a_processor_in_trouble_is_unavailable(
    processor: StripeCardProcessor, network: StripeCardNetwork, simulator: RunningSimulator, status: int
) -> None:
    simulator.world.faults.add("api", "error", selector="*", count=None, status=status)
    outcomes = await asyncio.gather(
        processor.register_holder(HOLDER, key=new_id("key")),
        processor.issue_card(card_id="card_1", currency="USD", holder_reference="ich_1", key=new_id("key")),
        processor.set_state("ic_1", CardState.FROZEN, key=new_id("key")),
        processor.set_limits("ic_1", [], currency="USD", key=new_id("key")),
        processor.state_at_processor("ic_1"),
        network.authorization("iauth_1"),
        network.transaction("ipi_1"),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 7


async def test_nobody_listening_is_unavailable_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    processor = StripeCardProcessor(make_client(Sensitive("sk_test_1"), f"http://127.0.0.1:{port}"))
    with pytest.raises(Unavailable):
        await processor.set_state("ic_1", CardState.FROZEN, key="k")


async def test_a_mistake_of_ours_is_refused_and_not_repeated(
    processor: StripeCardProcessor, simulator: RunningSimulator
) -> None:
    with pytest.raises(RequestRefused) as unknown:
        await processor.set_state("ic_nobody", CardState.FROZEN, key="k")
    assert (unknown.value.http_status, unknown.value.code) == (404, "resource_missing")
    wrong_key = StripeCardProcessor(make_client(Sensitive("sk_test_of_somebody_else"), simulator.base_url))
    with pytest.raises(RequestRefused) as stranger:
        await wrong_key.register_holder(HOLDER, key="k")
    assert stranger.value.http_status == 401


async def test_a_key_used_for_another_request_is_a_mistake_of_ours(processor: StripeCardProcessor) -> None:
    key = new_id("key")
    await processor.register_holder(HOLDER, key=key)
    with pytest.raises(RequestRefused):
        await processor.register_holder(replace(HOLDER, city="Shelbyville"), key=key)


async def test_the_network_is_read_as_it_stands(
    processor: StripeCardProcessor, network: StripeCardNetwork, client: stripe.StripeClient
) -> None:
    helpers = client.v1.test_helpers.issuing
    card = await issue(processor)
    reference = await pay(client, card.reference, 2_500)
    pending = await network.authorization(reference)
    assert (pending.status, pending.held_amount, pending.currency) == (NetworkStatus.PENDING, 2_500, "USD")
    assert (pending.card_reference, pending.transactions) == (card.reference, ())
    assert [(it.amount, it.approved) for it in pending.requests] == [(2_500, True)]
    await helpers.authorizations.capture_async(
        reference, {"capture_amount": 1_000, "close_authorization": False}
    )
    await helpers.authorizations.reverse_async(reference)
    closed = await network.authorization(reference)
    (clearing,) = closed.transactions
    assert (closed.held_amount, clearing.kind, clearing.amount) == (0, TransactionKind.CLEARING, 1_000)
    assert await network.transaction(clearing.reference) == clearing
    assert clearing.authorization_reference == reference


async def test_money_without_an_authorization_is_read_too(
    processor: StripeCardProcessor, network: StripeCardNetwork, client: stripe.StripeClient
) -> None:
    card = await issue(processor)
    helpers = client.v1.test_helpers.issuing.transactions
    forced = await helpers.create_force_capture_async({"card": card.reference, "amount": 700})
    returned = await helpers.create_unlinked_refund_async({"card": card.reference, "amount": 300})
    for made, kind, amount in (
        (forced, TransactionKind.CLEARING, 700),
        (returned, TransactionKind.REFUND, 300),
    ):
        found = await network.transaction(made.id)
        assert (found.kind, found.amount, found.authorization_reference) == (kind, amount, None)
        assert found.card_reference == card.reference


async def test_an_ephemeral_key_is_made_for_one_card_and_one_page(
    processor: StripeCardProcessor, simulator: RunningSimulator
) -> None:
    card, nonce = await issue(processor), new_id("nonce")
    made = await processor.ephemeral_key(card.reference, nonce=nonce)
    assert made is not None
    assert made.secret.reveal().startswith("ek_test_")
    assert made.issuing_card == card.reference
    lasts = made.expires_at.timestamp() - simulator.world.clock.timestamp()
    assert 890 <= lasts <= 900
    with pytest.raises(Invalid) as refused:
        await processor.ephemeral_key(card.reference, nonce=nonce)
    assert refused.value.code == "nonce_invalid"


async def test_an_ephemeral_key_of_no_card_is_our_mistake(processor: StripeCardProcessor) -> None:
    with pytest.raises(RequestRefused) as refused:
        await processor.ephemeral_key("ic_of_nobody", nonce=new_id("nonce"))
    assert (refused.value.code, refused.value.param) == ("resource_missing", "issuing_card")


async def test_stripe_tells_no_security_code(processor: StripeCardProcessor) -> None:
    assert await processor.security_code((await issue(processor)).reference) is None
