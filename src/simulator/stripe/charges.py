"""Charges: each attempt to take money for a payment intent."""

from simulator.objects import JsonObject
from simulator.stripe import balances
from simulator.stripe.account import StripeAccount
from simulator.stripe.events import emit
from simulator.stripe.payment_methods import KIND as METHOD_KIND
from simulator.stripe.payment_methods import Fate

KIND = "charge"


def attempt(account: StripeAccount, intent: JsonObject, fate: Fate) -> JsonObject:
    """Charge the intent's payment method and tell of it; the charge says whether it succeeded."""
    charge_id = account.objects.new_id("ch")
    is_paid = fate.decline_code is None
    entry = None
    if is_paid:
        entry = balances.post(account, "payments", "charge", intent["amount"], intent["currency"], charge_id)
    charge = {
        "id": charge_id,
        "object": KIND,
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if is_paid else 0,
        "amount_refunded": 0,
        "balance_transaction": entry["id"] if entry else None,
        "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
        "captured": is_paid,
        "created": account.clock.timestamp(),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": None if is_paid else "card_declined",
        "failure_message": fate.message or None,
        "livemode": False,
        "metadata": intent["metadata"],
        "outcome": _outcome(fate),
        "paid": is_paid,
        "payment_intent": intent["id"],
        "payment_method": intent["payment_method"],
        "payment_method_details": _details(account, intent),
        "receipt_email": intent["receipt_email"],
        "refunded": False,
        "status": "succeeded" if is_paid else "failed",
    }
    account.objects.put(KIND, charge)
    emit(account, "charge.succeeded" if is_paid else "charge.failed", charge)
    return charge


def render(account: StripeAccount, charge: JsonObject) -> JsonObject:  # noqa: ARG001 - a Render's shape
    """Show a charge, which is kept as it is shown."""
    return charge


def _outcome(fate: Fate) -> JsonObject:
    is_paid = fate.decline_code is None
    return {
        "network_status": "approved_by_network" if is_paid else "declined_by_network",
        "reason": fate.decline_code,
        "risk_level": "normal",
        "seller_message": "Payment complete." if is_paid else "The bank declined the payment.",
        "type": "authorized" if is_paid else "issuer_declined",
    }


def _details(account: StripeAccount, intent: JsonObject) -> JsonObject:
    method = account.objects.get(METHOD_KIND, intent["payment_method"])
    if method is None:
        return {"type": "card", "card": None}
    shown = (
        "brand",
        "checks",
        "country",
        "exp_month",
        "exp_year",
        "fingerprint",
        "funding",
        "last4",
        "wallet",
    )
    card = {name: method["card"][name] for name in shown}
    return {"type": "card", "card": card | {"network": card["brand"], "three_d_secure": None}}
