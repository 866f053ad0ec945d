"""Disputes of captures: prepared, submitted to the network once, and ended by its answer or by time."""

from typing import Any, Final, Literal

from simulator.objects import JsonObject
from simulator.stripe import balances, dispute_evidence, misreporting, transactions
from simulator.stripe.account import StripeAccount
from simulator.stripe.dispute_evidence import Evidence
from simulator.stripe.errors import StripeError, parameter_missing
from simulator.stripe.events import emit, emit_change
from simulator.stripe.lists import CreatedListParams, is_match, page
from simulator.stripe.operations import Call, Operation, Operations
from simulator.stripe.params import (
    ClearableMetadata,
    MetadataParams,
    Params,
    PositiveInteger,
    RequestParams,
    Text,
    merged_metadata,
)

KIND: Final = "issuing.dispute"
SECONDS_TO_SUBMIT: Final = 110 * 86_400
DISPUTE: Final = "issuing_dispute"
CREDIT: Final = "issuing_dispute_provisional_credit"
REVERSAL: Final = "issuing_dispute_provisional_credit_reversal"
LossReason = Literal[
    "invalid_duplicate_dispute",
    "merchandise_delivered_or_shipped",
    "merchandise_or_service_as_described",
    "not_cancelled",
    "other",
    "refund_issued",
    "transaction_authorized",
]


class ReceivedDebit(Params):
    """What a financial account would dispute; there are none here."""

    received_debit: Text


class CreateDispute(RequestParams):
    """The parameters of a new dispute."""

    amount: PositiveInteger | None = None
    evidence: Evidence | None = None
    metadata: ClearableMetadata = None
    transaction: Text | None = None
    treasury: ReceivedDebit | None = None


class UpdateDispute(RequestParams):
    """The parameters of a change; only metadata can change once it is submitted."""

    amount: PositiveInteger | None = None
    evidence: Evidence | None = None
    metadata: ClearableMetadata = None


class ListDisputes(CreatedListParams):
    """The filters of the list."""

    status: Literal["expired", "lost", "submitted", "unsubmitted", "won"] | None = None
    transaction: Text | None = None


def create(call: Call, params: CreateDispute) -> JsonObject:
    """Prepare a dispute of a capture; a transaction has one in its life, unless that one expired."""
    account = call.account
    if params.treasury is not None:
        raise StripeError("There are no financial accounts here.", param="treasury")
    if params.transaction is None:
        raise parameter_missing("transaction")
    disputed = account.get(
        transactions.KIND, params.transaction, noun="issuing transaction", param="transaction"
    )
    _ensure_disputable(account, disputed)
    dispute = {
        "id": account.objects.new_id("idp"),
        "object": KIND,
        "amount": _amount(disputed, params.amount),
        "balance_transactions": [],
        "created": account.clock.timestamp(),
        "currency": disputed["currency"],
        "evidence": dispute_evidence.merged(account, dispute_evidence.NOTHING, params.evidence),
        "livemode": False,
        "loss_reason": None,
        "metadata": merged_metadata({}, params),
        "status": "unsubmitted",
        "transaction": disputed["id"],
        "treasury": None,
    }
    account.objects.put(KIND, dispute)
    account.objects.put(transactions.KIND, disputed | {"dispute": dispute["id"]})
    emit(account, "issuing_dispute.created", dispute)
    return dispute


def retrieve(call: Call, params: RequestParams) -> JsonObject:  # noqa: ARG001 - an operation's shape
    """Show one dispute."""
    return get_dispute(call.account, call.ids["dispute"])


def update(call: Call, params: UpdateDispute) -> JsonObject:
    """Change what the network will be told, as long as it was not told."""
    account, before = call.account, get_dispute(call.account, call.ids["dispute"])
    if params.model_fields_set & {"amount", "evidence"}:
        _ensure_status(before, "unsubmitted")
    disputed = transactions.get_transaction(account, before["transaction"])
    after = before | {
        "amount": before["amount"] if params.amount is None else _amount(disputed, params.amount),
        "evidence": dispute_evidence.merged(account, before["evidence"], params.evidence),
        "metadata": merged_metadata(before["metadata"], params),
    }
    account.objects.put(KIND, after)
    emit_change(account, "issuing_dispute.updated", before, after)
    return after


def submit(call: Call, params: MetadataParams) -> JsonObject:
    """Hand a dispute to the network; it can be neither changed nor taken back afterwards."""
    account, before = call.account, get_dispute(call.account, call.ids["dispute"])
    _ensure_status(before, "unsubmitted")
    dispute_evidence.ensure_complete(before["evidence"])
    after = before | {"status": "submitted", "metadata": merged_metadata(before["metadata"], params)}
    account.objects.put(KIND, after)
    emit(account, "issuing_dispute.submitted", after)
    return after


def list_all(call: Call, params: ListDisputes) -> JsonObject:
    """List disputes."""
    found = call.account.objects.list(KIND, where=lambda it: is_match(it, params, "status", "transaction"))
    return page(misreporting.reported(call.account, found), params, call.path)


