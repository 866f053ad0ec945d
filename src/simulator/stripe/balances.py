"""Balances: what issuing may spend, what payments have brought in, and the entries between."""

from typing import Literal

from simulator.objects import JsonObject
from simulator.stripe.account import StripeAccount
from simulator.stripe.operations import Call, Operation, Operations
from simulator.stripe.params import RequestParams

KIND = "balance_transaction"
BALANCE_KIND = "stripe.balance"
GENEROUS_ISSUING_BALANCE = 1_000_000_000_00
"""What issuing may spend in each currency until told otherwise, in minor units."""
Purse = Literal["issuing", "payments"]
HOLD = "issuing_authorization_hold"
RELEASE = "issuing_authorization_release"
TRANSACTION = "issuing_transaction"


def available(account: StripeAccount, purse: Purse, currency: str) -> int:
    """Return the balance of one purse in minor units; it may be negative after a capture without hold."""
    kept = account.objects.get(BALANCE_KIND, f"{purse}:{currency}")
    if kept is not None:
        return int(kept["amount"])
    return GENEROUS_ISSUING_BALANCE if purse == "issuing" else 0


def set_available(account: StripeAccount, purse: Purse, currency: str, amount: int) -> None:
    """Make the balance of one purse what it is told to be."""
    account.objects.put(
        BALANCE_KIND, {"id": f"{purse}:{currency}", "purse": purse, "currency": currency, "amount": amount}
    )


def post(
    account: StripeAccount, purse: Purse, entry_type: str, amount: int, currency: str,
    source: str | None, *, category: str | None = None,
) -> JsonObject:  # fmt: skip
    """Move the balance by `amount` (negative: out) and return the entry that says why."""
    set_available(account, purse, currency, available(account, purse, currency) + amount)
    now = account.clock.timestamp()
    entry = {
        "id": account.objects.new_id("txn"),
        "object": KIND,
        "amount": amount,
        "available_on": now,
        "balance_type": purse,
        "created": now,
        "currency": currency,
        "description": None,
        "exchange_rate": None,
        "fee": 0,
        "fee_details": [],
        "net": amount,
        "reporting_category": category or entry_type,
        "source": source,
        "status": "available",
        "type": entry_type,
    }
    account.objects.put(KIND, entry)
    return entry


def render(account: StripeAccount, entry: JsonObject) -> JsonObject:  # noqa: ARG001 - a Render's shape
    """Show an entry, which is kept as it is shown."""
    return entry


def retrieve(call: Call, params: RequestParams) -> JsonObject:  # noqa: ARG001 - an operation's shape
    """Show both purses in every currency that moved, and in dollars."""
    account = call.account
    currencies = sorted({kept["currency"] for kept in account.objects.list(BALANCE_KIND)} | {"usd"})
    return {
        "object": "balance",
        "available": [_amount(account, "payments", currency) for currency in currencies],
        "issuing": {"available": [_amount(account, "issuing", currency) for currency in currencies]},
        "livemode": False,
        "pending": [{"amount": 0, "currency": currency} for currency in currencies],
    }


def _amount(account: StripeAccount, purse: Purse, currency: str) -> JsonObject:
    amount = available(account, purse, currency)
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}


OPERATIONS: Operations = (Operation("GET", "/v1/balance", RequestParams, retrieve),)
