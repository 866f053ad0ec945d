"""Paying at a made-up merchant: with a card's id, or with what is printed on a card."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from simulator.objects import JsonObject
from simulator.stripe import cards, lifecycle
from simulator.stripe.account import StripeAccount
from simulator.stripe.authorizations import Purchase
from simulator.stripe.card_numbers import find_card_id, get_card_secret
from simulator.stripe.errors import StripeError
from simulator.stripe.exchange import convert, is_supported
from simulator.stripe.merchants import Merchant, find_merchant


class CardDetails(BaseModel):
    """What a buyer types in; what is left out was not asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: str
    exp_month: int | None = None
    exp_year: int | None = None
    cvc: str | None = None


class Payment(BaseModel):
    """A purchase: `amount` in minor units of `currency`, which is the merchant's unless given."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    card: str | CardDetails
    merchant: str
    amount: int = Field(ge=0)
    currency: str | None = None
    three_d_secure: Literal["authenticated", "attempt_acknowledged", "failed"] | None = None
    """How 3-D Secure ended, where the merchant used it."""


async def pay(account: StripeAccount, payment: Payment) -> JsonObject:
    """Ask for the authorization of a purchase and return it; StripeError for an unknown card or merchant."""
    merchant = find_merchant(payment.merchant)
    if merchant is None:
        raise StripeError("There is no such merchant.", status=404, param="merchant")
    currency = (payment.currency or merchant.currency).lower()
    if not is_supported(currency):
        raise StripeError(f"There is no such currency here: {currency}", param="currency")
    card = cards.get_card(account, _card_id(account, payment.card), "card")
    purchase = Purchase(
        card_id=card["id"],
        amount=convert(payment.amount, currency, card["currency"]),
        merchant_amount=payment.amount,
        merchant_currency=currency,
        merchant=merchant.merchant_data(),
        method=_method(merchant, payment.card),
        verification=_verification(account, card, payment),
    )
    return await lifecycle.authorize(account, purchase)


def _card_id(account: StripeAccount, card: str | CardDetails) -> str:
    if isinstance(card, str):
        return card
    found = find_card_id(account, card.number)
    if found is None:
        raise StripeError("No card has this number.", status=404, param="card")
    return found


def _method(merchant: Merchant, card: str | CardDetails) -> str:
    """A typed-in number at a counter is keyed in; otherwise the merchant's usual way."""
    return "keyed_in" if isinstance(card, CardDetails) and merchant.method != "online" else merchant.method


def _verification(account: StripeAccount, card: JsonObject, payment: Payment) -> JsonObject | None:
    checks = _checks(account, card, payment.card)
    if payment.three_d_secure is None:
        return checks
    return {**(checks or {}), "three_d_secure": {"result": payment.three_d_secure}}


def _checks(account: StripeAccount, card: JsonObject, given: str | CardDetails) -> JsonObject | None:
    if isinstance(given, str):
        return None
    secret = get_card_secret(account, card["id"])
    expiry = None
    if given.exp_month is not None and given.exp_year is not None:
        # Two-digit years are what is printed on cards.
        expiry = (given.exp_month, given.exp_year % 100) == (card["exp_month"], card["exp_year"] % 100)
    return {
        "cvc_check": _check(None if given.cvc is None else given.cvc == secret["cvc"]),
        "expiry_check": _check(expiry),
    }


def _check(is_match: bool | None) -> str:
    if is_match is None:
        return "not_provided"
    return "match" if is_match else "mismatch"
