from typing import Any

import httpx
import pytest
import stripe

from running_stripe import SETTINGS, RunningStripe, stripe_client

BASE: dict[str, Any] = {"amount": 5000, "currency": "usd"}


def confirmed(method: str, **params: Any) -> Any:
    return BASE | {"payment_method": method, "confirm": True} | params


def payments_balance(client: stripe.StripeClient) -> int:
    return client.v1.balance.retrieve().available[0].amount


def test_a_good_card_pays_at_once(running: RunningStripe) -> None:
    running.subscribe()
    intent = running.client.v1.payment_intents.create(confirmed("pm_card_visa", metadata={"wallet": "w1"}))
    assert (intent.status, intent.amount_received) == ("succeeded", 5000)
    assert intent.latest_charge is not None
    assert payments_balance(running.client) == 5000
    running.eventually(lambda: len(running.receiver.events) == 3)
    assert running.receiver.types == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]
    assert running.receiver.events[-1]["data"]["object"]["metadata"] == {"wallet": "w1"}
    shown = running.client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})
    assert shown.latest_charge.payment_method_details.card.last4 == "4242"  # type: ignore[union-attr]


def test_an_intent_is_confirmed_later(client: stripe.StripeClient) -> None:
    intents = client.v1.payment_intents
    intent = intents.create(
        {"amount": 5000, "currency": "eur", "automatic_payment_methods": {"enabled": True}}
    )
    assert intent.status == "requires_payment_method"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        intents.confirm(intent.id)
    assert refused.value.param == "payment_method"
    assert intents.confirm(intent.id, {"payment_method": "pm_card_visa"}).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError) as twice:
        intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert twice.value.code == "payment_intent_unexpected_state"


