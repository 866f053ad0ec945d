from collections.abc import Callable
from typing import Any

import pytest
import stripe
from stripe.issuing import Authorization, Card

from running_stripe import RunningStripe

Pay = Callable[..., Authorization]
DAY_SECONDS = 86_400


@pytest.fixture
def helpers(client: stripe.StripeClient) -> Any:
    return client.v1.test_helpers.issuing


def issuing_balance(client: stripe.StripeClient) -> int:
    balance = client.v1.balance.retrieve()
    assert balance.issuing is not None
    return balance.issuing.available[0].amount


def test_without_an_endpoint_a_purchase_is_approved_and_held(
    client: stripe.StripeClient, card: Card, pay: Pay
) -> None:
    before = issuing_balance(client)
    made = pay(card.id, 2500, merchant_data={"name": "BAKERY", "category": "bakeries", "country": "DE"})
    assert (made.approved, made.status, made.amount) == (True, "pending", 2500)
    assert made.merchant_data.category_code == "5462"
    [decision] = made.request_history
    assert (decision.reason, decision.amount) == ("card_active", 2500)
    assert decision.authorization_code is not None
    assert made.pending_request is None
    assert made.card.id == card.id
    assert [entry.amount for entry in made.balance_transactions] == [-2500]
    assert issuing_balance(client) == before - 2500


def test_a_capture_of_all_closes_and_turns_the_hold_into_a_transaction(
    client: stripe.StripeClient, card: Card, pay: Pay, helpers: Any
) -> None:
    before = issuing_balance(client)
    made = pay(card.id, 2500)
    closed = helpers.authorizations.capture(made.id)
    assert (closed.status, closed.amount) == ("closed", 0)
    [transaction] = closed.transactions
    assert (transaction.type, transaction.amount) == ("capture", -2500)
    assert transaction.authorization == made.id
    assert transaction.network_data.authorization_code == made.request_history[0].authorization_code
    assert issuing_balance(client) == before - 2500
    with pytest.raises(stripe.InvalidRequestError, match="closed"):
        helpers.authorizations.capture(made.id)


def test_two_captures_and_a_reversal_of_the_rest(
    running: RunningStripe, card: Card, pay: Pay, helpers: Any
) -> None:
    running.subscribe()
    made = pay(card.id, 10_000)
    first = helpers.authorizations.capture(made.id, {"capture_amount": 3000, "close_authorization": False})
    assert (first.status, first.amount) == ("pending", 7000)
    second = helpers.authorizations.capture(made.id, {"capture_amount": 2000, "close_authorization": False})
    assert (second.status, second.amount) == ("pending", 5000)
    rest = helpers.authorizations.reverse(made.id)
    assert (rest.status, rest.amount) == ("closed", 0)
    assert [it.amount for it in rest.transactions] == [-3000, -2000]
    running.eventually(lambda: len(running.receiver.events) == 6)
    assert running.receiver.types == [
        "issuing_authorization.created",
        "issuing_authorization.updated",
        "issuing_transaction.created",
        "issuing_authorization.updated",
        "issuing_transaction.created",
        "issuing_authorization.updated",
    ]
    previous = [event["data"]["previous_attributes"]["amount"] for event in running.receiver.events[1::2][:2]]
    assert previous == [10_000, 7000]


def test_a_capture_may_exceed_what_is_held(
    client: stripe.StripeClient, card: Card, pay: Pay, helpers: Any
) -> None:
    made = pay(card.id, 5000)
    client.v1.issuing.cards.update(card.id, {"status": "inactive"})
    closed = helpers.authorizations.capture(made.id, {"capture_amount": 6000})
    assert (closed.status, closed.amount) == ("closed", 0)
    assert [it.amount for it in closed.transactions] == [-6000]


def test_a_full_reversal_cannot_be_captured(
    client: stripe.StripeClient, card: Card, pay: Pay, helpers: Any
) -> None:
    before = issuing_balance(client)
    made = pay(card.id, 5000)
    partly = helpers.authorizations.reverse(made.id, {"reverse_amount": 2000})
    assert (partly.status, partly.amount) == ("pending", 3000)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        helpers.authorizations.reverse(made.id, {"reverse_amount": 3001})
    assert refused.value.param == "reverse_amount"
    fully = helpers.authorizations.reverse(made.id)
    assert (fully.status, fully.amount) == ("reversed", 0)
    assert issuing_balance(client) == before
    with pytest.raises(stripe.InvalidRequestError, match="reversed"):
        helpers.authorizations.capture(made.id)


def test_an_expired_authorization_can_still_be_captured(card: Card, pay: Pay, helpers: Any) -> None:
    made = pay(card.id, 5000)
    expired = helpers.authorizations.expire(made.id)
    assert (expired.status, expired.amount) == ("expired", 0)
    late = helpers.authorizations.capture(made.id)
    assert (late.status, late.amount) == ("closed", 0)
    assert [it.amount for it in late.transactions] == [-5000]


@pytest.mark.parametrize(
    ("category", "amount", "days"),
    [
        ("book_stores", 5000, 7),
        ("hotels_motels_and_resorts", 5000, 30),
        ("cruise_lines", 5000, 30),
        ("automated_fuel_dispensers", 100, 1),
        ("automated_fuel_dispensers", 101, 7),
    ],
)
def test_authorizations_expire_when_the_clock_passes_their_validity(
    running: RunningStripe, card: Card, pay: Pay, category: str, amount: int, days: int
) -> None:
    running.subscribe("issuing_authorization.updated")
    made = pay(card.id, amount, merchant_data={"category": category})
    authorizations = running.client.v1.issuing.authorizations
    running.advance(days * DAY_SECONDS - 60)
    assert authorizations.retrieve(made.id).status == "pending"
    running.advance(61)
    assert authorizations.retrieve(made.id).status == "expired"


