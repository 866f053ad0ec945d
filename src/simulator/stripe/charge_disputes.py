"""Disputes of charges: the cardholder's bank takes the money back until it has decided."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from simulator.objects import JsonObject
from simulator.stripe import balances, charges, misreporting
from simulator.stripe.account import StripeAccount
from simulator.stripe.errors import StripeError
from simulator.stripe.events import emit, emit_change
from simulator.stripe.lists import CreatedListParams, is_match, page
from simulator.stripe.operations import Call, Operation, Operations
from simulator.stripe.params import (
    ClearableMetadata,
    Flag,
    Params,
    RequestParams,
    Text,
    merged_metadata,
)

KIND = "dispute"
_PATH = "/v1/disputes"
_TIME_TO_ANSWER = timedelta(days=20)
_EVIDENCE_NAMES = """
access_activity_log billing_address cancellation_policy cancellation_policy_disclosure cancellation_rebuttal
customer_communication customer_email_address customer_name customer_purchase_ip customer_signature
duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id product_description receipt
refund_policy refund_policy_disclosure refund_refusal_explanation service_date service_documentation
shipping_address shipping_carrier shipping_date shipping_documentation shipping_tracking_number
uncategorized_file uncategorized_text
"""
_OPEN = {"needs_response", "under_review", "warning_needs_response", "warning_under_review"}
_BY_EVIDENCE: dict[str, Literal["won", "lost"]] = {"winning_evidence": "won", "losing_evidence": "lost"}
"""What Stripe's test mode makes of a text in `uncategorized_text`."""
Reason = Literal["fraudulent", "product_not_received", "duplicate", "general", "unrecognized"]


class NewDispute(BaseModel):
    """What a cardholder tells their bank; an inquiry takes no money yet."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    amount: int | None = Field(default=None, ge=1)
    reason: Reason = "fraudulent"
    is_inquiry: bool = False


class Closing(BaseModel):
    """How the bank decides; an inquiry may also become a dispute."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    outcome: Literal["won", "lost", "warning_closed", "escalated"]


class Evidence(Params):
    """What speaks for the charge."""

    customer_communication: Text | None = None
    product_description: Text | None = None
    uncategorized_text: Annotated[Text, Field(max_length=20_000)] | None = None


class UpdateDispute(RequestParams):
    """The parameters of a change; evidence is sent to the bank with `submit`."""

    evidence: Evidence | None = None
    metadata: ClearableMetadata = None
    submit: Flag = True


class ListDisputes(CreatedListParams):
    """The filters of the list."""

    charge: Text | None = None
    payment_intent: Text | None = None


def open_dispute(account: StripeAccount, charge_id: str, wish: NewDispute) -> JsonObject:
    """Dispute a charge that was paid and is not disputed yet; the money leaves at once."""
    charge = account.get(charges.KIND, charge_id, noun="charge")
    if not charge["paid"] or charge["disputed"]:
        raise StripeError("This charge cannot be disputed.", code="charge_disputed", param="charge")
    charge["disputed"] = True
    account.objects.put(charges.KIND, charge)
    dispute = _new_dispute(account, charge, wish)
    account.objects.put(KIND, dispute)
    emit(account, "charge.dispute.created", dispute)
    return dispute if wish.is_inquiry else _take_money(account, dispute)


def close_dispute(account: StripeAccount, dispute_id: str, outcome: str) -> JsonObject:
    """Let the bank decide, or let an inquiry become a dispute."""
    before = get_dispute(account, dispute_id)
    is_inquiry = before["status"].startswith("warning_")
    if before["status"] not in _OPEN or is_inquiry != (outcome in {"warning_closed", "escalated"}):
        raise StripeError(f"A dispute that is {before['status']} cannot end as {outcome}.", param="outcome")
    if outcome == "escalated":
        after = before | {"status": "needs_response", "is_charge_refundable": False}
        account.objects.put(KIND, after)
        emit_change(account, "charge.dispute.updated", before, after)
        return _take_money(account, after)
    after = before | {"status": outcome}
    if outcome == "won":
        after["balance_transactions"] = [
            *before["balance_transactions"],
            _moved(account, after, after["amount"], "dispute_reversal"),
        ]
    account.objects.put(KIND, after)
    emit_change(account, "charge.dispute.closed", before, after)
    if outcome == "won":
        emit(account, "charge.dispute.funds_reinstated", after)
    return after


