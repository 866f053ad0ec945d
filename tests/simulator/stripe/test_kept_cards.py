"""Customers and the cards that are kept for them, to be charged when nobody is there."""

from typing import Any

import httpx
import pytest
import stripe

from running_stripe import RunningStripe

BASE: dict[str, Any] = {"amount": 5000, "currency": "usd", "confirm": True}


@pytest.fixture
def customer_id(client: stripe.StripeClient) -> str:
    return client.v1.customers.create({"email": "robin@example.com"}).id


def set_up(client: stripe.StripeClient, customer_id: str, token: str) -> stripe.SetupIntent:
    wanted: Any = {
        "customer": customer_id, "payment_method": token, "confirm": True, "usage": "off_session",
        "automatic_payment_methods": {"enabled": True}, "return_url": "https://shop.example/cards",
    }  # fmt: skip
    return client.v1.setup_intents.create(wanted)


def charge(client: stripe.StripeClient, method: str, customer_id: str | None, **more: Any) -> str:
    owner = {} if customer_id is None else {"customer": customer_id}
    return client.v1.payment_intents.create({**BASE, "payment_method": method, **owner, **more}).status


def test_a_card_that_was_set_up_is_charged_again_and_again(
    running: RunningStripe, client: stripe.StripeClient, customer_id: str
) -> None:
    running.subscribe("setup_intent.created", "setup_intent.succeeded", "payment_method.attached")
    kept = set_up(client, customer_id, "pm_card_visa")
    assert kept.status == "succeeded"
    method = str(kept.payment_method)
    assert [charge(client, method, customer_id, off_session=True) for _ in range(2)] == ["succeeded"] * 2
    assert [it.id for it in client.v1.payment_methods.list({"customer": customer_id}).data] == [method]
    running.eventually(lambda: len(running.receiver.events) == 3)
    assert running.receiver.types == [
        "setup_intent.created",
        "payment_method.attached",
        "setup_intent.succeeded",
    ]


def test_a_kept_card_is_charged_for_nobody_else_and_never_after_it_was_let_go(
    client: stripe.StripeClient, customer_id: str
) -> None:
    method = str(set_up(client, customer_id, "pm_card_visa").payment_method)
    other = client.v1.customers.create().id
    for owner in (None, other):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            charge(client, method, owner)
        assert refused.value.param == "payment_method"
    client.v1.payment_methods.detach(method)
    for again in (
        lambda: client.v1.payment_methods.detach(method),
        lambda: client.v1.payment_methods.attach(method, {"customer": customer_id}),
        lambda: charge(client, method, customer_id),
    ):
        with pytest.raises(stripe.InvalidRequestError):
            again()
    assert client.v1.payment_methods.list({"customer": customer_id}).data == []


@pytest.mark.parametrize(
    ("outcome", "status"), [("succeed", "succeeded"), ("fail", "requires_payment_method")]
)
def test_a_card_that_asks_who_it_is_is_set_up_on_the_page(
    running: RunningStripe, client: stripe.StripeClient, customer_id: str, outcome: str, status: str
) -> None:
    waiting = set_up(client, customer_id, "pm_card_authenticationRequiredOnSetup")
    assert (waiting.status, waiting.next_action is not None) == ("requires_action", True)
    url = f"{running.base_url}/_sim/stripe/setup_intents/{waiting.id}"
    assert "Keep this card" in httpx.get(url).text
    sent = httpx.post(f"{url}/authenticate", data={"outcome": outcome})
    assert sent.headers["location"].startswith("https://shop.example/cards?setup_intent=seti_")
    done = client.v1.setup_intents.retrieve(waiting.id)
    assert done.status == status
    if outcome == "succeed":
        assert charge(client, str(done.payment_method), customer_id, off_session=True) == "succeeded"
    else:
        assert done.last_setup_error is not None
        assert done.last_setup_error.code == "setup_intent_authentication_failure"
    assert httpx.get(url).status_code == 200


def test_a_card_that_always_asks_cannot_be_charged_when_nobody_is_there(
    running: RunningStripe, client: stripe.StripeClient, customer_id: str
) -> None:
    waiting = set_up(client, customer_id, "pm_card_authenticationRequired")
    running.control(f"setup_intents/{waiting.id}/authenticate", {"outcome": "succeed"})
    method = str(client.v1.setup_intents.retrieve(waiting.id).payment_method)
    with pytest.raises(stripe.CardError) as refused:
        charge(client, method, customer_id, off_session=True)
    assert refused.value.code == "authentication_required"
    assert charge(client, method, customer_id) == "requires_action"


def test_a_card_may_be_refused_when_it_is_set_up_or_only_when_it_is_charged(
    client: stripe.StripeClient, customer_id: str
) -> None:
    with pytest.raises(stripe.CardError) as refused:
        set_up(client, customer_id, "pm_card_chargeDeclined")
    assert refused.value.error is not None
    assert refused.value.error.setup_intent.status == "requires_payment_method"
    with pytest.raises(stripe.CardError):
        client.v1.payment_methods.attach("pm_card_chargeDeclined", {"customer": customer_id})
    later = str(set_up(client, customer_id, "pm_card_chargeCustomerFail").payment_method)
    with pytest.raises(stripe.CardError):
        charge(client, later, customer_id, off_session=True)


def test_what_is_not_there_cannot_be_set_up(client: stripe.StripeClient, customer_id: str) -> None:
    for wrong in ({"customer": "cus_nobody"}, {"payment_method": "pm_nothing"}, {"confirm": True}):
        wanted: Any = {"customer": customer_id, **wrong}
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.setup_intents.create(wanted)
    with pytest.raises(stripe.InvalidRequestError):
        charge(client, "pm_card_visa", "cus_nobody")
    done = set_up(client, customer_id, "pm_card_visa")
    for again in (client.v1.setup_intents.confirm, client.v1.setup_intents.cancel):
        with pytest.raises(stripe.InvalidRequestError) as late:
            again(done.id)
        assert late.value.code == "setup_intent_unexpected_state"
    open_one = client.v1.setup_intents.create({"customer": customer_id})
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.setup_intents.confirm(open_one.id)
