"""Money in and out, and disputes about what was charged."""

from typing import Final

from cardwright.events.domain import EventField, EventType, FieldType
from cardwright.events.types.shapes import (
    AMOUNT,
    CURRENCY,
    EVERYBODY,
    LAST4,
    MERCHANT,
    PAYMENT,
    REASON_CODE,
    USER,
    id_of,
    kind,
    number,
    of_type,
    word,
)

_ORIGIN: Final = word("origin", "`auto` when a rule of the holder asked for it.", "auto", optional=True)
_RETURNED: Final = number("returned", "What was paid out, in minor units.", 2500)


def _top_up(name: str, summary: str) -> EventType:
    fields = (USER, AMOUNT, CURRENCY, _ORIGIN, REASON_CODE)
    return kind(f"funding.{name}", summary, EVERYBODY, "topup", *fields)


def _withdrawal(name: str, summary: str) -> EventType:
    fields = (USER, AMOUNT, _RETURNED, CURRENCY, REASON_CODE)
    return kind(f"funding.{name}", summary, EVERYBODY, "wdr", *fields)


def _chargeback(name: str, summary: str) -> EventType:
    return kind(f"funding.{name}", summary, EVERYBODY, "tdis", USER, AMOUNT, CURRENCY)


def _method(name: str, summary: str) -> EventType:
    return kind(f"funding.{name}", summary, EVERYBODY, "pm", USER, LAST4, REASON_CODE)


def _dispute(name: str, summary: str, *fields: EventField) -> EventType:
    dispute = id_of("dispute_id", "disp", "The dispute.")
    told = (USER, dispute, PAYMENT, AMOUNT, CURRENCY, MERCHANT, *fields)
    return kind(f"disputes.{name}", summary, EVERYBODY, "disp", *told)


TYPES: Final = (
    _top_up("top_up_succeeded", "Money was added to a wallet."),
    _top_up("top_up_failed", "Money could not be added to a wallet."),
    _top_up("top_up_canceled", "Adding money was called off."),
    _top_up("top_up_held_for_review", "Added money is looked at by the gateway first."),
    kind("funding.auto_top_up_set", "A holder wants money added when the balance is low.", EVERYBODY, "user",
         USER),
    kind("funding.auto_top_up_switched_off", "Money is no longer added by itself.", EVERYBODY, "user", USER,
         word("reason_code", "Why, as a stable code.", "failed_repeatedly")),
    _method("payment_method_saved", "A way to add money can be used."),
    _method("payment_method_refused", "A way to add money was not accepted."),
    _method("payment_method_removed", "A way to add money was removed."),
    _withdrawal("withdrawal_succeeded", "Money was paid out of a wallet."),
    _withdrawal("withdrawal_partly_succeeded", "A part of what was to be paid out was; the rest is back."),
    _withdrawal("withdrawal_failed", "Money could not be paid out, and is back in the wallet."),
    _chargeback("top_up_dispute_inquired", "A bank asks about a top-up."),
    _chargeback("top_up_disputed", "A bank took back what was topped up, until it is decided."),
    _chargeback("top_up_dispute_closed", "A bank's question about a top-up came to nothing."),
    _chargeback("top_up_dispute_won", "What a bank took back is ours again."),
    _chargeback("top_up_dispute_lost", "What a bank took back stays with it."),
    _dispute("dispute_opened", "A claim on a payment was begun."),
    _dispute("deadline_near", "A claim must be submitted soon, or never.",
             number("days_left", "How many whole days are left.", 7),
             of_type(FieldType.DATE, "submit_by", "The last day.", "2026-12-01")),
    _dispute("dispute_expired", "A claim was not submitted in time."),
    _dispute("dispute_submitted", "A claim was handed in."),
    _dispute("dispute_returned", "The network gave a claim back; it may be handed in again.",
             word("refusal", "Why, as a stable code.", "evidence_missing", optional=True)),
    _dispute("dispute_withdrawn", "A claim was taken back."),
    _dispute("dispute_credited", "A holder was given disputed money; `amount` is how much."),
    _dispute("dispute_credit_reversed", "Disputed money was taken from a holder again."),
    _dispute("dispute_won", "The network decided for the holder."),
    _dispute("dispute_lost", "The network decided for the merchant.",
             word("loss_reason", "Why, as a stable code.", "merchant_evidence", optional=True)),
)  # fmt: skip
"""What happens to money that comes and goes by other ways than cards."""