def test_an_increment_adds_to_what_is_held_and_a_refused_one_changes_nothing(
    running: RunningStripe, card: Card, pay: Pay, helpers: Any
) -> None:
    made = pay(card.id, 5000)
    grown = helpers.authorizations.increment(made.id, {"increment_amount": 1500})
    assert (grown.amount, len(grown.request_history)) == (6500, 2)
    running.client.v1.issuing.cards.update(card.id, {"status": "inactive"})
    refused = helpers.authorizations.increment(made.id, {"increment_amount": 1})
    assert (refused.amount, refused.status, refused.approved) == (6500, "pending", True)
    assert (refused.request_history[2].approved, refused.request_history[2].reason) == (
        False,
        "card_inactive",
    )


def test_a_force_capture_and_an_unlinked_refund_need_no_authorization(
    running: RunningStripe, card: Card, helpers: Any
) -> None:
    running.subscribe("issuing_transaction.created")
    running.client.v1.issuing.cards.update(card.id, {"status": "inactive"})
    forced = helpers.transactions.create_force_capture({"card": card.id, "amount": 900})
    given = helpers.transactions.create_unlinked_refund({"card": card.id, "amount": 400})
    assert (forced.amount, forced.authorization, forced.type) == (-900, None, "capture")
    assert (given.amount, given.authorization, given.type) == (400, None, "refund")
    listed = running.client.v1.issuing.transactions.list({"card": card.id}).data
    assert [it.id for it in listed] == [given.id, forced.id]
    running.eventually(lambda: running.receiver.types.count("issuing_transaction.created") == 2)


def test_a_capture_is_refunded_up_to_its_amount(
    client: stripe.StripeClient, card: Card, pay: Pay, helpers: Any
) -> None:
    made = pay(card.id, 5000)
    [captured] = helpers.authorizations.capture(made.id).transactions
    first = helpers.transactions.refund(captured.id, {"refund_amount": 2000})
    assert (first.type, first.amount, first.authorization) == ("refund", 2000, made.id)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        helpers.transactions.refund(captured.id, {"refund_amount": 3001})
    assert refused.value.param == "refund_amount"
    assert helpers.transactions.refund(captured.id).amount == 3000
    booked = client.v1.issuing.authorizations.retrieve(made.id).transactions
    assert [it.amount for it in booked] == [-5000, 2000, 3000]


def test_refused_before_anybody_is_asked(
    running: RunningStripe, cardholder_params: dict[str, Any], card: Card, pay: Pay
) -> None:
    running.decide_in_real_time()
    running.subscribe("issuing_authorization.created")
    issuing = running.client.v1.issuing
    reasons = []
    for change in ({"status": "inactive"}, {"status": "active"}):
        issuing.cards.update(card.id, change)  # type: ignore[arg-type]
        if change["status"] == "active":
            issuing.cardholders.update(card.cardholder.id, {"status": "inactive"})
        reasons.append(pay(card.id, 100).request_history[0].reason)
    issuing.cardholders.update(card.cardholder.id, {"status": "active"})
    running.control("issuing_balance", {"amount": 99, "currency": "usd"})
    poor = pay(card.id, 100)
    reasons.append(poor.request_history[0].reason)
    running.advance(4 * 366 * DAY_SECONDS)
    reasons.append(pay(card.id, 1).request_history[0].reason)
    assert reasons == ["card_inactive", "cardholder_inactive", "insufficient_funds", "card_expired"]
    assert (poor.approved, poor.status, poor.amount) == (False, "closed", 100)
    assert running.receiver.questions == []
    running.eventually(lambda: len(running.receiver.events) == 4)


def test_a_purchase_in_another_currency_is_converted(card: Card, pay: Pay) -> None:
    made = pay(card.id, 1100, merchant_currency="eur")
    assert (made.amount, made.currency) == (1100, "usd")
    assert (made.merchant_amount, made.merchant_currency) == (1000, "eur")


def test_the_older_way_through_the_cards_url_works_too(running: RunningStripe, card: Card) -> None:
    answer = running.client.raw_request(
        "post", f"/v1/issuing/cards/{card.id}/test/authorizations", amount=100
    )
    made = running.client.deserialize(answer, api_mode="V1")
    assert made["status"] == "pending"
    assert made["approved"] is True


def test_metadata_of_authorizations_and_transactions_can_be_changed(
    client: stripe.StripeClient, card: Card, pay: Pay, helpers: Any
) -> None:
    made = pay(card.id, 100)
    changed = client.v1.issuing.authorizations.update(made.id, {"metadata": {"trip": "7"}})
    assert changed.metadata.to_dict() == {"trip": "7"}
    [captured] = helpers.authorizations.capture(made.id).transactions
    assert client.v1.issuing.transactions.update(captured.id, {"metadata": {"k": "v"}}).metadata["k"] == "v"
    cleared = client.v1.issuing.authorizations.update(made.id, {"metadata": ""})
    assert cleared.metadata.to_dict() == {}
