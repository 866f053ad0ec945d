"""Test helpers: the merchant's side of authorizations, for those who have no merchant."""

from typing import Literal

from simulator.objects import JsonObject
from simulator.stripe import cards, lifecycle
from simulator.stripe.authorizations import Purchase
from simulator.stripe.errors import StripeError, parameter_missing
from simulator.stripe.exchange import convert
from simulator.stripe.merchant_data import MerchantData
from simulator.stripe.operations import Call, Operation, Operations
from simulator.stripe.params import (
    Currency,
    Flag,
    NaturalInteger,
    Params,
    PositiveInteger,
    RequestParams,
    Text,
)
from simulator.stripe.purchase_details import PurchaseDetails, shown_details

Check = Literal["match", "mismatch", "not_provided"]
_PATH = "/v1/test_helpers/issuing/authorizations"


class AmountDetails(Params):
    """Parts of the amount, in minor units."""

    atm_fee: NaturalInteger | None = None
    cashback_amount: NaturalInteger | None = None


class Exemption(Params):
    """Who wants to be spared authentication, and why."""

    claimed_by: Literal["acquirer", "issuer"]
    type: Literal["low_value_transaction", "transaction_risk_analysis", "unknown"]


class ThreeDSecure(Params):
    """How 3-D Secure ended."""

    result: Literal["attempt_acknowledged", "authenticated", "failed", "required"]


class VerificationData(Params):
    """What matched of what the buyer entered."""

    address_line1_check: Check = "not_provided"
    address_postal_code_check: Check = "not_provided"
    authentication_exemption: Exemption | None = None
    cvc_check: Check = "match"
    expiry_check: Check = "match"
    three_d_secure: ThreeDSecure | None = None


class NetworkData(Params):
    """Who sent the request over the network."""

    acquiring_institution_id: Text | None = None


class CreateAuthorization(RequestParams):
    """The parameters of a purchase."""

    amount: NaturalInteger | None = None
    amount_details: AmountDetails | None = None
    authorization_method: Literal["chip", "contactless", "keyed_in", "online", "swipe"] = "online"
    card: Text
    currency: Currency | None = None
    is_amount_controllable: Flag = False
    merchant_amount: NaturalInteger | None = None
    merchant_currency: Currency | None = None
    merchant_data: MerchantData = MerchantData()
    network_data: NetworkData | None = None
    verification_data: VerificationData | None = None
    wallet: Literal["apple_pay", "google_pay", "samsung_pay"] | None = None


class CardAuthorization(RequestParams):
    """The parameters of the older way, where the URL names the card."""

    amount: NaturalInteger
    authorization_method: Literal["chip", "contactless", "keyed_in", "online", "swipe"] = "online"
    currency: Currency | None = None
    is_amount_controllable: Flag = False
    merchant_data: MerchantData = MerchantData()


class CaptureAuthorization(RequestParams):
    """The parameters of a capture."""

    capture_amount: PositiveInteger | None = None
    close_authorization: Flag = True
    purchase_details: PurchaseDetails | None = None


class IncrementAuthorization(RequestParams):
    """The parameters of an increment."""

    increment_amount: PositiveInteger
    is_amount_controllable: Flag = False


class ReverseAuthorization(RequestParams):
    """The parameters of a reversal."""

    reverse_amount: PositiveInteger | None = None


async def create(call: Call, params: CreateAuthorization) -> JsonObject:
    """Ask for an authorization as a merchant would."""
    card = cards.get_card(call.account, params.card, "card")
    _ensure_currency(card, params.currency)
    amount, merchant_amount, merchant_currency = _amounts(params, card["currency"])
    purchase = Purchase(
        card_id=params.card,
        amount=amount,
        merchant_amount=merchant_amount,
        merchant_currency=merchant_currency,
        merchant=params.merchant_data.shown(),
        method=params.authorization_method,
        wallet=params.wallet,
        is_amount_controllable=params.is_amount_controllable,
        verification=_dumped(params.verification_data),
        amount_details=_dumped(params.amount_details),
        acquirer=params.network_data.acquiring_institution_id if params.network_data else None,
    )
    return await lifecycle.authorize(call.account, purchase)


async def create_for_card(call: Call, params: CardAuthorization) -> JsonObject:
    """Ask for an authorization of the card that the URL names."""
    card = cards.get_card(call.account, call.ids["card"])
    _ensure_currency(card, params.currency)
    purchase = Purchase(
        card_id=card["id"],
        amount=params.amount,
        merchant_amount=params.amount,
        merchant_currency=card["currency"],
        merchant=params.merchant_data.shown(),
        method=params.authorization_method,
        is_amount_controllable=params.is_amount_controllable,
    )
    return await lifecycle.authorize(call.account, purchase)


def capture(call: Call, params: CaptureAuthorization) -> JsonObject:
    """Capture as a merchant would."""
    return lifecycle.capture(
        call.account,
        call.ids["authorization"],
        params.capture_amount,
        is_closing=params.close_authorization,
        purchase_details=shown_details(params.purchase_details),
    )


async def increment(call: Call, params: IncrementAuthorization) -> JsonObject:
    """Ask for more on the same authorization."""
    return await lifecycle.increment(
        call.account,
        call.ids["authorization"],
        params.increment_amount,
        is_amount_controllable=params.is_amount_controllable,
    )


def reverse(call: Call, params: ReverseAuthorization) -> JsonObject:
    """Give back a part or all of what is held."""
    return lifecycle.reverse(call.account, call.ids["authorization"], params.reverse_amount)


def expire(call: Call, params: RequestParams) -> JsonObject:  # noqa: ARG001 - an operation's shape
    """Let an authorization expire before its time."""
    return lifecycle.expire(call.account, call.ids["authorization"])


def _dumped(params: Params | None) -> JsonObject | None:
    return params.model_dump() if params else None


def _ensure_currency(card: JsonObject, currency: str | None) -> None:
    if currency not in {None, card["currency"]}:
        raise StripeError("This must be the currency of the card.", param="currency")


def _amounts(params: CreateAuthorization, currency: str) -> tuple[int, int, str]:
    """Return the amount in the card's currency, in the merchant's, and the latter's code."""
    merchant_currency = params.merchant_currency or currency
    if params.amount is not None:
        merchant_amount = params.merchant_amount
        if merchant_amount is None:
            merchant_amount = convert(params.amount, currency, merchant_currency)
        return params.amount, merchant_amount, merchant_currency
    if params.merchant_amount is None:
        raise parameter_missing("amount")
    return (
        convert(params.merchant_amount, merchant_currency, currency),
        params.merchant_amount,
        merchant_currency,
    )


OPERATIONS: Operations = (
    Operation("POST", _PATH, CreateAuthorization, create),
    Operation("POST", f"{_PATH}/{{authorization}}/capture", CaptureAuthorization, capture),
    Operation("POST", f"{_PATH}/{{authorization}}/increment", IncrementAuthorization, increment),
    Operation("POST", f"{_PATH}/{{authorization}}/reverse", ReverseAuthorization, reverse),
    Operation("POST", f"{_PATH}/{{authorization}}/expire", RequestParams, expire),
    Operation("POST", "/v1/issuing/cards/{card}/test/authorizations", CardAuthorization, create_for_card),
)
