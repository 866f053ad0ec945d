"""Issuing transactions: money that has moved, by capture (negative) or refund (positive)."""

import secrets
from typing import Literal

from simulator.objects import JsonObject
from simulator.stripe import balances, misreporting
from simulator.stripe.account import StripeAccount
from simulator.stripe.events import emit, emit_change
from simulator.stripe.lists import CreatedListParams, is_match, page
from simulator.stripe.operations import Call, Operation, Operations
from simulator.stripe.params import MetadataParams, RequestParams, Text, merged_metadata

KIND = "issuing.transaction"
TransactionType = Literal["capture", "refund"]


class ListTransactions(CreatedListParams):
    """The filters of the list."""

    card: Text | None = None
    cardholder: Text | None = None
    type: TransactionType | None = None


def book(
    account: StripeAccount,
    transaction_type: TransactionType,
    *,
    amount: int,
    merchant_amount: int,
    origin: JsonObject,
    authorization_id: str | None,
    purchase_details: JsonObject | None = None,
) -> JsonObject:
    """Move signed amounts and keep the transaction; `origin` has card, cardholder, currencies, merchant."""
    transaction_id = account.objects.new_id("ipi")
    entry = balances.post(
        account, "issuing", balances.TRANSACTION, amount, origin["currency"], transaction_id
    )
    transaction = {
        "id": transaction_id,
        "object": KIND,
        "amount": amount,
        "amount_details": None,
        "authorization": authorization_id,
        "balance_transaction": entry["id"],
        "card": origin["card"],
        "cardholder": origin["cardholder"],
        "created": account.clock.timestamp(),
        "currency": origin["currency"],
        "dispute": None,
        "livemode": False,
        "merchant_amount": merchant_amount,
        "merchant_currency": origin["merchant_currency"],
        "merchant_data": origin["merchant_data"],
        "metadata": {},
        "network_data": _network_data(account, origin),
        "purchase_details": purchase_details,
        "token": None,
        "treasury": None,
        "type": transaction_type,
        "wallet": origin.get("wallet"),
    }
    account.objects.put(KIND, transaction)
    return transaction


def announce(account: StripeAccount, transaction: JsonObject) -> None:
    """Tell that a transaction was booked."""
    emit(account, "issuing_transaction.created", transaction)


def get_transaction(account: StripeAccount, transaction_id: str) -> JsonObject:
    """Return a transaction; StripeError when there is none."""
    return account.get(KIND, transaction_id, noun="issuing transaction")


def render(account: StripeAccount, transaction: JsonObject) -> JsonObject:  # noqa: ARG001 - a Render's shape
    """Show a transaction, which is kept as it is shown."""
    return transaction


def retrieve(call: Call, params: RequestParams) -> JsonObject:  # noqa: ARG001 - an operation's shape
    """Show one transaction."""
    return get_transaction(call.account, call.ids["transaction"])


def update(call: Call, params: MetadataParams) -> JsonObject:
    """Change metadata."""
    before = get_transaction(call.account, call.ids["transaction"])
    after = before | {"metadata": merged_metadata(before["metadata"], params)}
    call.account.objects.put(KIND, after)
    emit_change(call.account, "issuing_transaction.updated", before, after)
    return after


def list_all(call: Call, params: ListTransactions) -> JsonObject:
    """List transactions."""
    found = call.account.objects.list(
        KIND, where=lambda it: is_match(it, params, "card", "cardholder", "type")
    )
    return page(misreporting.reported(call.account, found), params, call.path)


def _network_data(account: StripeAccount, origin: JsonObject) -> JsonObject:
    """Name the network's ids: an authorization's capture carries those of its authorization."""
    approvals = [entry for entry in origin.get("request_history", []) if entry["approved"]]
    network = origin.get("network_data") or {"transaction_id": f"{secrets.randbelow(10**15):015d}"}
    return {
        "authorization_code": approvals[0]["authorization_code"] if approvals else None,
        "processing_date": account.clock.now().date().isoformat(),
        "transaction_id": network["transaction_id"],
    }


OPERATIONS: Operations = (
    Operation("GET", "/v1/issuing/transactions", ListTransactions, list_all),
    Operation("GET", "/v1/issuing/transactions/{transaction}", RequestParams, retrieve),
    Operation("POST", "/v1/issuing/transactions/{transaction}", MetadataParams, update),
)
