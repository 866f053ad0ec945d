"""Disputes at Stripe Issuing, through the official SDK."""

import io
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any, Final

from stripe import StripeClient

from cardwright.adapters.stripe.client import RequestRefused, reading_answer, translate_errors
from cardwright.adapters.stripe.issuing import SOURCE
from cardwright.disputes import (
    FileKind,
    FileType,
    Filing,
    FilingRefused,
    LossReason,
    Movement,
    NetworkStatus,
    ProductKind,
    Reason,
    ReturnOutcome,
    Snapshot,
)

_BAD_REQUEST: Final = 400
_REASONS: Final[Mapping[Reason, str]] = {
    Reason.FRAUD: "fraudulent",
    Reason.NOT_AUTHORIZED: "no_valid_authorization",
    Reason.CHARGED_TWICE: "duplicate",
    Reason.CANCELED: "canceled",
    Reason.NOT_RECEIVED: "not_received",
    Reason.GOODS_NOT_AS_DESCRIBED: "merchandise_not_as_described",
    Reason.SERVICE_NOT_AS_DESCRIBED: "service_not_as_described",
    Reason.OTHER: "other",
}
_STATUSES: Final[Mapping[str, NetworkStatus]] = {
    "unsubmitted": NetworkStatus.UNSUBMITTED,
    "submitted": NetworkStatus.SUBMITTED,
    "expired": NetworkStatus.EXPIRED,
    "lost": NetworkStatus.LOST,
    "won": NetworkStatus.WON,
}
_LOSS_REASONS: Final[Mapping[str, LossReason]] = {
    "cardholder_authentication_issuer_liability": LossReason.AUTHENTICATED,
    "eci5_token_transaction_with_tavv": LossReason.AUTHENTICATED,
    "transaction_3ds_required": LossReason.AUTHENTICATED,
    "excess_disputes_in_timeframe": LossReason.TOO_MANY_DISPUTES,
    "has_not_met_the_minimum_dispute_amount_requirements": LossReason.AMOUNT_TOO_LOW,
    "invalid_duplicate_dispute": LossReason.NOT_CHARGED_TWICE,
    "invalid_incorrect_amount_dispute": LossReason.AMOUNT_CORRECT,
    "invalid_no_authorization": LossReason.AUTHORIZED,
    "transaction_authorized": LossReason.AUTHORIZED,
    "transaction_electronically_read": LossReason.AUTHORIZED,
    "merchandise_delivered_or_shipped": LossReason.DELIVERED,
    "merchandise_or_service_as_described": LossReason.AS_DESCRIBED,
    "not_cancelled": LossReason.NOT_CANCELED,
    "refund_issued": LossReason.REFUNDED,
    "submitted_beyond_allowable_time_limit": LossReason.TOO_LATE,
}
# What Stripe calls what is told, and what of it belongs to each reason.
_NAMES: Final[Mapping[str, str]] = {
    "explanation": "explanation",
    "product_description": "product_description",
    "product_kind": "product_type",
    "expected_on": "expected_at",
    "received_on": "received_at",
    "canceled_on": "canceled_at",
    "cancellation_reason": "cancellation_reason",
    "cancellation_policy_told": "cancellation_policy_provided",
    "returned_on": "returned_at",
    "return_outcome": "return_status",
    "return_description": "return_description",
}
_PRODUCT: Final = frozenset({"product_description", "product_type"})
_MEMBERS: Final[Mapping[Reason, frozenset[str]]] = {
    Reason.FRAUD: frozenset(),
    Reason.NOT_AUTHORIZED: frozenset(),
    Reason.CHARGED_TWICE: frozenset({"card_statement", "cash_receipt", "check_image"}),
    Reason.CANCELED: _PRODUCT
    | {
        "canceled_at", "cancellation_policy_provided", "cancellation_reason", "expected_at", "return_status",
        "returned_at",
    },
    Reason.NOT_RECEIVED: _PRODUCT | {"expected_at"},
    Reason.GOODS_NOT_AS_DESCRIBED: frozenset(
        {"received_at", "return_description", "return_status", "returned_at"}
    ),
    Reason.SERVICE_NOT_AS_DESCRIBED: frozenset({"canceled_at", "cancellation_reason", "received_at"}),
    Reason.OTHER: _PRODUCT,
}  # fmt: skip
_FILES: Final[Mapping[FileKind, str]] = {
    FileKind.DOCUMENTATION: "additional_documentation",
    FileKind.CARD_STATEMENT: "card_statement",
    FileKind.CASH_RECEIPT: "cash_receipt",
    FileKind.CHECK_IMAGE: "check_image",
}
_VALUES: Final[Mapping[Any, str]] = {
    ProductKind.GOODS: "merchandise",
    ProductKind.SERVICE: "service",
    ReturnOutcome.ACCEPTED: "successful",
    ReturnOutcome.REFUSED: "merchant_rejected",
}