def get_dispute(account: StripeAccount, dispute_id: str) -> JsonObject:
    """Return a dispute; StripeError when there is none."""
    return account.get(KIND, dispute_id, noun="dispute")


def render(account: StripeAccount, dispute: JsonObject) -> JsonObject:  # noqa: ARG001 - a Render's shape
    """Show a dispute, which is kept as it is shown."""
    return dispute


def retrieve(call: Call, params: RequestParams) -> JsonObject:  # noqa: ARG001 - an operation's shape
    """Show one dispute."""
    return get_dispute(call.account, call.ids["dispute"])


def update(call: Call, params: UpdateDispute) -> JsonObject:
    """Answer the bank with evidence; test texts decide at once, as in Stripe's test mode."""
    account = call.account
    before = get_dispute(account, call.ids["dispute"])
    if before["status"] not in _OPEN:
        raise StripeError("This dispute is already closed.", param="dispute")
    after = before | {"metadata": merged_metadata(before["metadata"], params)}
    if params.evidence is not None:
        after["evidence"] = before["evidence"] | params.evidence.given()
        details = before["evidence_details"]
        after["evidence_details"] = details | {
            "has_evidence": True,
            "submission_count": details["submission_count"] + params.submit,
            "submission_method": "manual" if params.submit else details["submission_method"],
        }
        if params.submit:
            after["status"] = before["status"].replace("needs_response", "under_review")
    account.objects.put(KIND, after)
    emit_change(account, "charge.dispute.updated", before, after)
    decided = _BY_EVIDENCE.get(str(after["evidence"]["uncategorized_text"]))
    return close_dispute(account, after["id"], decided) if params.submit and decided else after


def close(call: Call, params: RequestParams) -> JsonObject:  # noqa: ARG001 - an operation's shape
    """Give in: the dispute is lost."""
    return close_dispute(call.account, call.ids["dispute"], "lost")


def list_all(call: Call, params: ListDisputes) -> JsonObject:
    """List disputes."""
    found = call.account.objects.list(KIND, where=lambda it: is_match(it, params, "charge", "payment_intent"))
    return page(misreporting.reported(call.account, found), params, call.path)


def _take_money(account: StripeAccount, dispute: JsonObject) -> JsonObject:
    entry = _moved(account, dispute, -dispute["amount"], "dispute")
    dispute = dispute | {"balance_transactions": [*dispute["balance_transactions"], entry]}
    account.objects.put(KIND, dispute)
    emit(account, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def _moved(account: StripeAccount, dispute: JsonObject, amount: int, category: str) -> JsonObject:
    return balances.post(
        account, "payments", "adjustment", amount, dispute["currency"], dispute["id"], category=category
    )


def _new_dispute(account: StripeAccount, charge: JsonObject, wish: NewDispute) -> JsonObject:
    due_by = int((account.clock.now() + _TIME_TO_ANSWER).timestamp())
    dispute: dict[str, Any] = {
        "id": account.objects.new_id("du"),
        "object": KIND,
        "amount": wish.amount or charge["amount"] - charge["amount_refunded"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": account.clock.timestamp(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": dict.fromkeys(_EVIDENCE_NAMES.split()) | {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": due_by,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": wish.is_inquiry,
        "livemode": False,
        "metadata": {},
        "network_reason_code": "83",
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": "visa",
                "case_type": "inquiry" if wish.is_inquiry else "chargeback",
                "network": "visa",
                "network_reason_code": "83",
            },
            "type": "card",
        },
        "reason": wish.reason,
        "status": "warning_needs_response" if wish.is_inquiry else "needs_response",
    }
    return dispute


OPERATIONS: Operations = (
    Operation("GET", _PATH, ListDisputes, list_all),
    Operation("GET", f"{_PATH}/{{dispute}}", RequestParams, retrieve),
    Operation("POST", f"{_PATH}/{{dispute}}", UpdateDispute, update),
    Operation("POST", f"{_PATH}/{{dispute}}/close", RequestParams, close),
)
