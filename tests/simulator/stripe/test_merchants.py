from typing import Any

import httpx
import pytest
from stripe.issuing import Card

from running_stripe import RunningStripe
from simulator.stripe.categories import CODE_BY_CATEGORY
from simulator.stripe.merchants import CATALOGUE


@pytest.fixture
def printed(running: RunningStripe, card: Card) -> dict[str, Any]:
    shown = running.client.v1.issuing.cards.retrieve(card.id, {"expand": ["number", "cvc"]})
    return {
        "number": shown.number,
        "exp_month": shown.exp_month,
        "exp_year": shown.exp_year % 100,
        "cvc": shown.cvc,
    }


def test_the_catalogue_is_shown(running: RunningStripe) -> None:
    merchants = httpx.get(f"{running.base_url}/_sim/stripe/merchants").json()["data"]
    assert len(merchants) == len(CATALOGUE) >= 10
    hotel = next(it for it in merchants if it["id"] == "harbor-hotel")
    assert (hotel["category_code"], hotel["currency"], hotel["country"]) == ("7011", "eur", "PT")
    assert len({it["network_id"] for it in merchants}) == len(merchants)


def test_codes_of_categories_are_four_digits() -> None:
    assert len(CODE_BY_CATEGORY) == 294
    assert all(len(code) == 4 and code.isdigit() for code in CODE_BY_CATEGORY.values())


def test_paying_by_id_runs_the_engine(running: RunningStripe, card: Card) -> None:
    running.decide_in_real_time()
    paid = running.control("pay", {"card": card.id, "merchant": "pine-books", "amount": 1999}).json()
    assert (paid["approved"], paid["amount"]) == (True, 1999)
    assert paid["merchant_data"]["name"] == "PINE STREET BOOKS"
    assert paid["request_history"][0]["reason"] == "webhook_approved"
    assert running.client.v1.issuing.authorizations.retrieve(paid["id"]).status == "pending"


def test_a_merchant_abroad_asks_in_its_own_currency(running: RunningStripe, card: Card) -> None:
    paid = running.control("pay", {"card": card.id, "merchant": "harbor-hotel", "amount": 10_000}).json()
    assert (paid["amount"], paid["currency"]) == (11_000, "usd")
    assert (paid["merchant_amount"], paid["merchant_currency"]) == (10_000, "eur")


@pytest.mark.parametrize(
    ("change", "checks"),
    [
        ({}, ("match", "match")),
        ({"cvc": "x"}, ("mismatch", "match")),
        ({"exp_year": 99}, ("match", "mismatch")),
        ({"cvc": None, "exp_month": None}, ("not_provided", "not_provided")),
    ],
)
def test_what_is_typed_in_is_checked(
    running: RunningStripe, printed: dict[str, Any], change: dict[str, Any], checks: tuple[str, str]
) -> None:
    body = {"card": printed | change, "merchant": "gadget-pier", "amount": 100}
    verification = running.control("pay", body).json()["verification_data"]
    assert (verification["cvc_check"], verification["expiry_check"]) == checks


def test_a_number_with_spaces_is_the_same_number(running: RunningStripe, printed: dict[str, Any]) -> None:
    number = printed["number"]
    spaced = " ".join(number[start : start + 4] for start in range(0, 16, 4))
    body = {"card": {"number": spaced}, "merchant": "corner-cafe", "amount": 100}
    paid = running.control("pay", body).json()
    assert paid["approved"] is True
    assert paid["authorization_method"] == "keyed_in"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"merchant": "nowhere"}, 404),
        ({"card": {"number": "4000009990000000"}}, 404),
        ({"card": "ic_nothing"}, 400),
        ({"amount": -1}, 400),
        ({"amount": "12"}, 400),
        ({"currency": "xxx"}, 400),
        ({"tip": 5}, 400),
    ],
)
def test_a_payment_that_makes_no_sense_is_refused(
    running: RunningStripe, card: Card, change: dict[str, Any], status: int
) -> None:
    body = {"card": card.id, "merchant": "pine-books", "amount": 100} | change
    answer = running.control("pay", body)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]
    assert running.client.v1.issuing.authorizations.list().data == []