class StripeDisputeNetwork:
    """Keeps the DisputeNetwork port."""

    def __init__(self, client: StripeClient) -> None:
        self._disputes = client.v1.issuing.disputes
        self._files = client.v1.files

    @property
    def source(self) -> str:
        """The name of Stripe's references."""
        return SOURCE

    async def upload(self, content: bytes, file_type: FileType, *, key: str) -> str:
        """Upload a file as evidence."""
        named = io.BytesIO(content)
        named.name = f"evidence.{file_type.rpartition('/')[2]}"
        try:
            with translate_errors():
                uploaded = await self._files.create_async(
                    {"file": named, "purpose": "dispute_evidence"}, {"idempotency_key": key}
                )
        except RequestRefused as error:
            raise _refusal(error, "evidence_file_refused") from error
        with reading_answer():
            return str(uploaded.id)

    async def file(self, filing: Filing, *, key: str) -> Snapshot:
        """Create the dispute of a transaction, or update the one that is not submitted.

        Looked for first: Stripe forgets idempotency keys after a day, a transaction keeps its dispute.
        """
        with translate_errors():
            known = (await self._disputes.list_async({"transaction": filing.clearing_reference})).data
        for dispute in known:
            is_ours = snapshot(dispute.to_dict()).dispute_id == filing.dispute_id
            if dispute.status != "unsubmitted" and is_ours:
                return snapshot(dispute.to_dict())
        unsubmitted = next((it for it in known if it.status == "unsubmitted"), None)
        told = {
            "amount": filing.amount,
            "evidence": evidence(filing),
            "metadata": {"dispute_id": filing.dispute_id},
        }
        options: Any = {"idempotency_key": key}
        try:
            with translate_errors():
                if unsubmitted is None:
                    params: Any = {"transaction": filing.clearing_reference, **told}
                    filed = await self._disputes.create_async(params, options)
                else:
                    changes: Any = told
                    options["idempotency_key"] = f"{key}:{unsubmitted.id}"
                    filed = await self._disputes.update_async(unsubmitted.id, changes, options)
        except RequestRefused as error:
            raise _refusal(error, "network_refused") from error
        with reading_answer():
            return snapshot(filed.to_dict())

    async def submit(self, reference: str, *, key: str) -> Snapshot:
        """Submit a dispute; one that was submitted already is as good."""
        try:
            with translate_errors():
                submitted = await self._disputes.submit_async(reference, {}, {"idempotency_key": key})
        except RequestRefused as error:
            refusal = _refusal(error, "network_refused")
            present = await self.look_up(reference)
            if present.status is NetworkStatus.UNSUBMITTED:
                raise refusal from error
            return present
        with reading_answer():
            return snapshot(submitted.to_dict())

    async def look_up(self, reference: str) -> Snapshot:
        """Retrieve a dispute."""
        with translate_errors():
            found = await self._disputes.retrieve_async(reference)
        with reading_answer():
            return snapshot(found.to_dict())


def snapshot(dispute: Mapping[str, Any]) -> Snapshot:
    """Translate Stripe's dispute object; a status that nobody knows reads as submitted."""
    movements = dispute.get("balance_transactions") or []
    return Snapshot(
        reference=dispute["id"],
        status=_STATUSES.get(dispute["status"], NetworkStatus.SUBMITTED),
        movements=tuple(Movement(it["id"], it["amount"]) for it in movements),
        loss_reason=_loss_reason(dispute.get("loss_reason")),
        dispute_id=dispute["metadata"].get("dispute_id"),
    )


def _loss_reason(theirs: str | None) -> LossReason | None:
    return None if theirs is None else _LOSS_REASONS.get(theirs, LossReason.OTHER)


def evidence(filing: Filing) -> dict[str, Any]:
    """Translate what is told and shown; what does not belong to the reason is left out."""
    allowed = _MEMBERS[filing.reason] | {"explanation", "additional_documentation"}
    told = {
        theirs: _value(getattr(filing.statement, ours))
        for ours, theirs in _NAMES.items()
        if getattr(filing.statement, ours) is not None
    }
    told |= {_FILES[kind]: reference for kind, reference in filing.files.items()}
    group = {name: value for name, value in told.items() if name in allowed}
    if filing.reason is Reason.CHARGED_TWICE:
        group["original_transaction"] = filing.duplicate_reference
    reason = _REASONS[filing.reason]
    return {"reason": reason, reason: group}


def _value(value: Any) -> Any:
    if isinstance(value, date):
        return int(datetime.combine(value, time(), UTC).timestamp())
    return _VALUES.get(value, value)


def _refusal(error: RequestRefused, code: str) -> Exception:
    # Anything but a bad request is a mistake in our settings or code, which no holder can mend.
    return FilingRefused(code) if error.http_status == _BAD_REQUEST else error