@pytest.mark.parametrize(
    ("method", "decline_code"),
    [
        ("pm_card_chargeDeclined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
    ],
)
def test_a_refused_card_leaves_an_intent_that_another_card_can_pay(
    running: RunningStripe, method: str, decline_code: str
) -> None:
    running.subscribe("payment_intent.payment_failed")
    intents = running.client.v1.payment_intents
    with pytest.raises(stripe.CardError) as refused:
        intents.create(confirmed(method))
    error = refused.value
    assert (error.http_status, error.code) == (402, "card_declined")
    assert error.error is not None
    assert error.error.decline_code == decline_code
    intent = intents.retrieve(error.error.payment_intent.id)
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error is not None
    assert intent.last_payment_error.decline_code == decline_code
    running.eventually(lambda: running.receiver.events)
    assert intents.confirm(intent.id, {"payment_method": "pm_card_visa"}).status == "succeeded"
    assert payments_balance(running.client) == 5000


@pytest.mark.parametrize(
    ("outcome", "status", "event"),
    [
        ("succeed", "succeeded", "payment_intent.succeeded"),
        ("fail", "requires_payment_method", "payment_intent.payment_failed"),
    ],
)
def test_a_person_approves_or_refuses_on_the_hosted_page(
    running: RunningStripe, outcome: str, status: str, event: str
) -> None:
    running.subscribe()
    intents = running.client.v1.payment_intents
    back = "https://shop.example/done?x=1"
    intent = intents.create(confirmed("pm_card_authenticationRequired", return_url=back))
    assert intent.status == "requires_action"
    assert intent.next_action is not None
    redirect = intent.next_action.redirect_to_url
    assert redirect is not None
    assert redirect.url is not None
    page = httpx.get(redirect.url)
    assert "50.00 USD" in page.text
    sent = httpx.post(f"{redirect.url}/authenticate", data={"outcome": outcome})
    assert sent.status_code == 303
    assert sent.headers["location"].startswith(f"{back}&payment_intent={intent.id}&redirect_status=")
    assert intents.retrieve(intent.id).status == status
    running.eventually(lambda: event in running.receiver.types)
    assert httpx.get(redirect.url).status_code == 200
    again = running.control(f"payment_intents/{intent.id}/authenticate", {"outcome": outcome})
    assert again.json()["error"]["code"] == "payment_intent_unexpected_state"


def test_off_session_a_card_that_needs_authentication_is_refused(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.CardError) as refused:
        client.v1.payment_intents.create(confirmed("pm_card_threeDSecure2Required", off_session=True))
    assert refused.value.code == "authentication_required"


def test_the_publishable_key_confirms_with_the_secret_of_the_intent_alone(running: RunningStripe) -> None:
    intent = running.client.v1.payment_intents.create(BASE)  # type: ignore[arg-type]
    browser = stripe_client(running.base_url, SETTINGS.stripe_publishable_key)
    for secret in ({}, {"client_secret": "pi_wrong"}):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            browser.v1.payment_intents.retrieve(intent.id, secret)  # type: ignore[arg-type]
        assert refused.value.http_status == 404
    right: Any = {"client_secret": intent.client_secret}
    assert browser.v1.payment_intents.retrieve(intent.id, right).amount == 5000
    paid = browser.v1.payment_intents.confirm(intent.id, right | {"payment_method": "pm_card_visa"})
    assert paid.status == "succeeded"
    with pytest.raises(stripe.AuthenticationError):
        browser.v1.payment_intents.cancel(intent.id)


def test_an_unpaid_intent_can_be_canceled_and_a_paid_one_cannot(client: stripe.StripeClient) -> None:
    intents = client.v1.payment_intents
    intent = intents.create(BASE)  # type: ignore[arg-type]
    canceled = intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")
    paid = intents.create(confirmed("pm_card_visa"))
    with pytest.raises(stripe.InvalidRequestError):
        intents.cancel(paid.id)


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"amount": 49, "currency": "usd"}, "amount"),
        ({"amount": 500, "currency": "usd", "capture_method": "manual"}, "capture_method"),
        ({"amount": 500, "currency": "usd", "payment_method": "pm_nothing"}, "payment_method"),
        ({"amount": 500, "currency": "usd", "payment_method_types": ["card"]}, "payment_method_types"),
        ({"amount": 500, "currency": "usd", "confirm": True}, "payment_method"),
    ],
)
def test_an_intent_that_cannot_be_is_refused(client: stripe.StripeClient, params: Any, param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.create(params)
    assert refused.value.param == param
    assert client.v1.payment_intents.list().data == []


def test_refunds_add_up_to_the_charge_and_no_further(running: RunningStripe) -> None:
    client = running.client
    intent = client.v1.payment_intents.create(confirmed("pm_card_visa"))
    running.subscribe("refund.created", "charge.refunded")
    part = client.v1.refunds.create({"payment_intent": intent.id, "amount": 1500})
    assert (part.amount, part.status, part.payment_intent) == (1500, "succeeded", intent.id)
    with pytest.raises(stripe.InvalidRequestError) as too_much:
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 3501})
    assert too_much.value.param == "amount"
    rest = client.v1.refunds.create({"payment_intent": intent.id, "reason": "requested_by_customer"})
    assert rest.amount == 3500
    with pytest.raises(stripe.InvalidRequestError) as nothing_left:
        client.v1.refunds.create({"payment_intent": intent.id})
    assert nothing_left.value.code == "charge_already_refunded"
    assert [it.id for it in client.v1.refunds.list({"payment_intent": intent.id}).data] == [rest.id, part.id]
    assert client.v1.refunds.retrieve(part.id).amount == 1500
    assert payments_balance(client) == 0
    running.eventually(lambda: len(running.receiver.events) == 4)
    assert running.receiver.types == ["refund.created", "charge.refunded"] * 2
    assert running.receiver.events[1]["data"]["object"]["amount_refunded"] == 1500
    assert running.receiver.events[3]["data"]["object"]["refunded"] is True


def test_an_unpaid_intent_has_nothing_to_refund(client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.create(BASE)  # type: ignore[arg-type]
    for params in ({"payment_intent": intent.id}, {"charge": "ch_nothing"}, {}):
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.refunds.create(params)  # type: ignore[arg-type]
