"""Issuing authorizations: how one is kept, how it is shown, and what the API lets one do with it."""

import secrets
from dataclasses import dataclass
from typing import Any, Literal

from simulator.objects import JsonObject
from simulator.stripe import balances, cards, misreporting, transactions
from simulator.stripe.account import StripeAccount
from simulator.stripe.events import emit_change
from simulator.stripe.lists import CreatedListParams, is_match, page
from simulator.stripe.operations import Call, Operation, Operations
from simulator.stripe.params import MetadataParams, RequestParams, Text, merged_metadata

KIND = "issuing.authorization"
PRIVATE = "_simulator"
"""Where a kept authorization holds what the API does not show."""
UNCHECKED = {
    "address_line1_check": "not_provided",
    "address_postal_code_check": "not_provided",
    "authentication_exemption": None,
    "cvc_check": "match",
    "expiry_check": "match",
    "postal_code": None,
    "three_d_secure": None,
}


@dataclass(frozen=True, slots=True)
class Purchase:
    """What a merchant asks for: amounts in minor units of the card's and of its own currency."""

    card_id: str
    amount: int
    merchant_amount: int
    merchant_currency: str
    merchant: JsonObject
    method: str = "online"
    wallet: str | None = None
    is_amount_controllable: bool = False
    verification: JsonObject | None = None
    amount_details: JsonObject | None = None
    acquirer: str | None = None


class ListAuthorizations(CreatedListParams):
    """The filters of the list."""

    card: Text | None = None
    cardholder: Text | None = None
    status: Literal["closed", "expired", "pending", "reversed"] | None = None


def new_authorization(account: StripeAccount, card: JsonObject, purchase: Purchase) -> JsonObject:
    """Build an authorization on which nothing has been decided."""
    return {
        "id": account.objects.new_id("iauth"),
        "object": KIND,
        "amount": 0,
        "amount_details": purchase.amount_details,
        "approved": False,
        "authorization_method": purchase.method,
        "balance_transactions": [],
        "card": card["id"],
        "card_presence": "not_present" if purchase.method in {"online", "keyed_in"} else "present",
        "cardholder": card["cardholder"],
        "created": account.clock.timestamp(),
        "currency": card["currency"],
        "fleet": None,
        "fraud_challenges": None,
        "fuel": None,
        "livemode": False,
        "merchant_amount": 0,
        "merchant_currency": purchase.merchant_currency,
        "merchant_data": purchase.merchant,
        "metadata": {},
        "network_data": _network_data(purchase.acquirer),
        "pending_request": None,
        "request_history": [],
        "status": "pending",
        "token": None,
        "transactions": [],
        "treasury": None,
        "verification_data": UNCHECKED | (purchase.verification or {}),
        "verified_by_fraud_challenge": None,
        "wallet": purchase.wallet,
        PRIVATE: {"expires_at": None, "expired_amount": 0},
    }


def get_authorization(account: StripeAccount, authorization_id: str) -> JsonObject:
    """Return an authorization as it is kept; StripeError when there is none."""
    return account.get(KIND, authorization_id, noun="issuing authorization")


def render(account: StripeAccount, kept: JsonObject) -> JsonObject:
    """Show a kept authorization: card, transactions and balance entries are embedded whole."""
    shown = {name: value for name, value in kept.items() if name != PRIVATE}
    return shown | {
        "card": cards.render(account, cards.get_card(account, kept["card"])),
        "transactions": _all(account, transactions.KIND, kept["transactions"]),
        "balance_transactions": _all(account, balances.KIND, kept["balance_transactions"]),
    }


def save(account: StripeAccount, before: JsonObject, after: JsonObject) -> None:
    """Keep a changed authorization and tell of the change; `before` is how it was shown."""
    account.objects.put(KIND, after)
    emit_change(account, "issuing_authorization.updated", before, render(account, after))


def captured_amount(account: StripeAccount, kept: JsonObject) -> int:
    """Return what was captured in all, in minor units, as a positive number."""
    booked = _all(account, transactions.KIND, kept["transactions"])
    return -sum(int(entry["amount"]) for entry in booked if entry["type"] == "capture")


def retrieve(call: Call, params: RequestParams) -> JsonObject:  # noqa: ARG001 - an operation's shape
    """Show one authorization."""
    return render(call.account, get_authorization(call.account, call.ids["authorization"]))


def update(call: Call, params: MetadataParams) -> JsonObject:
    """Change metadata."""
    account = call.account
    kept = get_authorization(account, call.ids["authorization"])
    before = render(account, kept)
    kept["metadata"] = merged_metadata(kept["metadata"], params)
    save(account, before, kept)
    return render(account, kept)


def list_all(call: Call, params: ListAuthorizations) -> JsonObject:
    """List authorizations."""
    found = call.account.objects.list(
        KIND, where=lambda it: is_match(it, params, "card", "cardholder", "status")
    )
    found = misreporting.reported(call.account, found)
    return page(found, params, call.path, lambda kept: render(call.account, kept))


def _all(account: StripeAccount, kind: str, ids: list[str]) -> list[JsonObject]:
    found: list[Any] = [account.objects.get(kind, object_id) for object_id in ids]
    return [obj for obj in found if obj is not None]


def _network_data(acquirer: str | None) -> JsonObject:
    return {
        "acquiring_institution_id": acquirer or "00000000001",
        "system_trace_audit_number": f"{secrets.randbelow(10**6):06d}",
        "transaction_id": f"{secrets.randbelow(10**15):015d}",
    }


OPERATIONS: Operations = (
    Operation("GET", "/v1/issuing/authorizations", ListAuthorizations, list_all),
    Operation("GET", "/v1/issuing/authorizations/{authorization}", RequestParams, retrieve),
    Operation("POST", "/v1/issuing/authorizations/{authorization}", MetadataParams, update),
)
