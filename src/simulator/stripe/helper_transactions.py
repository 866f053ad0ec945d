"""Test helpers for money that moves without an authorization, and for refunds."""

from simulator.objects import JsonObject
from simulator.stripe import authorizations, cards, transactions
from simulator.stripe.account import StripeAccount
from simulator.stripe.errors import StripeError
from simulator.stripe.merchant_data import MerchantData
from simulator.stripe.operations import Call, Operation, Operations
from simulator.stripe.params import Currency, PositiveInteger, RequestParams, Text
from simulator.stripe.purchase_details import PurchaseDetails, shown_details

REFUNDED_KIND = "stripe.refunded_capture"
_PATH = "/v1/test_helpers/issuing/transactions"


class UnlinkedTransaction(RequestParams):
    """The parameters of a transaction that no authorization preceded."""

    amount: PositiveInteger
    card: Text
    currency: Currency | None = None
    merchant_data: MerchantData = MerchantData()
    purchase_details: PurchaseDetails | None = None


class RefundTransaction(RequestParams):
    """The parameters of a refund of a capture."""

    refund_amount: PositiveInteger | None = None


def create_force_capture(call: Call, params: UnlinkedTransaction) -> JsonObject:
    """Take money without having asked."""
    return _book_unlinked(call.account, params, "capture", -params.amount)


def create_unlinked_refund(call: Call, params: UnlinkedTransaction) -> JsonObject:
    """Give money that no capture took."""
    return _book_unlinked(call.account, params, "refund", params.amount)


def refund(call: Call, params: RefundTransaction) -> JsonObject:
    """Give back a part of a capture, or what is left of it; return the refund."""
    account = call.account
    capture = transactions.get_transaction(account, call.ids["transaction"])
    if capture["type"] != "capture":
        raise StripeError("Only a capture can be refunded.", param="transaction")
    refunded = int((account.objects.get(REFUNDED_KIND, capture["id"]) or {"amount": 0})["amount"])
    left = -capture["amount"] - refunded
    amount = left if params.refund_amount is None else params.refund_amount
    if not 1 <= amount <= left:
        raise StripeError(f"Of this transaction {left} can still be refunded.", param="refund_amount")
    account.objects.put(REFUNDED_KIND, {"id": capture["id"], "amount": refunded + amount})
    merchant_amount = amount * capture["merchant_amount"] // capture["amount"]
    booked = transactions.book(
        account,
        "refund",
        amount=amount,
        merchant_amount=merchant_amount,
        origin=capture,
        authorization_id=capture["authorization"],
    )
    _attach(account, booked)
    transactions.announce(account, booked)
    return booked


def _attach(account: StripeAccount, transaction: JsonObject) -> None:
    """Put a refund on its authorization's list; Stripe tells of the transaction, not of the list."""
    if transaction["authorization"] is None:
        return
    kept = authorizations.get_authorization(account, transaction["authorization"])
    kept["transactions"].append(transaction["id"])
    account.objects.put(authorizations.KIND, kept)


def _book_unlinked(
    account: StripeAccount, params: UnlinkedTransaction, kind: transactions.TransactionType, amount: int
) -> JsonObject:
    card = cards.get_card(account, params.card, "card")
    if params.currency not in {None, card["currency"]}:
        raise StripeError("This must be the currency of the card.", param="currency")
    booked = transactions.book(
        account,
        kind,
        amount=amount,
        merchant_amount=amount,
        origin={
            "card": card["id"],
            "cardholder": card["cardholder"],
            "currency": card["currency"],
            "merchant_currency": card["currency"],
            "merchant_data": params.merchant_data.shown(),
        },
        authorization_id=None,
        purchase_details=shown_details(params.purchase_details),
    )
    transactions.announce(account, booked)
    return booked


OPERATIONS: Operations = (
    Operation("POST", f"{_PATH}/create_force_capture", UnlinkedTransaction, create_force_capture),
    Operation("POST", f"{_PATH}/create_unlinked_refund", UnlinkedTransaction, create_unlinked_refund),
    Operation("POST", f"{_PATH}/{{transaction}}/refund", RefundTransaction, refund),
)
