"""Refunds of charges, whole or in part."""

from typing import Literal

from pydantic import Field

from simulator.objects import JsonObject
from simulator.stripe import balances, charge_disputes, charges, misreporting, payment_methods
from simulator.stripe.account import StripeAccount
from simulator.stripe.confirmation import KIND as INTENT_KIND
from simulator.stripe.errors import StripeError, parameter_missing
from simulator.stripe.events import emit, emit_change
from simulator.stripe.lists import CreatedListParams, is_match, page
from simulator.stripe.operations import Call, Operation, Operations
from simulator.stripe.params import Metadata, PositiveInteger, RequestParams, Text, merged_metadata

KIND = "refund"


class CreateRefund(RequestParams):
    """The parameters of a new refund."""

    amount: PositiveInteger | None = None
    charge: Text | None = None
    metadata: Metadata = Field(default_factory=dict)
    payment_intent: Text | None = None
    reason: Literal["duplicate", "fraudulent", "requested_by_customer"] | None = None


class ListRefunds(CreatedListParams):
    """The filters of the list."""

    charge: Text | None = None
    payment_intent: Text | None = None


def create(call: Call, params: CreateRefund) -> JsonObject:
    """Give back a part of a charge, or what is left of it."""
    account = call.account
    charge = _charge_of(account, params)
    amount = _refundable(charge, params.amount)
    _ensure_undisputed(account, charge)
    fate = payment_methods.fate_of(account, charge["payment_method"])
    refund_id = account.objects.new_id("re")
    entry = balances.post(account, "payments", "refund", -amount, charge["currency"], refund_id)
    refund = {
        "id": refund_id,
        "object": KIND,
        "amount": amount,
        "balance_transaction": entry["id"],
        "charge": charge["id"],
        "created": account.clock.timestamp(),
        "currency": charge["currency"],
        "destination_details": {"card": {"type": "refund", "reference_status": "pending"}, "type": "card"},
        "metadata": merged_metadata({}, params),
        "payment_intent": charge["payment_intent"],
        "reason": params.reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if fate.refund == "pends" else "succeeded",
        "transfer_reversal": None,
    }
    account.objects.put(KIND, refund)
    emit(account, "refund.created", refund)
    _mark_refunded(account, charge, amount)
    if fate.refund == "fails":
        # As with Stripe's test card: it looks well, and a moment later the bank sends the money back.
        settle(account, refund_id, "failed")
    return refund


def settle(account: StripeAccount, refund_id: str, outcome: Literal["succeeded", "failed"]) -> JsonObject:
    """Let the bank take a refund that is pending, or send back one that is pending or seemed well."""
    before = account.get(KIND, refund_id, noun="refund")
    if before["status"] not in ({"pending"} if outcome == "succeeded" else {"pending", "succeeded"}):
        raise StripeError(f"A refund that is {before['status']} cannot become {outcome}.", param="refund")
    after = before | {"status": outcome}
    if outcome == "failed":
        entry = balances.post(
            account, "payments", "refund_failure", before["amount"], before["currency"], refund_id
        )
        after |= {
            "failure_balance_transaction": entry["id"],
            "failure_reason": "expired_or_canceled_card",
        }
        charge = account.get(charges.KIND, before["charge"], noun="charge")
        charge |= {"amount_refunded": charge["amount_refunded"] - before["amount"], "refunded": False}
        account.objects.put(charges.KIND, charge)
    account.objects.put(KIND, after)
    emit_change(account, "refund.updated", before, after)
    if outcome == "failed":
        emit(account, "refund.failed", after)
    return after


def render(account: StripeAccount, refund: JsonObject) -> JsonObject:  # noqa: ARG001 - a Render's shape
    """Show a refund, which is kept as it is shown."""
    return refund


def retrieve(call: Call, params: RequestParams) -> JsonObject:  # noqa: ARG001 - an operation's shape
    """Show one refund."""
    return call.account.get(KIND, call.ids["refund"], noun="refund")


def list_all(call: Call, params: ListRefunds) -> JsonObject:
    """List refunds."""
    found = call.account.objects.list(KIND, where=lambda it: is_match(it, params, "charge", "payment_intent"))
    return page(misreporting.reported(call.account, found), params, call.path)


def _charge_of(account: StripeAccount, params: CreateRefund) -> JsonObject:
    if params.charge is not None:
        return account.get(charges.KIND, params.charge, noun="charge", param="charge")
    if params.payment_intent is None:
        raise parameter_missing("payment_intent")
    intent = account.get(INTENT_KIND, params.payment_intent, noun="payment_intent", param="payment_intent")
    if intent["status"] != "succeeded":
        raise StripeError("This payment intent has no successful charge to refund.", param="payment_intent")
    return account.get(charges.KIND, intent["latest_charge"], noun="charge", param="payment_intent")


def _refundable(charge: JsonObject, wanted: int | None) -> int:
    left = int(charge["amount_captured"] - charge["amount_refunded"])
    if left == 0:
        raise StripeError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = left if wanted is None else wanted
    if amount > left:
        raise StripeError(f"Of this charge {left} can still be refunded.", param="amount")
    return amount


def _ensure_undisputed(account: StripeAccount, charge: JsonObject) -> None:
    of_charge = account.objects.list(charge_disputes.KIND, where=lambda it: it["charge"] == charge["id"])
    # What the bank asks about only can still be refunded, and what it decided for us or gave up, too.
    is_taken = any(not it["is_charge_refundable"] and it["status"] != "won" for it in of_charge)
    if is_taken:
        raise StripeError(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed"
        )


def _mark_refunded(account: StripeAccount, before: JsonObject, amount: int) -> None:
    refunded = before["amount_refunded"] + amount
    after = before | {"amount_refunded": refunded, "refunded": refunded == before["amount"]}
    account.objects.put(charges.KIND, after)
    emit_change(account, "charge.refunded", before, after)


OPERATIONS: Operations = (
    Operation("POST", "/v1/refunds", CreateRefund, create),
    Operation("GET", "/v1/refunds", ListRefunds, list_all),
    Operation("GET", "/v1/refunds/{refund}", RequestParams, retrieve),
)