def credit(account: StripeAccount, dispute_id: str) -> JsonObject:
    """Pay the disputed amount before the network has decided."""
    dispute = get_dispute(account, dispute_id)
    _ensure_status(dispute, "submitted")
    if _credited(dispute):
        raise StripeError("This dispute was credited already.")
    return _move(account, dispute, CREDIT, dispute["amount"])


def take_back(account: StripeAccount, dispute_id: str) -> JsonObject:
    """Take a provisional credit back, undecided as the dispute may be."""
    dispute = get_dispute(account, dispute_id)
    if not _credited(dispute):
        raise StripeError("There is nothing to take back.")
    return _move(account, dispute, REVERSAL, -_credited(dispute))


def win(account: StripeAccount, dispute_id: str, amount: int | None) -> JsonObject:
    """End a dispute for the cardholder, with all or a part of it: the balance moves by what is lacking."""
    dispute = get_dispute(account, dispute_id)
    _ensure_status(dispute, "submitted")
    won = dispute["amount"] if amount is None else amount
    if not 1 <= won <= dispute["amount"]:
        raise StripeError(f"At most {dispute['amount']} can be won.", param="amount")
    dispute = dispute | {"status": "won"}
    account.objects.put(KIND, dispute)
    lacking = won - _credited(dispute)
    if lacking:
        dispute = _move(account, dispute, DISPUTE, lacking)
    emit(account, "issuing_dispute.closed", dispute)
    return dispute


def lose(account: StripeAccount, dispute_id: str, reason: LossReason) -> JsonObject:
    """End a dispute for the merchant; what was credited is taken back."""
    dispute = get_dispute(account, dispute_id)
    _ensure_status(dispute, "submitted")
    dispute = dispute | {"status": "lost", "loss_reason": reason}
    account.objects.put(KIND, dispute)
    if _credited(dispute):
        dispute = _move(account, dispute, REVERSAL, -_credited(dispute))
    emit(account, "issuing_dispute.closed", dispute)
    return dispute


def expire_due(account: StripeAccount) -> None:
    """Close the disputes that nobody submitted in time."""
    now = account.clock.timestamp()
    waiting = [it["id"] for it in account.objects.scan(KIND) if it["status"] == "unsubmitted"]
    for dispute in (get_dispute(account, dispute_id) for dispute_id in waiting):
        disputed = transactions.get_transaction(account, dispute["transaction"])
        if now < disputed["created"] + SECONDS_TO_SUBMIT:
            continue
        expired = dispute | {"status": "expired"}
        account.objects.put(KIND, expired)
        emit(account, "issuing_dispute.closed", expired)


def get_dispute(account: StripeAccount, dispute_id: str) -> JsonObject:
    """Return a dispute; StripeError when there is none."""
    return account.get(KIND, dispute_id, noun="issuing dispute")


def render(account: StripeAccount, dispute: JsonObject) -> JsonObject:  # noqa: ARG001 - a Render's shape
    """Show a dispute, which is kept as it is shown."""
    return dispute


def _ensure_disputable(account: StripeAccount, transaction: JsonObject) -> None:
    if transaction["type"] != "capture":
        raise StripeError("Only a capture can be disputed.", param="transaction")
    earlier = account.objects.get(KIND, transaction["dispute"] or "")
    if earlier is not None and earlier["status"] != "expired":
        raise StripeError("This transaction is disputed already.", param="transaction")
    if account.clock.timestamp() >= transaction["created"] + SECONDS_TO_SUBMIT:
        raise StripeError("A transaction can be disputed for 110 days.", param="transaction")


def _amount(transaction: JsonObject, wanted: int | None) -> int:
    most = -int(transaction["amount"])
    if wanted is not None and wanted > most:
        raise StripeError(f"At most {most} of this transaction can be disputed.", param="amount")
    return most if wanted is None else wanted


def _ensure_status(dispute: JsonObject, status: str) -> None:
    if dispute["status"] != status:
        raise StripeError(f"This dispute is {dispute['status']}, not {status}.", param="dispute")


def _credited(dispute: JsonObject) -> int:
    return sum(entry["amount"] for entry in dispute["balance_transactions"])


def _move(account: StripeAccount, dispute: JsonObject, entry_type: str, amount: int) -> JsonObject:
    entry: dict[str, Any] = balances.post(
        account, "issuing", entry_type, amount, dispute["currency"], dispute["id"]
    )
    moved = dispute | {"balance_transactions": [*dispute["balance_transactions"], entry]}
    account.objects.put(KIND, moved)
    emit(account, f"issuing_dispute.funds_{'reinstated' if amount > 0 else 'rescinded'}", moved)
    return moved


OPERATIONS: Operations = (
    Operation("GET", "/v1/issuing/disputes", ListDisputes, list_all),
    Operation("POST", "/v1/issuing/disputes", CreateDispute, create),
    Operation("GET", "/v1/issuing/disputes/{dispute}", RequestParams, retrieve),
    Operation("POST", "/v1/issuing/disputes/{dispute}", UpdateDispute, update),
    Operation("POST", "/v1/issuing/disputes/{dispute}/submit", MetadataParams, submit),
)
