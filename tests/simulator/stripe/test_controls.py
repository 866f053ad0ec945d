from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import stripe
from stripe.issuing import Authorization, Card

from running_stripe import RunningStripe
from simulator.stripe.controls import window_start

NewCard = Callable[..., Card]
Pay = Callable[..., Authorization]
DAY_SECONDS = 86_400


def reason(made: Authorization) -> str:
    return str(made.request_history[-1].reason)


@pytest.mark.parametrize(
    "interval", ["per_authorization", "daily", "weekly", "monthly", "yearly", "all_time"]
)
def test_a_limit_lets_its_amount_pass_and_not_one_cent_more(
    new_card: NewCard, pay: Pay, interval: str
) -> None:
    card = new_card(spending_controls={"spending_limits": [{"amount": 1000, "interval": interval}]})
    assert reason(pay(card.id, 1001)) == "spending_controls"
    assert reason(pay(card.id, 1000)) == "card_active"
    expected = "card_active" if interval == "per_authorization" else "spending_controls"
    assert reason(pay(card.id, 1)) == expected


def test_a_limit_of_zero_means_zero(new_card: NewCard, pay: Pay) -> None:
    card = new_card(spending_controls={"spending_limits": [{"amount": 0, "interval": "monthly"}]})
    assert reason(pay(card.id, 1)) == "spending_controls"


def test_a_monthly_limit_starts_anew(running: RunningStripe, new_card: NewCard, pay: Pay) -> None:
    card = new_card(spending_controls={"spending_limits": [{"amount": 1000, "interval": "monthly"}]})
    assert reason(pay(card.id, 1000)) == "card_active"
    assert reason(pay(card.id, 1)) == "spending_controls"
    running.advance(31 * DAY_SECONDS)
    assert reason(pay(card.id, 1000)) == "card_active"


def test_reversals_and_refunds_give_back_and_captures_keep(
    client: stripe.StripeClient, new_card: NewCard, pay: Pay
) -> None:
    helpers = client.v1.test_helpers.issuing
    card = new_card(spending_controls={"spending_limits": [{"amount": 1000, "interval": "all_time"}]})
    made = pay(card.id, 1000)
    helpers.authorizations.reverse(made.id, {"reverse_amount": 400})
    assert reason(pay(card.id, 401)) == "spending_controls"
    [captured] = helpers.authorizations.capture(made.id).transactions
    assert reason(pay(card.id, 401)) == "spending_controls"
    helpers.transactions.refund(captured.id, {"refund_amount": 1})
    assert reason(pay(card.id, 401)) == "card_active"


def test_a_force_capture_counts_against_the_limit(
    client: stripe.StripeClient, new_card: NewCard, pay: Pay
) -> None:
    card = new_card(spending_controls={"spending_limits": [{"amount": 1000, "interval": "daily"}]})
    client.v1.test_helpers.issuing.transactions.create_force_capture({"card": card.id, "amount": 1500})
    assert reason(pay(card.id, 1)) == "spending_controls"


def test_a_limit_for_categories_concerns_them_alone(new_card: NewCard, pay: Pay) -> None:
    limit = {"amount": 500, "interval": "daily", "categories": ["bakeries"]}
    card = new_card(spending_controls={"spending_limits": [limit]})
    assert reason(pay(card.id, 9000, merchant_data={"category": "book_stores"})) == "card_active"
    assert reason(pay(card.id, 501, merchant_data={"category": "bakeries"})) == "spending_controls"
    assert reason(pay(card.id, 500, merchant_data={"category": "bakeries"})) == "card_active"


def test_a_cardholders_limit_holds_for_all_cards_together(
    client: stripe.StripeClient, new_card: NewCard, pay: Pay, card: Card
) -> None:
    holder = card.cardholder.id
    limits = {"spending_limits": [{"amount": 1000, "interval": "daily"}]}
    client.v1.issuing.cardholders.update(holder, {"spending_controls": limits})  # type: ignore[typeddict-item]
    second = new_card(cardholder=holder)
    assert reason(pay(card.id, 700)) == "card_active"
    assert reason(pay(second.id, 301)) == "spending_controls"


def test_an_increment_counts_with_what_is_held(
    client: stripe.StripeClient, new_card: NewCard, pay: Pay
) -> None:
    limits = [{"amount": 1000, "interval": "per_authorization"}]
    card = new_card(spending_controls={"spending_limits": limits})
    made = pay(card.id, 700)
    grown = client.v1.test_helpers.issuing.authorizations.increment(made.id, {"increment_amount": 301})
    assert (reason(grown), grown.amount) == ("spending_controls", 700)


@pytest.mark.parametrize(
    ("controls", "allowed", "refused"),
    [
        (
            {"allowed_categories": ["bakeries"]},
            {"merchant_data": {"category": "bakeries"}},
            {"merchant_data": {"category": "book_stores"}},
        ),
        (
            {"blocked_categories": ["betting_casino_gambling"]},
            {"merchant_data": {"category": "bakeries"}},
            {"merchant_data": {"category": "betting_casino_gambling"}},
        ),
        (
            {"allowed_merchant_countries": ["US"]},
            {"merchant_data": {"country": "US"}},
            {"merchant_data": {"country": "DE"}},
        ),
        (
            {"blocked_merchant_countries": ["DE"]},
            {"merchant_data": {"country": "US"}},
            {"merchant_data": {"country": "DE"}},
        ),
        (
            {"allowed_card_presences": ["not_present"]},
            {"authorization_method": "online"},
            {"authorization_method": "chip"},
        ),
        (
            {"blocked_card_presences": ["not_present"]},
            {"authorization_method": "chip"},
            {"authorization_method": "keyed_in"},
        ),
    ],
)
def test_lists_allow_and_block(
    new_card: NewCard, pay: Pay, controls: dict[str, Any], allowed: dict[str, Any], refused: dict[str, Any]
) -> None:
    card = new_card(spending_controls=controls)
    assert reason(pay(card.id, 100, **allowed)) == "card_active"
    assert reason(pay(card.id, 100, **refused)) == "spending_controls"


def test_one_cannot_both_allow_and_block(new_card: NewCard) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        new_card(spending_controls={"allowed_categories": ["bakeries"], "blocked_categories": ["hospitals"]})
    assert refused.value.param == "spending_controls"


@pytest.mark.parametrize(
    ("interval", "start"),
    [
        ("daily", datetime(2026, 11, 25, tzinfo=UTC)),
        ("weekly", datetime(2026, 11, 22, tzinfo=UTC)),
        ("monthly", datetime(2026, 11, 1, tzinfo=UTC)),
        ("yearly", datetime(2026, 1, 1, tzinfo=UTC)),
        ("all_time", datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_windows_are_calendar_periods(interval: str, start: datetime) -> None:
    assert window_start(interval, datetime(2026, 11, 25, 13, 14, 15, tzinfo=UTC)) == start
